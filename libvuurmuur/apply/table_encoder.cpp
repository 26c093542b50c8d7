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

/// How many rules before its turn a rule's matches are fetched.
constexpr std::size_t kAhead = 4;

/// Has the processor fetch a rule's first match. The matches of each rule have memory of their own, and waiting for it
/// was a sixth of the time that encoding took.
void fetch_matches(const ir::Rule& rule) {
  if (rule.matches.empty()) return;
  const auto* const match = reinterpret_cast<const char*>(rule.matches.data());
  __builtin_prefetch(match);
  __builtin_prefetch(match + sizeof(ir::Match) - 1);
}

/// The same for the first rules of a chain.
void fetch_rules(const ir::Chain& chain) {
  constexpr std::size_t kLine = 64;
  const auto* const begin = reinterpret_cast<const char*>(chain.rules.data());
  const std::size_t size = std::min(2 * kAhead, chain.rules.size()) * sizeof(ir::Rule);
  for (std::size_t at = 0; at < size; at += kLine) __builtin_prefetch(begin + at);
}

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
  if (is_own && turn_ < own_chains_.size() && own_chains_[turn_] == id && ++turn_ < own_chains_.size())
    fetch_rules(table_.chain(own_chains_[turn_]));
  const std::size_t begin = ends_.size();
  const std::size_t rules = chain.rules.size();
  for (std::size_t i = 0; i < std::min(kAhead, rules); ++i) fetch_matches(chain.rules[i]);
  for (std::size_t i = 0; i < rules; ++i) {
    if (i + kAhead < rules) fetch_matches(chain.rules[i + kAhead]);
    backend::append_entry(ruleset_, table_, family_, chain.rules[i], options_, buffer);
    ends_.push_back(static_cast<std::uint32_t>(buffer.size()));
  }
  return {buffer.take(is_own ? between_ : 0), std::span(ends_).subspan(begin)};
}

}  // namespace vuurmuur::apply
