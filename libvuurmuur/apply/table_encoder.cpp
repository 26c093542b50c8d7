// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/table_encoder.h"

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

std::size_t between_chains(net::Family family) {
  const EntryLayout layout = layout_of(family);
  return layout.verdict_size + layout.name_size;
}

}  // namespace

TableEncoder::TableEncoder(const ir::Ruleset& ruleset, const ir::Table& table, net::Family family,
                           backend::TextOptions options)
    : ruleset_(ruleset),
      table_(table),
      family_(family),
      options_(options),
      own_chains_(own_chains_by_name(table)),
      between_(between_chains(family)),
      own_(table.rule_count() * kRoomForRule + table.chains().size() * between_ + kAround, kAround) {
  ends_.reserve(table.rule_count());
}

EncodedChain TableEncoder::encode(ir::ChainId id) {
  const ir::Chain& chain = table_.chain(id);
  const bool is_own = chain.kind == ir::ChainKind::Own;
  backend::EntryBuffer& buffer = is_own ? own_ : built_in_;
  const std::size_t begin = ends_.size();
  for (const ir::Rule& rule : chain.rules) {
    backend::append_entry(ruleset_, table_, family_, rule, options_, buffer);
    ends_.push_back(static_cast<std::uint32_t>(buffer.size()));
  }
  return {buffer.take(is_own ? between_ : 0), std::span(ends_).subspan(begin)};
}

}  // namespace vuurmuur::apply
