// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/encoded_table.h"

#include <algorithm>

#include "apply/entry_layout.h"
#include "backend/xtables_entry.h"

namespace vuurmuur::apply {
namespace {

/// Before the first chain and behind the last: built-in chains and those of others seldom need more.
constexpr std::size_t kAround = 64 << 10;
/// More than nearly every rule has, comment included: the room costs nothing where nothing is written.
constexpr std::size_t kRoomForRule = 1024;

std::vector<ir::ChainId> own_chains_by_name(const ir::Table& table) {
  std::vector<ir::ChainId> ids;
  for (std::size_t i = 0; i < table.chains().size(); ++i)
    if (table.chains()[i].kind == ir::ChainKind::Own) ids.push_back(static_cast<ir::ChainId>(i));
  std::ranges::sort(ids, {}, [&](ir::ChainId id) -> const std::string& { return table.chain(id).name; });
  return ids;
}

}  // namespace

EncodedTable::EncodedTable(const ir::Ruleset& ruleset, const ir::Table& table, net::Family family,
                           const backend::TextOptions& options)
    : places_(table.chains().size()), own_chains_(own_chains_by_name(table)) {
  const std::size_t rules = table.rule_count();
  const EntryLayout layout = layout_of(family);
  const std::size_t between = layout.verdict_size + layout.name_size;
  ends_.reserve(rules);
  const auto encode = [&](ir::ChainId id, backend::EntryBuffer& buffer, std::size_t gap) {
    Place& place = places_[static_cast<std::size_t>(id)];
    place.begin = ends_.size();
    for (const ir::Rule& rule : table.chain(id).rules) {
      backend::append_entry(ruleset, table, family, rule, options, buffer);
      ends_.push_back(static_cast<std::uint32_t>(buffer.size()));
    }
    place.end = ends_.size();
    place.block = buffer.take(gap);
  };
  backend::EntryBuffer own(rules * kRoomForRule + places_.size() * between + kAround, kAround), builtin;
  for (const ir::ChainId id : own_chains_) encode(id, own, between);
  for (std::size_t i = 0; i < places_.size(); ++i)
    if (table.chains()[i].kind == ir::ChainKind::Builtin) encode(static_cast<ir::ChainId>(i), builtin, 0);
}

EncodedChain EncodedTable::chain(ir::ChainId chain) const {
  const Place& place = places_[static_cast<std::size_t>(chain)];
  return {place.block, std::span(ends_).subspan(place.begin, place.end - place.begin)};
}

}  // namespace vuurmuur::apply
