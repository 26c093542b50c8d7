// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>

namespace vuurmuur::ir {

/// Why a rule is there: a place in Ruleset::origins. Opaque to everything below the compiler.
enum class OriginId : std::uint32_t {};

/// What an origin says to people.
struct Origin {
  /// "rule 12: accept http from lan to inet" or "protection: invalid packets"; shown in comments and messages.
  std::string label;
  /// "rules/rules.conf:12", or empty when no line of the configuration is behind it.
  std::string place;
  bool operator==(const Origin&) const = default;
};

}  // namespace vuurmuur::ir
