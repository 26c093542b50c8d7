// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/nft_counting.h"

#include <algorithm>
#include <unordered_set>

#include "backend/iptables_save.h"
#include "ir/name_index.h"
#include "ir/walk.h"

namespace vuurmuur::backend::nft {
namespace {

/// Targets after which the next rule is asked.
bool is_effect(const ir::Target& target) {
  return std::holds_alternative<ir::NflogTarget>(target) || std::holds_alternative<ir::ConnmarkTarget>(target) ||
         std::holds_alternative<ir::MarkTarget>(target) || std::holds_alternative<ir::CtHelperTarget>(target) ||
         std::holds_alternative<ir::TcpmssTarget>(target);
}

/// The sets that some rule asks.
std::unordered_set<std::string_view> asked_sets(const ir::Ruleset& ruleset) {
  std::unordered_set<std::string_view> names;
  for (const net::Family family : net::kFamilies)
    for (const ir::Table& table : ruleset.rules(family).tables)
      for (const ir::Chain& chain : table.chains())
        for (const ir::Rule& rule : chain.rules)
          if (!rule.matches.empty())
            if (const auto* match = std::get_if<ir::SetMatch>(&rule.matches.back())) names.insert(match->set);
  return names;
}

}  // namespace

Counting::Counting(const ir::Ruleset& ruleset) {
  ir::NameIndex ids;
  label_of_.reserve(ruleset.origins.size());
  labels_.reserve(ruleset.origins.size());
  for (std::size_t i = 0; i < ruleset.origins.size(); ++i) {
    std::string label = comment_text(ruleset, static_cast<ir::OriginId>(i));
    auto id = ids.find(label, [this](std::uint32_t at) -> std::string_view { return labels_[at]; });
    if (!id) {
      id = static_cast<std::uint32_t>(labels_.size());
      ids.add(label, *id);
      labels_.push_back(std::move(label));
    }
    label_of_.push_back(*id);
  }
  place_.assign(labels_.size(), Place::None);
  for (const net::Family family : net::kFamilies)
    for (const ir::Table& table : ruleset.rules(family).tables) {
      const OfTable rules(*this, table);
      for (const ir::Chain& chain : table.chains()) {
        if (chain.kind != ir::ChainKind::Own) continue;
        for (const ir::Rule& rule : chain.rules)
          if (rules.may_count(rule)) see(label_of(rule.origin), place_of(table.name(), rule.target));
      }
    }
  const auto asked = asked_sets(ruleset);
  for (const ir::Set& set : ruleset.sets)
    if (set.is_counted && asked.contains(set.name))
      for (const ir::SetElement& element : set.elements) see(label_of(element.origin), Place::FilterVerdict);
}

Counting::Place Counting::place_of(ir::TableName table, const ir::Target& target) {
  switch (table) {
    case ir::TableName::Filter: return is_effect(target) ? Place::FilterEffect : Place::FilterVerdict;
    case ir::TableName::Nat: return Place::Nat;
    case ir::TableName::Raw: return is_effect(target) ? Place::RawEffect : Place::RawVerdict;
    case ir::TableName::Mangle: return Place::Mangle;
  }
  return Place::Mangle;
}

void Counting::see(std::uint32_t label, Place place) { place_[label] = std::min(place_[label], place); }

Counting::OfTable::OfTable(const Counting& counting, const ir::Table& table) : counting_(counting), table_(table) {
  for (const ir::Chain& chain : table.chains()) {
    std::vector<std::uint32_t>& labels = decides_for_.emplace_back();
    if (chain.kind != ir::ChainKind::Own) continue;
    for (const ir::Rule& rule : chain.rules)
      if (rule.commented && !is_effect(rule.target)) labels.push_back(counting.label_of(rule.origin));
    std::ranges::sort(labels);
  }
}

bool Counting::OfTable::may_count(const ir::Rule& rule) const {
  const std::uint32_t label = counting_.label_of(rule.origin);
  if (!rule.commented || counting_.labels_[label].empty()) return false;
  const auto next = ir::next_chain(rule);
  return !next || !std::ranges::binary_search(decides_for_[static_cast<std::size_t>(*next)], label);
}

bool Counting::OfTable::counts(const ir::Rule& rule) const {
  return may_count(rule) && place_of(table_.name(), rule.target) == counting_.place_[counting_.label_of(rule.origin)];
}

}  // namespace vuurmuur::backend::nft
