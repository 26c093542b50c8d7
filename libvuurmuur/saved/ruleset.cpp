// SPDX-License-Identifier: GPL-2.0-or-later
#include "saved/ruleset.h"

#include <algorithm>

namespace vuurmuur::saved {

std::optional<std::size_t> Table::find(std::string_view chain) const {
  const auto found = places_.find(chain);
  return found == places_.end() ? std::nullopt : std::optional(found->second);
}

Chain& Table::add(std::string_view chain) {
  if (const auto place = find(chain)) return chains[*place];
  places_.emplace(chain, chains.size());
  return chains.emplace_back(Chain{.name = std::string(chain), .policy = {}, .rules = {}, .span = {}});
}

const Table* Ruleset::find(std::string_view table) const {
  const auto found = std::ranges::find(tables, table, &Table::name);
  return found == tables.end() ? nullptr : &*found;
}

net::Family Ruleset::family() const {
  for (const Table& table : tables)
    for (const Chain& chain : table.chains)
      for (const Rule& rule : chain.rules)
        for (const Match& match : rule.matches) {
          if (match.name == "icmp6") return net::Family::Ipv6;
          if (match.name == "icmp") return net::Family::Ipv4;
          for (const Option& option : match.options)
            if ((option.name == "-s" || option.name == "-d") && !option.values.empty())
              return option.values.front().find(':') == std::string::npos ? net::Family::Ipv4 : net::Family::Ipv6;
        }
  return net::Family::Ipv4;
}

}  // namespace vuurmuur::saved
