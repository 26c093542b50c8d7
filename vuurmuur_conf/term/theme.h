// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "term/look.h"
#include "ui/style.h"

namespace vuurmuur::term {

inline constexpr int kColumns = static_cast<int>(Colours::Many) + 1;

/// How each role looks, for each kind of terminal: a row a role, a column a Colours. What is selected has colours of
/// its own and the attributes of both.
///
/// Meaning is never by colour alone: what a role must tell without words (what is selected, what is edited, what is
/// dimmed) has an attribute in the column without colours; ACCEPT and DROP are words already.
class Theme {
 public:
  /// The theme of a name: "dark" (the one by default), "light", "high-contrast", "mono"; null for another.
  [[nodiscard]] static const Theme* find(std::string_view name);
  [[nodiscard]] static const Theme& standard() { return *find("dark"); }
  [[nodiscard]] static std::span<const std::string_view> names();

  [[nodiscard]] Look look(ui::Style style, Colours colours) const;

  /// The row of a role, and that of what is selected.
  [[nodiscard]] const Look& of(ui::Role role, Colours colours) const;
  [[nodiscard]] const Look& selected(Colours colours) const { return selected_[static_cast<std::size_t>(colours)]; }
  void set(ui::Role role, Colours colours, const Look& look);
  void set_selected(Colours colours, const Look& look) { selected_[static_cast<std::size_t>(colours)] = look; }

  bool operator==(const Theme&) const = default;

 private:
  using Column = std::array<Look, ui::kRoles>;
  std::array<Column, kColumns> columns_{};
  std::array<Look, kColumns> selected_{};
};

/// The name of a role in theme files: "normal", "accept"…
[[nodiscard]] std::string_view name_of(ui::Role role);
[[nodiscard]] std::optional<ui::Role> role_from(std::string_view name);
/// All of them, in the order of the roles.
[[nodiscard]] std::span<const std::string_view> role_names();

}  // namespace vuurmuur::term
