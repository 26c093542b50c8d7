// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>

#include "app/workspace.h"

namespace vuurmuur::screens {

/// Which way traffic goes, as seen from the firewall.
enum class Direction : std::uint8_t { Any, In, Out, Forward };

/// Which rules are shown.
struct RuleFilter {
  std::string text;  ///< words that all are in the rule, whatever their case; "!word": is not in it
  Direction direction = Direction::Any;

  [[nodiscard]] bool is_empty() const { return text.empty() && direction == Direction::Any; }
  [[nodiscard]] bool admits(const app::RuleLine& line) const;
};

}  // namespace vuurmuur::screens
