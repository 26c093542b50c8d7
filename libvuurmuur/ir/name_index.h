// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace vuurmuur::ir {

/// Finds the things of a list by their names without a copy of them: hashes and places, in one array with open
/// addressing. Tables of 100,000 chains are made, asked and renumbered without an allocation for each.
class NameIndex {
 public:
  /// The place of the thing of that name; `name_at(place)` tells names.
  template <class NameAt>
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view name, NameAt name_at) const {
    if (slots_.empty()) return std::nullopt;
    const std::uint32_t hash = hash_of(name);
    for (std::size_t at = hash & mask(); slots_[at].used != 0; at = (at + 1) & mask())
      if (slots_[at].hash == hash && name_at(slots_[at].used - 1) == name) return slots_[at].used - 1;
    return std::nullopt;
  }

  /// A name that is not there yet.
  void add(std::string_view name, std::uint32_t place) {
    if (2 * (count_ + 1) > slots_.size()) grow();
    put({hash_of(name), place + 1});
    ++count_;
  }

  /// Every place becomes `new_place(place)`; those without one leave.
  template <class NewPlace>
  void renumber(NewPlace new_place) {
    const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.size()));
    count_ = 0;
    for (const Slot& slot : old) {
      if (slot.used == 0) continue;
      const std::optional<std::uint32_t> place = new_place(slot.used - 1);
      if (!place) continue;
      put({slot.hash, *place + 1});
      ++count_;
    }
  }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t used = 0;  ///< the place and one; 0 for a free slot
  };

  [[nodiscard]] static std::uint32_t hash_of(std::string_view name) {
    return static_cast<std::uint32_t>(std::hash<std::string_view>{}(name));
  }
  [[nodiscard]] std::size_t mask() const { return slots_.size() - 1; }

  void put(Slot slot) {
    std::size_t at = slot.hash & mask();
    while (slots_[at].used != 0) at = (at + 1) & mask();
    slots_[at] = slot;
  }

  void grow() {
    const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.empty() ? 16 : 2 * slots_.size()));
    for (const Slot& slot : old)
      if (slot.used != 0) put(slot);
  }

  std::vector<Slot> slots_;  ///< a power of two of them, half of them free at least
  std::size_t count_ = 0;
};

}  // namespace vuurmuur::ir
