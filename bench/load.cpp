// SPDX-License-Identifier: GPL-2.0-or-later
#include "load.h"

#include <algorithm>
#include <vector>

#include "apply/apply.h"
#include "apply/xtables_socket.h"
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
base::Result<double> reload_ours(const LoadCase& load) {
  const auto kernel = apply::make_kernel();
  apply::Options options;
  options.state_directory = load.directory + "/state";
  VM_TRY(apply::apply(*kernel, with_one_rule_less(load.ruleset), options));
  Stopwatch watch;
  VM_TRY(apply::apply(*kernel, load.ruleset, options));
  return watch.lap();
}

/// The tables that hold the policy's rules, as the kernel gives them.
base::Result<std::vector<apply::TableSnapshot>> loaded_tables(const LoadCase& load, const ir::Ruleset& ruleset) {
  const auto kernel = apply::make_kernel();
  apply::Options options;
  options.state_directory = load.directory + "/state";
  VM_TRY(apply::apply(*kernel, ruleset, options));
  std::vector<apply::TableSnapshot> tables;
  for (const net::Family family : net::kFamilies)
    for (const ir::Table& table : ruleset.rules(family).tables)
      if (!table.is_empty()) tables.push_back(VM_TRY(apply::read_snapshot(family, table.name())));
  return tables;
}

/// Milliseconds that the kernel takes for the exchange of tables alone.
base::Result<double> exchange(const std::vector<apply::TableSnapshot>& tables) {
  double milliseconds = 0;
  for (const apply::TableSnapshot& table : tables) {
    const apply::TableSocket socket = VM_TRY(apply::TableSocket::open(table.family, table.table));
    std::vector<std::byte> request = apply::replace_request(table);
    ipt_getinfo now;
    if (const int code = socket.read_info(now); code != 0) return base::system_error("read a table", code);
    std::vector<xt_counters> counters(now.num_entries);
    Stopwatch watch;
    if (const int code = socket.replace(request, counters); code != 0)
      return base::system_error("exchange a table", code);
    milliseconds += watch.lap();
  }
  return milliseconds;
}

base::Result<double> exchange_empty(const LoadCase& load) {
  const auto tables = VM_TRY(loaded_tables(load, load.ruleset));
  VM_TRY_VOID(fresh_network());
  return exchange(tables);
}

/// Filter alone, which is what a reload with a changed filter rule exchanges.
base::Result<double> exchange_full(const LoadCase& load) {
  auto tables = VM_TRY(loaded_tables(load, load.ruleset));
  VM_TRY_VOID(fresh_network());
  VM_TRY(loaded_tables(load, with_one_rule_less(load.ruleset)));
  std::erase_if(tables, [](const apply::TableSnapshot& table) { return table.table != ir::TableName::Filter; });
  return exchange(tables);
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
      {"the kernel's SET_REPLACE alone, same tables", always_there, nullptr, exchange_empty},
      {"iptables-legacy-restore", no_legacy_restore, nullptr, restore_legacy},
      {"vuurmuur apply, xtables, one filter rule more", always_there, nullptr, reload_ours},
      {"the kernel's SET_REPLACE alone of that", always_there, nullptr, exchange_full},
  };
  return kLoaders;
}

}  // namespace vuurmuur::bench
