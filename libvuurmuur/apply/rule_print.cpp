// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/rule_print.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "apply/entry.h"

namespace vuurmuur::apply {
namespace {

constexpr std::size_t kMostNamed = 4;

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  // The multiplier of splitmix64's last step.
  hash = (hash ^ value) * 0x94d049bb133111ebULL;
  return hash ^ hash >> 29;
}

RulePrint::Chain print_chain(KernelTable& table, net::Family family, const std::string& name) {
  RulePrint::Chain chain;
  const bool is_own = is_own_chain(name);
  for (const void* entry = table.first_rule(name); entry != nullptr; entry = table.next_rule(entry)) {
    const std::string_view target = table.target_of(entry);
    // What others have in built-in chains is theirs.
    if (!is_own && !is_own_chain(target)) continue;
    ++chain.rules;
    chain.hash = mixed(chain.hash, rule_hash(family, entry, target));
  }
  if (const auto policy = table.policy(name)) chain.drops = policy->drop;
  return chain;
}

template <class Visit>
base::Result<void> for_each_table(Kernel& kernel, std::span<const net::Family> families, const Visit& visit) {
  for (const net::Family family : families) {
    if (!kernel.has_family(family)) continue;
    for (const ir::TableName name : ir::kTables)
      if (kernel.may_have_table(family, name)) VM_TRY_VOID(visit(family, name));
  }
  return {};
}

class Differences {
 public:
  void add(const RulePrint::Place& place, const std::string& what) {
    if (++count_ > kMostNamed) return;
    const std::string table = describe(place.first, place.second);
    if (table != table_)
      text_ += fmt::format("{}{}: ", text_.empty() ? "" : "; ", table);
    else
      text_ += ", ";
    table_ = table;
    text_ += what;
  }
  [[nodiscard]] std::string text() const {
    return count_ > kMostNamed ? fmt::format("{} and {} more", text_, count_ - kMostNamed) : text_;
  }

 private:
  std::size_t count_ = 0;
  std::string text_, table_;
};

void compare_chain(const RulePrint::Place& place, const std::string& name, const RulePrint::Chain& before,
                   const RulePrint::Chain& now, Differences& found) {
  const std::string of = is_own_chain(name) ? "" : "jumps to ours: ";
  if (now.rules != before.rules)
    found.add(place, fmt::format("chain {} has {}{} rules instead of {}", name, of, now.rules, before.rules));
  else if (now.hash != before.hash)
    found.add(place, fmt::format("chain {} was changed", name));
  if (now.drops != before.drops)
    found.add(place, fmt::format("policy of {} is {}", name, now.drops ? "DROP" : "ACCEPT"));
}

}  // namespace

base::Result<RulePrint> print_rules(Kernel& kernel, std::span<const net::Family> families) {
  RulePrint print;
  const auto read = for_each_table(kernel, families, [&](net::Family family, ir::TableName name) -> base::Result<void> {
    auto opened = kernel.open_table(family, name);
    if (!opened && opened.error().code == ENOENT) return {};
    const auto table = VM_TRY(std::move(opened));
    std::map<std::string, RulePrint::Chain> chains;
    bool has_own = false;
    for (const std::string& chain : table->chains()) {
      const bool is_built_in = table->policy(chain).has_value();
      if (!is_built_in && !is_own_chain(chain)) continue;
      has_own |= !is_built_in;
      chains.emplace(chain, print_chain(*table, family, chain));
    }
    if (has_own) print.tables.emplace(std::pair(family, name), std::move(chains));
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return print;
}

void replace_tables(RulePrint& print, const RulePrint& by, std::span<const net::Family> families) {
  const auto is_one = [&](const auto& table) { return std::ranges::find(families, table.first.first) != families.end(); };
  std::erase_if(print.tables, is_one);
  for (const auto& table : by.tables)
    if (is_one(table)) print.tables.insert(table);
}

std::string differences(const RulePrint& before, const RulePrint& now) {
  Differences found;
  for (const auto& [place, chains] : before.tables) {
    const auto table = now.tables.find(place);
    if (table == now.tables.end()) {
      found.add(place, "all of our chains are gone");
      continue;
    }
    for (const auto& [name, chain] : chains) {
      if (const auto there = table->second.find(name); there != table->second.end())
        compare_chain(place, name, chain, there->second, found);
      else
        found.add(place, fmt::format("chain {} is gone", name));
    }
    for (const auto& [name, chain] : table->second)
      if (!chains.contains(name)) found.add(place, fmt::format("chain {} was added", name));
  }
  for (const auto& [place, chains] : now.tables)
    if (!before.tables.contains(place)) found.add(place, "chains with names of ours were added");
  return found.text();
}

base::Result<std::vector<std::uint64_t>> table_sizes(Kernel& kernel) {
  std::vector<std::uint64_t> sizes;
  const auto read = for_each_table(kernel, net::kFamilies, [&](net::Family family, ir::TableName name) -> base::Result<void> {
    const auto size = kernel.table_size(family, name);
    if (!size && size.error().code != ENOENT) return std::unexpected(size.error());
    sizes.push_back(size.value_or(0));
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return sizes;
}

}  // namespace vuurmuur::apply
