// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace vuurmuur::edit {

/// Why something cannot be edited as it was wished.
struct Refusal {
  enum class Why : std::uint8_t {
    Wrong,     ///< a name, a variable or a number that cannot be
    NotFound,  ///< no such object or line
    Exists,    ///< there is one of that name
    InUse,     ///< others speak of it, or are in it
  };
  Why why = Why::Wrong;
  std::string message;  ///< for the user, lower case, no final period
};

/// A value, or why there is none.
template <class T>
using Wish = std::expected<T, Refusal>;

[[nodiscard]] inline std::unexpected<Refusal> refuse(Refusal::Why why, std::string message) {
  return std::unexpected(Refusal{.why = why, .message = std::move(message)});
}

}  // namespace vuurmuur::edit
