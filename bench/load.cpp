// SPDX-License-Identifier: GPL-2.0-or-later
#include "load.h"

#include <algorithm>
#include <vector>

#include "apply/apply.h"
#include "apply/xtables_socket.h"
#include "exchange.h"
#include "process.h"

namespace vuurmuur::bench {
namespace {

base::Result<void> apply_once(const LoadCase& load, const ir::Ruleset& ruleset) {
  const auto kernel = apply::make_kernel();
  apply::Options options;
  options.state_directory = load.directory + "/state";
  VM_TRY(apply::apply(*kernel, ruleset, options));
  return {};
}

base::Result<Cost> load_ours(const LoadCase& load) {
  Meter meter;
  VM_TRY_VOID(apply_once(load, load.ruleset));
  return meter.lap();
}

/// The same policy without the last rule of its largest filter chain, in both families.
ir::Ruleset with_one_rule_less(ir::Ruleset ruleset) {
  for (const net::Family family : net::kFamilies) {
    ir::Table& filter = ruleset.rules(family).table(ir::TableName::Filter);
    const auto largest =
        std::ranges::max_element(filter.chains(), {}, [](const ir::Chain& chain) { return chain.rules.size(); });
    filter.chain(*filter.find(largest->name)).rules.pop_back();
  }
  return ruleset;
}

/// Over the same policy with one rule less.
base::Result<Cost> reload_ours(const LoadCase& load) {
  VM_TRY_VOID(apply_once(load, with_one_rule_less(load.ruleset)));
  Meter meter;
  VM_TRY_VOID(apply_once(load, load.ruleset));
  return meter.lap();
}

/// Into empty tables. Not in another namespace than the one in which they were made, because they may ask sets.
base::Result<Cost> exchange_empty(const LoadCase& load) {
  const auto empty = VM_TRY(read_tables(load.ruleset));
  VM_TRY_VOID(apply_once(load, load.ruleset));
  const auto full = VM_TRY(read_tables(load.ruleset));
  for (const apply::TableSnapshot& table : empty) VM_TRY_VOID(apply::write_snapshot(table));
  return exchange(full);
}

/// Filter alone, which is what a reload with a changed filter rule exchanges.
base::Result<Cost> exchange_full(const LoadCase& load) {
  VM_TRY_VOID(apply_once(load, load.ruleset));
  auto tables = VM_TRY(read_tables(load.ruleset));
  VM_TRY_VOID(apply_once(load, with_one_rule_less(load.ruleset)));
  std::erase_if(tables, [](const apply::TableSnapshot& table) { return table.table != ir::TableName::Filter; });
  return exchange(tables);
}

/// Both families by the restore programs of one kind.
base::Result<Cost> restore(const LoadCase& load, const std::string& kind) {
  const Cost v4 = VM_TRY(run_program({"iptables-" + kind + "-restore"}, load.directory + "/v4"));
  const Cost v6 = VM_TRY(run_program({"ip6tables-" + kind + "-restore"}, load.directory + "/v6"));
  return v4 + v6;
}

base::Result<Cost> restore_legacy(const LoadCase& load) { return restore(load, "legacy"); }

std::optional<std::string> always_there() { return std::nullopt; }

std::optional<std::string> no_legacy_restore() {
  if (find_program("iptables-legacy-restore")) return std::nullopt;
  return "iptables-legacy-restore is not installed";
}

}  // namespace

std::span<const Loader> loaders() {
  static constexpr Loader kLoaders[] = {
      {"vuurmuur apply", true, always_there, load_ours},
      {"the kernel's SET_REPLACE alone, same tables", false, always_there, exchange_empty},
      {"iptables-legacy-restore", false, no_legacy_restore, restore_legacy},
      {"vuurmuur apply, one filter rule more", true, always_there, reload_ours},
      {"the kernel's SET_REPLACE alone of that", false, always_there, exchange_full},
  };
  return kLoaders;
}

}  // namespace vuurmuur::bench
