// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/model.h"
#include "ui/key.h"

namespace vuurmuur::app {

class Screen;
class Context;

/// Why something cannot be done now, for people; nothing when it can.
using Why = std::optional<std::string>;

/// What an action needs, whatever the screen says.
enum class Needs : std::uint8_t { Nothing, Writing, Daemon };

/// An action: its keys, what it is called and when it can be done. Footer, help, palette and the key sheet are made of
/// these rows.
struct Binding {
  const char* id;     ///< "rules.toggle"; what the keys file and clicks name
  const char* keys;   ///< "Space t", the first is shown
  const char* label;  ///< for the footer, a word or two; to be translated; empty: not in the footer
  const char* help;   ///< a sentence without its period; to be translated
  Needs needs = Needs::Nothing;
  void (*act)(Screen&, Context&) = nullptr;
  Why (*why_not)(const Screen&, const Model&) = nullptr;
};

[[nodiscard]] std::vector<ui::Key> keys_of(const Binding& binding);

namespace detail {
template <class T>
struct MemberOf;
template <class Class>
struct MemberOf<void (Class::*)(Context&)> {
  using Type = Class;
};
template <class Class>
struct MemberOf<Why (Class::*)(const Model&) const> {
  using Type = Class;
};
}  // namespace detail

/// A member function of a screen as a binding's act or why_not.
template <auto Member>
void call(Screen& screen, Context& context) {
  (static_cast<detail::MemberOf<decltype(Member)>::Type&>(screen).*Member)(context);
}
template <auto Member>
Why ask(const Screen& screen, const Model& model) {
  return (static_cast<const detail::MemberOf<decltype(Member)>::Type&>(screen).*Member)(model);
}

/// Why a binding cannot be done on this screen now.
[[nodiscard]] Why why_not(const Binding& binding, const Screen& screen, const Model& model);

}  // namespace vuurmuur::app
