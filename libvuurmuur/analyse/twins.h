// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "analyse/meaning.h"
#include "sema/policy.h"

namespace vuurmuur::analyse {

/// Rules that are the same in two policies and stand in the same order in both.
struct Twins {
  static constexpr std::size_t kNone = SIZE_MAX;
  /// For both policies, by place of a rule the place of the same one in the other policy.
  std::array<std::vector<std::size_t>, 2> of;

  [[nodiscard]] bool has(std::size_t policy, std::size_t rule) const { return of[policy][rule] != kNone; }
  void join(std::size_t first, std::size_t second) {
    of[0][first] = second;
    of[1][second] = first;
  }
};

/// Whether a rule is asked about packets in the chains of filter.
[[nodiscard]] bool is_in_filter(const sema::Rule& rule);
/// Whether a rule translates, beside what else it does.
[[nodiscard]] bool is_translation(const sema::Rule& rule);

/// The rules in filter that mean the same.
[[nodiscard]] Twins twins_in_filter(const sema::Policy& first, const sema::Policy& second, const Meanings& meanings);

/// The rules that translate and mean the same, wherever other rules stand: translation is done in tables of its own.
[[nodiscard]] Twins twins_in_translation(const sema::Policy& first, const sema::Policy& second,
                                         const Meanings& meanings);

}  // namespace vuurmuur::analyse
