// SPDX-License-Identifier: GPL-2.0-or-later
#include "ir/ruleset.h"

#include "base/assert.h"

namespace vuurmuur::ir {

std::string_view to_string(Hook hook) {
  switch (hook) {
    case Hook::Prerouting: return "PREROUTING";
    case Hook::Input: return "INPUT";
    case Hook::Forward: return "FORWARD";
    case Hook::Output: return "OUTPUT";
    case Hook::Postrouting: return "POSTROUTING";
  }
  return {};
}

std::string_view to_string(TableName table) {
  switch (table) {
    case TableName::Raw: return "raw";
    case TableName::Mangle: return "mangle";
    case TableName::Nat: return "nat";
    case TableName::Filter: return "filter";
  }
  return {};
}

std::vector<Hook> hooks_of(TableName table) {
  using enum Hook;
  switch (table) {
    case TableName::Raw: return {Prerouting, Output};
    case TableName::Mangle: return {Prerouting, Input, Forward, Output, Postrouting};
    case TableName::Nat: return {Prerouting, Input, Output, Postrouting};
    case TableName::Filter: return {Input, Forward, Output};
  }
  return {};
}

Table::Table(TableName name) : name_(name) {
  for (const Hook hook : hooks_of(name)) {
    const ChainId id = chain_named(to_string(hook), ChainKind::Builtin);
    chain(id).hook = hook;
  }
}

Chain& Table::chain(ChainId id) { return chains_.at(static_cast<std::size_t>(id)); }

const Chain& Table::chain(ChainId id) const { return chains_.at(static_cast<std::size_t>(id)); }

ChainId Table::builtin(Hook hook) const {
  const auto id = find(to_string(hook));
  VM_ASSERT(id.has_value());
  return *id;
}

std::optional<ChainId> Table::find(std::string_view chain_name) const {
  const auto found = by_name_.find(chain_name, [this](std::uint32_t i) -> std::string_view { return chains_[i].name; });
  if (!found) return std::nullopt;
  return static_cast<ChainId>(*found);
}

ChainId Table::chain_named(std::string_view chain_name, ChainKind kind) {
  if (const auto there = find(chain_name)) return *there;
  const auto place = static_cast<std::uint32_t>(chains_.size());
  chains_.push_back(
      Chain{.name = std::string(chain_name), .kind = kind, .hook = {}, .policy_drop = false, .rules = {}});
  by_name_.add(chains_.back().name, place);
  return static_cast<ChainId>(place);
}

bool Table::is_empty() const {
  for (const Chain& chain : chains_)
    if (!chain.rules.empty() || chain.policy_drop) return false;
  return true;
}

std::size_t Table::rule_count() const {
  std::size_t count = 0;
  for (const Chain& chain : chains_) count += chain.rules.size();
  return count;
}

void Table::retain_chains(const std::vector<bool>& keep) {
  VM_ASSERT(keep.size() == chains_.size());
  const auto stays = [&](std::size_t i) { return keep[i] || chains_[i].kind != ChainKind::Own; };
  std::size_t first = 0;
  while (first < chains_.size() && stays(first)) ++first;
  if (first == chains_.size()) return;
  constexpr std::uint32_t kGone = UINT32_MAX;
  std::vector<std::uint32_t> renumbered(chains_.size(), kGone);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < chains_.size(); ++i) {
    if (!stays(i)) continue;
    renumbered[i] = static_cast<std::uint32_t>(kept);
    if (kept != i) chains_[kept] = std::move(chains_[i]);
    ++kept;
  }
  chains_.erase(chains_.begin() + static_cast<std::ptrdiff_t>(kept), chains_.end());
  by_name_.renumber(
      [&](std::uint32_t i) { return renumbered[i] == kGone ? std::nullopt : std::optional(renumbered[i]); });
  const auto renumber = [&](ChainId& id) { id = static_cast<ChainId>(renumbered[static_cast<std::size_t>(id)]); };
  for (Chain& chain : chains_)
    for (Rule& rule : chain.rules) {
      if (auto* jump = std::get_if<JumpTarget>(&rule.target)) renumber(jump->chain);
      if (auto* jump = std::get_if<GotoTarget>(&rule.target)) renumber(jump->chain);
    }
}

const Set* Ruleset::find_set(std::string_view name) const {
  for (const Set& set : sets)
    if (set.name == name) return &set;
  return nullptr;
}

OriginId Ruleset::add_origin(std::string label, std::string place) {
  origins.push_back(Origin{std::move(label), std::move(place)});
  return static_cast<OriginId>(origins.size() - 1);
}

std::size_t Ruleset::rule_count() const {
  std::size_t count = 0;
  for (const net::Family family : net::kFamilies)
    for (const Table& table : rules(family).tables) count += table.rule_count();
  return count;
}

}  // namespace vuurmuur::ir
