// SPDX-License-Identifier: GPL-2.0-or-later
#include "term/theme.h"

#include <algorithm>
#include <iterator>

namespace vuurmuur::term {
namespace {

using ui::Role;

constexpr int kNone = kDefaultColour;

/// The eight colours that every terminal with colours has.
enum Base : int { kBlack, kRed, kGreen, kYellow, kBlue, kMagenta, kCyan, kWhite };

constexpr std::string_view kRoleNames[] = {
    "normal", "dim", "title", "border", "heading", "label", "shortcut", "accept", "drop",  "reject",
    "queue",  "log", "nat",   "good",   "warning", "error", "entry",    "match",  "added", "removed",
};
static_assert(std::size(kRoleNames) == ui::kRoles);

/// A row of a built-in theme.
struct Row {
  Role role;
  Look many, eight;
};

/// Without colours every theme is the same.
constexpr struct {
  Role role;
  std::uint8_t attributes;
} kMono[] = {
    {Role::Normal, kPlain},
    {Role::Dim, kDim},
    {Role::Title, kBold | kReverse},
    {Role::Border, kPlain},
    {Role::Heading, kBold},
    {Role::Label, kPlain},
    {Role::Shortcut, kBold},
    {Role::Accept, kPlain},
    {Role::Drop, kBold},
    {Role::Reject, kBold},
    {Role::Queue, kPlain},
    {Role::Log, kPlain},
    {Role::Nat, kPlain},
    {Role::Good, kPlain},
    {Role::Warning, kBold},
    {Role::Error, kBold | kUnderline},
    {Role::Entry, kUnderline},
    {Role::Match, kUnderline | kBold},
    {Role::Added, kBold},
    {Role::Removed, kDim},
};
constexpr Look kSelectedMono = {kNone, kNone, kReverse};

constexpr Row kDark[] = {
    {Role::Normal, {}, {}},
    {Role::Dim, {244, kNone, kPlain}, {kNone, kNone, kDim}},
    {Role::Title, {231, 24, kBold}, {kWhite, kBlue, kBold}},
    {Role::Border, {240, kNone, kPlain}, {kBlue, kNone, kPlain}},
    {Role::Heading, {117, kNone, kBold}, {kCyan, kNone, kBold}},
    {Role::Label, {152, kNone, kPlain}, {kCyan, kNone, kPlain}},
    {Role::Shortcut, {222, kNone, kBold}, {kYellow, kNone, kBold}},
    {Role::Accept, {114, kNone, kPlain}, {kGreen, kNone, kPlain}},
    {Role::Drop, {203, kNone, kPlain}, {kRed, kNone, kBold}},
    {Role::Reject, {209, kNone, kPlain}, {kRed, kNone, kPlain}},
    {Role::Queue, {141, kNone, kPlain}, {kMagenta, kNone, kBold}},
    {Role::Log, {109, kNone, kPlain}, {kCyan, kNone, kPlain}},
    {Role::Nat, {180, kNone, kPlain}, {kMagenta, kNone, kPlain}},
    {Role::Good, {114, kNone, kBold}, {kGreen, kNone, kBold}},
    {Role::Warning, {221, kNone, kBold}, {kYellow, kNone, kBold}},
    {Role::Error, {231, 160, kBold}, {kWhite, kRed, kBold}},
    {Role::Entry, {231, 237, kUnderline}, {kWhite, kNone, kUnderline}},
    {Role::Match, {16, 221, kPlain}, {kBlack, kYellow, kPlain}},
    {Role::Added, {114, kNone, kPlain}, {kGreen, kNone, kPlain}},
    {Role::Removed, {203, kNone, kPlain}, {kRed, kNone, kPlain}},
};
constexpr Look kDarkSelected[] = {kSelectedMono, {kBlack, kCyan, kPlain}, {231, 31, kBold}};

constexpr Row kLight[] = {
    {Role::Normal, {}, {}},
    {Role::Dim, {243, kNone, kPlain}, {kNone, kNone, kDim}},
    {Role::Title, {231, 25, kBold}, {kWhite, kBlue, kBold}},
    {Role::Border, {248, kNone, kPlain}, {kBlue, kNone, kPlain}},
    {Role::Heading, {24, kNone, kBold}, {kBlue, kNone, kBold}},
    {Role::Label, {24, kNone, kPlain}, {kBlue, kNone, kPlain}},
    {Role::Shortcut, {130, kNone, kBold}, {kMagenta, kNone, kBold}},
    {Role::Accept, {28, kNone, kPlain}, {kGreen, kNone, kPlain}},
    {Role::Drop, {160, kNone, kPlain}, {kRed, kNone, kBold}},
    {Role::Reject, {166, kNone, kPlain}, {kRed, kNone, kPlain}},
    {Role::Queue, {91, kNone, kPlain}, {kMagenta, kNone, kBold}},
    {Role::Log, {30, kNone, kPlain}, {kBlue, kNone, kPlain}},
    {Role::Nat, {94, kNone, kPlain}, {kMagenta, kNone, kPlain}},
    {Role::Good, {28, kNone, kBold}, {kGreen, kNone, kBold}},
    {Role::Warning, {130, kNone, kBold}, {kRed, kNone, kBold}},
    {Role::Error, {231, 160, kBold}, {kWhite, kRed, kBold}},
    {Role::Entry, {16, 254, kUnderline}, {kNone, kNone, kUnderline}},
    {Role::Match, {16, 222, kPlain}, {kBlack, kYellow, kPlain}},
    {Role::Added, {28, kNone, kPlain}, {kGreen, kNone, kPlain}},
    {Role::Removed, {160, kNone, kPlain}, {kRed, kNone, kPlain}},
};
constexpr Look kLightSelected[] = {kSelectedMono, {kWhite, kBlue, kPlain}, {16, 153, kBold}};

/// Black and white with few, strong colours; nothing is dimmed.
constexpr Row kHighContrast[] = {
    {Role::Normal, {231, 16, kPlain}, {kWhite, kBlack, kPlain}},
    {Role::Dim, {252, 16, kItalic}, {kWhite, kBlack, kPlain}},
    {Role::Title, {16, 231, kBold}, {kBlack, kWhite, kPlain}},
    {Role::Border, {231, 16, kPlain}, {kWhite, kBlack, kPlain}},
    {Role::Heading, {231, 16, kBold | kUnderline}, {kWhite, kBlack, kBold | kUnderline}},
    {Role::Label, {231, 16, kPlain}, {kWhite, kBlack, kPlain}},
    {Role::Shortcut, {226, 16, kBold}, {kYellow, kBlack, kBold}},
    {Role::Accept, {46, 16, kBold}, {kGreen, kBlack, kBold}},
    {Role::Drop, {231, 160, kBold}, {kWhite, kRed, kBold}},
    {Role::Reject, {231, 160, kPlain}, {kWhite, kRed, kPlain}},
    {Role::Queue, {51, 16, kBold}, {kCyan, kBlack, kBold}},
    {Role::Log, {51, 16, kPlain}, {kCyan, kBlack, kPlain}},
    {Role::Nat, {226, 16, kPlain}, {kYellow, kBlack, kPlain}},
    {Role::Good, {46, 16, kBold}, {kGreen, kBlack, kBold}},
    {Role::Warning, {16, 226, kBold}, {kBlack, kYellow, kPlain}},
    {Role::Error, {231, 160, kBold | kUnderline}, {kWhite, kRed, kBold | kUnderline}},
    {Role::Entry, {231, 18, kUnderline}, {kWhite, kBlue, kUnderline | kBold}},
    {Role::Match, {16, 51, kBold}, {kBlack, kCyan, kPlain}},
    {Role::Added, {46, 16, kBold}, {kGreen, kBlack, kBold}},
    {Role::Removed, {231, 160, kPlain}, {kWhite, kRed, kPlain}},
};
constexpr Look kHighContrastSelected[] = {kSelectedMono, {kBlack, kYellow, kPlain}, {16, 226, kBold}};

Theme mono() {
  Theme theme;
  for (const auto& [role, attributes] : kMono)
    for (const Colours colours : {Colours::None, Colours::Eight, Colours::Many})
      theme.set(role, colours, {kNone, kNone, attributes});
  for (const Colours colours : {Colours::None, Colours::Eight, Colours::Many})
    theme.set_selected(colours, kSelectedMono);
  return theme;
}

template <std::size_t size>
Theme coloured(const Row (&rows)[size], const Look (&selected)[kColumns]) {
  static_assert(size == ui::kRoles);
  Theme theme = mono();
  for (const Row& row : rows) {
    theme.set(row.role, Colours::Eight, row.eight);
    theme.set(row.role, Colours::Many, row.many);
  }
  for (const Colours colours : {Colours::None, Colours::Eight, Colours::Many})
    theme.set_selected(colours, selected[static_cast<std::size_t>(colours)]);
  return theme;
}

constexpr std::string_view kThemeNames[] = {"dark", "light", "high-contrast", "mono"};

}  // namespace

const Theme* Theme::find(std::string_view name) {
  static const Theme kThemes[] = {coloured(kDark, kDarkSelected), coloured(kLight, kLightSelected),
                                  coloured(kHighContrast, kHighContrastSelected), mono()};
  static_assert(std::size(kThemes) == std::size(kThemeNames));
  const auto found = std::ranges::find(kThemeNames, name);
  return found == std::end(kThemeNames) ? nullptr : &kThemes[found - std::begin(kThemeNames)];
}

std::span<const std::string_view> Theme::names() { return kThemeNames; }

Look Theme::look(ui::Style style, Colours colours) const {
  const Look& own = of(style.role, colours);
  if (!style.is_selected) return own;
  Look look = selected(colours);
  // Reverse over reverse would show nothing, and dim what should be seen.
  const bool is_reversed = (own.attributes & look.attributes & kReverse) != 0;
  look.attributes |= is_reversed ? kUnderline : own.attributes & ~kDim;
  if (look == own) look.attributes ^= kReverse;
  return look;
}

const Look& Theme::of(ui::Role role, Colours colours) const {
  return columns_[static_cast<std::size_t>(colours)][static_cast<std::size_t>(role)];
}

void Theme::set(ui::Role role, Colours colours, const Look& look) {
  columns_[static_cast<std::size_t>(colours)][static_cast<std::size_t>(role)] = look;
}

std::string_view name_of(ui::Role role) { return kRoleNames[static_cast<std::size_t>(role)]; }

std::optional<ui::Role> role_from(std::string_view name) {
  const auto found = std::ranges::find(kRoleNames, name);
  if (found == std::end(kRoleNames)) return std::nullopt;
  return static_cast<ui::Role>(found - std::begin(kRoleNames));
}

std::span<const std::string_view> role_names() { return kRoleNames; }

}  // namespace vuurmuur::term
