// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstdint>

namespace vuurmuur::prove {

/// The chains of table filter.
enum class Hook : std::uint8_t { Input, Forward, Output };
inline constexpr std::array kHooks{Hook::Input, Hook::Forward, Hook::Output};

/// "INPUT".
[[nodiscard]] constexpr const char* to_string(Hook hook) {
  switch (hook) {
    case Hook::Input: return "INPUT";
    case Hook::Forward: return "FORWARD";
    case Hook::Output: return "OUTPUT";
  }
  return "";
}

}  // namespace vuurmuur::prove
