// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "control/connection_rules.h"

namespace vuurmuur::control {

/// Numbers for rules as text, so that a connection can remember in four bytes which rule admitted it, longer than that
/// rule is in force.
class RuleNumbers {
 public:
  static constexpr std::uint32_t kUnasked = 0;  ///< nobody asked for the rule yet
  static constexpr std::uint32_t kNone = 1;     ///< there is none, or none that can be told

  [[nodiscard]] std::uint32_t number_of(const RuleText& rule);
  /// Empty of kUnasked and kNone. Valid until the next number_of() or keep().
  [[nodiscard]] RuleText text(std::uint32_t number) const;

  /// Forgets the rules but those whose place in `used` (their number) says true.
  void keep(const std::vector<bool>& used);
  /// One more than the largest number.
  [[nodiscard]] std::uint32_t end() const { return kFirst + static_cast<std::uint32_t>(rules_.size()); }

 private:
  static constexpr std::uint32_t kFirst = 2;
  struct Rule {
    std::string rule, place;
  };

  std::vector<Rule> rules_;  ///< by number; those in free_ are empty
  std::vector<std::uint32_t> free_;
  std::unordered_map<std::string, std::uint32_t> numbers_;  ///< by place and rule
  std::string key_;
};

}  // namespace vuurmuur::control
