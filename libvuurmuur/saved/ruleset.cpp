// SPDX-License-Identifier: GPL-2.0-or-later
#include "saved/ruleset.h"

#include <algorithm>

namespace vuurmuur::saved {

std::optional<std::size_t> Table::find(std::string_view chain) const {
  const auto found = places_.find(std::string(chain));
  return found == places_.end() ? std::nullopt : std::optional(found->second);
}

Chain& Table::add(std::string_view chain) {
  const auto [place, is_new] = places_.emplace(chain, chains.size());
  if (is_new) chains.push_back({.name = std::string(chain), .policy = {}, .rules = {}, .span = {}});
  return chains[place->second];
}

const Table* Ruleset::find(std::string_view table) const {
  const auto found = std::ranges::find(tables, table, &Table::name);
  return found == tables.end() ? nullptr : &*found;
}

}  // namespace vuurmuur::saved
