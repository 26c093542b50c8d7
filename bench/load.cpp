// SPDX-License-Identifier: GPL-2.0-or-later
#include "load.h"

#include "apply/apply.h"
#include "process.h"
#include "samples.h"

namespace vuurmuur::bench {
namespace {

template <apply::Backend kBackend>
base::Result<double> load_ours(const LoadCase& load) {
  const auto kernel = apply::make_kernel();
  apply::Options options;
  options.backend = kBackend;
  options.state_directory = load.directory + "/state";
  Stopwatch watch;
  VM_TRY(apply::apply(*kernel, load.ruleset, options));
  return watch.lap();
}

/// Both families by the restore programs of one kind.
base::Result<double> restore(const LoadCase& load, const std::string& kind) {
  const Cost v4 = VM_TRY(run_program({"iptables-" + kind + "-restore"}, load.directory + "/v4"));
  const Cost v6 = VM_TRY(run_program({"ip6tables-" + kind + "-restore"}, load.directory + "/v6"));
  return v4.wall_ms + v6.wall_ms;
}

base::Result<double> restore_legacy(const LoadCase& load) { return restore(load, "legacy"); }

std::optional<std::string> always_there() { return std::nullopt; }

std::optional<std::string> no_legacy_restore() {
  if (find_program("iptables-legacy-restore")) return std::nullopt;
  return "iptables-legacy-restore is not installed";
}

}  // namespace

std::span<const Loader> own_loaders() {
  static constexpr Loader kLoaders[] = {
      {"vuurmuur apply, xtables", always_there, nullptr, load_ours<apply::Backend::Xtables>},
      {"iptables-legacy-restore", no_legacy_restore, nullptr, restore_legacy},
  };
  return kLoaders;
}

}  // namespace vuurmuur::bench
