// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends.h"

#include "lab/namespace.h"
#include "policy.h"
#include "probes.h"

namespace vuurmuur::bench {

std::span<const BackendRow> available_backends() {
  static constexpr BackendRow kBackends[] = {
      {"xtables", apply::Backend::Xtables},
      {"nft", apply::Backend::Nft},
  };
  return kBackends;
}

std::optional<std::string> queues_missing(const BackendRow& backend) {
  const auto ruleset = compile_tree(queue_policy(1).tree);
  if (!ruleset) return ruleset.error().message;
  const lab::NetNamespace scratch;
  const lab::Inside there(scratch);
  const auto kernel = apply::make_kernel();
  apply::Options options;
  options.backend = backend.backend;
  options.state_directory = "/run/queues-missing";
  const auto report = apply::apply(*kernel, *ruleset, options);
  if (report) return std::nullopt;
  return report.error().message;
}

}  // namespace vuurmuur::bench
