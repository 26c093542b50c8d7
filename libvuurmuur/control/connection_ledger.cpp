// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/connection_ledger.h"

#include <utility>

namespace vuurmuur::control {

std::optional<std::size_t> ConnectionNotes::place(std::uint32_t id) const {
  if (slots_.empty()) return std::nullopt;
  for (std::size_t at = home(id); slots_[at].is_used; at = (at + 1) & mask())
    if (slots_[at].id == id) return at;
  return std::nullopt;
}

void ConnectionNotes::put(const Slot& slot) {
  std::size_t at = home(slot.id);
  while (slots_[at].is_used) at = (at + 1) & mask();
  slots_[at] = slot;
}

void ConnectionNotes::grow() {
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.empty() ? 16 : 2 * slots_.size()));
  for (const Slot& slot : old)
    if (slot.is_used) put(slot);
}

bool ConnectionNotes::add(std::uint32_t id, const ConnectionNote& note) {
  if (place(id)) return false;
  if (2 * (count_ + 1) > slots_.size()) grow();
  Slot slot;
  slot.id = id;
  slot.second = note.second & 0x7fffffffu;
  slot.is_used = 1;
  slot.rule = note.rule;
  put(slot);
  ++count_;
  return true;
}

void ConnectionNotes::set_rule(std::uint32_t id, std::uint32_t rule) {
  if (const auto at = place(id)) slots_[*at].rule = rule;
}

std::optional<ConnectionNote> ConnectionNotes::find(std::uint32_t id) const {
  const auto at = place(id);
  return at ? std::optional(slots_[*at].note()) : std::nullopt;
}

/// What stands behind it and would not be found any more moves up.
std::optional<ConnectionNote> ConnectionNotes::remove(std::uint32_t id) {
  const auto at = place(id);
  if (!at) return std::nullopt;
  const ConnectionNote note = slots_[*at].note();
  std::size_t hole = *at;
  for (std::size_t next = (hole + 1) & mask(); slots_[next].is_used; next = (next + 1) & mask()) {
    const std::size_t from_home = (next - home(slots_[next].id)) & mask(), from_hole = (next - hole) & mask();
    if (from_home < from_hole) continue;
    slots_[hole] = slots_[next];
    hole = next;
  }
  slots_[hole] = {};
  --count_;
  return note;
}

bool ConnectionLedger::begin(std::uint32_t id, std::uint32_t second) {
  const ConnectionNote note{.second = second};
  if (!is_looking_) return known_.add(id, note);
  ended_.remove(id);
  const auto known = known_.find(id);
  return seen_.add(id, known.value_or(note)) && !known;
}

void ConnectionLedger::set_rule(std::uint32_t id, std::uint32_t rule) {
  known_.set_rule(id, rule);
  if (is_looking_) seen_.set_rule(id, rule);
}

ConnectionLedger::End ConnectionLedger::end(std::uint32_t id) {
  auto note = known_.remove(id);
  if (is_looking_) {
    if (const auto seen = seen_.remove(id)) note = seen;
    ended_.add(id, {});
  }
  if (!note) return {};
  return {.was_known = true,
          .began = note->second == kUnknown ? std::nullopt : std::optional(note->second),
          .rule = note->rule};
}

void ConnectionLedger::begin_looking() {
  seen_ = {};
  ended_ = {};
  is_looking_ = true;
}

bool ConnectionLedger::see(std::uint32_t id) {
  if (ended_.contains(id)) return false;
  const auto known = known_.find(id);
  return seen_.add(id, known.value_or(ConnectionNote{.second = kUnknown})) && !known;
}

std::size_t ConnectionLedger::end_looking() {
  std::size_t missed = 0;
  known_.for_each([&](std::uint32_t id, const ConnectionNote&) { missed += seen_.contains(id) ? 0 : 1; });
  known_ = std::exchange(seen_, {});
  ended_ = {};
  is_looking_ = false;
  return missed;
}

void ConnectionLedger::stop_looking() {
  seen_.for_each([&](std::uint32_t id, const ConnectionNote& note) { known_.add(id, note); });
  seen_ = {};
  ended_ = {};
  is_looking_ = false;
}

}  // namespace vuurmuur::control
