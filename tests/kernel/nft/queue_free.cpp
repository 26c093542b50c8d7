// SPDX-License-Identifier: GPL-2.0-or-later
#include "queue_free.h"

#include <algorithm>

#include "lab/namespace.h"
#include "lab/requirement.h"
#include "lab/run.h"

namespace vuurmuur::backend::nft {

bool kernel_has_queue() {
  static const bool has = [] {
    const lab::NetNamespace space;
    const lab::Inside inside(space);
    const auto tried = lab::run({"nft", "-f", "-"}, "table ip t {\nchain c {\nqueue to 1\n}\n}\n");
    return lab::kernel_has("expression \"queue\" of nf_tables", tried.status == 0);
  }();
  return has;
}

Program for_this_kernel(Program program) {
  if (kernel_has_queue()) return program;
  for (Chain& chain : program.chains)
    std::erase_if(chain.rules, [](const Rule& rule) {
      return std::ranges::any_of(rule.statements, [](const Statement& statement) {
        return std::holds_alternative<Queue>(statement) || std::holds_alternative<MapQueue>(statement);
      });
    });
  return program;
}

}  // namespace vuurmuur::backend::nft
