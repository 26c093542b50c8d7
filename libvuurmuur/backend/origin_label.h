// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string_view>

namespace vuurmuur::backend {

/// A comment or label without the number in "rule N: …": what a rule is known by when rules before it come or go.
[[nodiscard]] inline std::string_view without_number(std::string_view label) {
  constexpr std::string_view kRule = "rule ";
  const std::size_t colon = label.find(": ");
  return label.starts_with(kRule) && colon != std::string_view::npos ? label.substr(colon) : label;
}

}  // namespace vuurmuur::backend
