// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "log/entry.h"

namespace vuurmuur::log {

/// Which rule an identity in a prefix is of.
class RuleTable {
 public:
  RuleTable() = default;
  /// Of equal identities the first one counts.
  explicit RuleTable(std::vector<RuleName> rules);

  /// Null when there is none. Valid as long as the table.
  [[nodiscard]] const RuleName* find(std::string_view identity) const;
  [[nodiscard]] std::size_t size() const { return rules_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, RuleName, Hash, std::equal_to<>> rules_;
};

}  // namespace vuurmuur::log
