// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>

namespace vuurmuur::ui {

/// What a cell means; a theme says how that looks. The letter is the one that tests and --print-screen=style show.
enum class Role : std::uint8_t {
  Normal,    ///< '.'
  Dim,       ///< 'd': less important, disabled, inactive
  Title,     ///< 't': the title line
  Border,    ///< 'b': frames and rulers
  Heading,   ///< 'h': heads of columns and sections
  Label,     ///< 'l': names of fields
  Shortcut,  ///< 'k': a key to press
  Accept,    ///< 'A'
  Drop,      ///< 'D'
  Reject,    ///< 'R'
  Queue,     ///< 'Q': nfqueue
  Log,       ///< 'L': log and nflog
  Nat,       ///< 'N': the actions that rewrite addresses
  Good,      ///< 'g'
  Warning,   ///< 'w'
  Error,     ///< 'e'
  Entry,     ///< 'i': a field that is edited
  Match,     ///< 'm': what a filter found
  Added,     ///< '+'
  Removed,   ///< '-'
};
inline constexpr int kRoles = static_cast<int>(Role::Removed) + 1;

/// The letter of a role.
[[nodiscard]] constexpr char letter_of(Role role) {
  constexpr char kLetters[] = ".dtbhlkADRQLNgweim+-";
  static_assert(sizeof kLetters == kRoles + 1);
  return kLetters[static_cast<int>(role)];
}

/// How a cell is drawn: by what it means, and whether it belongs to the selected item.
struct Style {
  Role role = Role::Normal;
  bool is_selected = false;
  Style() = default;
  Style(Role role_, bool is_selected_ = false) : role(role_), is_selected(is_selected_) {}
  bool operator==(const Style&) const = default;
};

}  // namespace vuurmuur::ui
