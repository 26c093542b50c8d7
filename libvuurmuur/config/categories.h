// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace vuurmuur::config {

/// What kind of thing a service is, by which it is found.
struct CategoryRow {
  std::string_view name;
  std::string_view help;  ///< for people: begins in lower case, no final period
};

/// The categories that services can have, by name.
[[nodiscard]] std::span<const CategoryRow> categories();

/// Whether a service can have it: one of the table, or one of the user's own, whose name begins with "x-".
[[nodiscard]] bool is_category(std::string_view name);

/// One of the table that is near to a name.
[[nodiscard]] std::optional<std::string> nearest_category(std::string_view name);

}  // namespace vuurmuur::config
