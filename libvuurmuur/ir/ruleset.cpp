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
  const auto found = by_name_.find(std::string(chain_name));
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

ChainId Table::chain_named(std::string_view chain_name, ChainKind kind) {
  const auto [entry, is_new] = by_name_.try_emplace(std::string(chain_name), static_cast<ChainId>(chains_.size()));
  if (is_new)
    chains_.push_back(
        Chain{.name = std::string(chain_name), .kind = kind, .hook = {}, .policy_drop = false, .rules = {}});
  return entry->second;
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
  std::vector<ChainId> renumbered(chains_.size());
  std::vector<Chain> kept;
  for (std::size_t i = 0; i < chains_.size(); ++i) {
    if (!keep[i] && chains_[i].kind == ChainKind::Own) continue;
    renumbered[i] = static_cast<ChainId>(kept.size());
    kept.push_back(std::move(chains_[i]));
  }
  chains_ = std::move(kept);
  by_name_.clear();
  for (std::size_t i = 0; i < chains_.size(); ++i) {
    by_name_.emplace(chains_[i].name, static_cast<ChainId>(i));
    for (Rule& rule : chains_[i].rules) {
      if (auto* jump = std::get_if<JumpTarget>(&rule.target))
        jump->chain = renumbered[static_cast<std::size_t>(jump->chain)];
      if (auto* jump = std::get_if<GotoTarget>(&rule.target))
        jump->chain = renumbered[static_cast<std::size_t>(jump->chain)];
    }
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
