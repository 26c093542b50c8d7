// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sema/policy.h"

namespace vuurmuur::analyse {

/// Rules of two policies held against each other by what they were resolved to, whatever the objects in them are
/// called. Costs far less than boxes, and knows all of a rule: limits, chains and translation too.
class Meanings {
 public:
  static constexpr std::size_t kFirst = 0, kSecond = 1;

  /// The policies must outlive it.
  Meanings(const sema::Policy& first, const sema::Policy& second);

  /// Whether a rule of the first policy and one of the second mean the same: they match the same packets, do the same
  /// with them, and have the same limit. Others may still do so.
  [[nodiscard]] bool are_same(const sema::Rule& first, const sema::Rule& second) const;

  /// Of a rule of one of the policies; equal for rules that are the same.
  [[nodiscard]] std::uint64_t hash(std::size_t policy, const sema::Rule& rule) const;

 private:
  [[nodiscard]] bool are_same(const sema::End& first, const sema::End& second) const;
  [[nodiscard]] bool are_same(const std::optional<sema::InterfaceId>& first,
                              const std::optional<sema::InterfaceId>& second) const;
  [[nodiscard]] std::uint64_t hash(std::size_t policy, const sema::End& end, std::uint64_t hash) const;

  /// By place in both policies a number for all that an interface, or a network with its interfaces, is to rules:
  /// those that are alike have the same number.
  std::array<std::vector<std::uint32_t>, 2> interfaces_, networks_;
};

/// Mixes a value into a hash.
[[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
  return hash ^ hash >> 29;
}

}  // namespace vuurmuur::analyse
