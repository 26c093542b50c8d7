// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vuurmuur::base {

/// Different values by number, each kept once, in the order in which they came. `Hash` gives a std::uint64_t of a value
/// whose lowest bits depend on all of it.
template <typename T, typename Hash>
class Numbered {
 public:
  /// The number of a value; that of one that was not there is the next.
  [[nodiscard]] std::uint32_t number_of(const T& value) {
    if (latest_ < values_.size() && values_[latest_] == value) return latest_;
    if (2 * values_.size() >= slots_.size()) grow();
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = Hash()(value) & mask;
    for (; slots_[at] != 0; at = (at + 1) & mask)
      if (values_[slots_[at] - 1] == value) return latest_ = slots_[at] - 1;
    values_.push_back(value);
    slots_[at] = static_cast<std::uint32_t>(values_.size());
    return latest_ = slots_[at] - 1;
  }
  [[nodiscard]] const T& operator[](std::uint32_t number) const { return values_[number]; }
  /// All, by number.
  [[nodiscard]] std::span<const T> all() const { return values_; }

 private:
  void grow() {
    constexpr std::size_t kFirst = 64;
    slots_.assign(slots_.empty() ? kFirst : 2 * slots_.size(), 0);
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      std::size_t at = Hash()(values_[i]) & mask;
      while (slots_[at] != 0) at = (at + 1) & mask;
      slots_[at] = static_cast<std::uint32_t>(i + 1);
    }
  }

  std::vector<T> values_;
  std::vector<std::uint32_t> slots_;  ///< a hash table of numbers, one more; 0 is none
  std::uint32_t latest_ = 0;          ///< that was given last
};

}  // namespace vuurmuur::base
