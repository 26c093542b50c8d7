// SPDX-License-Identifier: GPL-2.0-or-later
#include "support/engine.h"

#include "apply/engine_support.h"
#include "base/strings.h"
#include "lab/requirement.h"

namespace vuurmuur::kernel_test {
namespace {

apply::Backend engine = apply::Backend::Xtables;

bool queues(std::string_view line) { return line.starts_with("RULE=\"nfqueue ") || line.starts_with("RULE=\"queue "); }

}  // namespace

apply::Backend engine_under_test() { return engine; }
void set_engine_under_test(apply::Backend wanted) { engine = wanted; }

bool can_queue(apply::Backend wanted) {
  if (wanted == apply::Backend::Xtables) return true;
  static const bool has =
      lab::kernel_has("queue expression in nf_tables", apply::probe_engines(*apply::make_kernel()).has_nft_queue);
  return has;
}

Files for_engine_under_test(Files files) {
  if (can_queue(engine)) return files;
  std::string kept;
  for (const std::string_view line : base::split(files["rules/rules.conf"], '\n'))
    if (!queues(line)) kept.append(line) += '\n';
  files["rules/rules.conf"] = kept;
  return files;
}

}  // namespace vuurmuur::kernel_test
