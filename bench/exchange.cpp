// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange.h"

#include "apply/xtables_socket.h"

namespace vuurmuur::bench {

base::Result<std::vector<apply::TableSnapshot>> read_tables(const ir::Ruleset& ruleset) {
  std::vector<apply::TableSnapshot> tables;
  for (const net::Family family : net::kFamilies)
    for (const ir::Table& table : ruleset.rules(family).tables)
      if (!table.is_empty()) tables.push_back(VM_TRY(apply::read_snapshot(family, table.name())));
  return tables;
}

base::Result<Cost> exchange(std::span<const apply::TableSnapshot> tables) {
  Cost cost;
  for (const apply::TableSnapshot& table : tables) {
    const apply::TableSocket socket = VM_TRY(apply::TableSocket::open(table.family, table.table));
    std::vector<std::byte> request = apply::replace_request(table);
    ipt_getinfo now;
    if (const int code = socket.read_info(now); code != 0) return base::system_error("read a table", code);
    std::vector<xt_counters> counters(now.num_entries);
    Meter meter;
    if (const int code = socket.replace(request, counters); code != 0)
      return base::system_error("exchange a table", code);
    cost = cost + meter.lap();
  }
  return cost;
}

}  // namespace vuurmuur::bench
