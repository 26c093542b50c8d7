// SPDX-License-Identifier: GPL-2.0-or-later
#include "term/theme.h"

#include <set>
#include <string>

#include "support/catch.h"

using namespace vuurmuur;
using term::Colours;
using term::Theme;
using ui::Role;

namespace {
constexpr Colours kAllColours[] = {Colours::None, Colours::Eight, Colours::Many};
}

TEST_CASE("themes have names, roles have names") {
  for (const std::string_view name : Theme::names()) CHECK(Theme::find(name) != nullptr);
  CHECK(Theme::find("nosuch") == nullptr);
  CHECK(Theme::find("dark") == &Theme::standard());
  std::set<std::string_view> names;
  for (int role = 0; role < ui::kRoles; ++role) {
    const std::string_view name = term::name_of(static_cast<Role>(role));
    CHECK(names.insert(name).second);
    CHECK(term::role_from(name) == static_cast<Role>(role));
  }
  CHECK(!term::role_from("nosuch"));
}

TEST_CASE("what is selected looks different, in every theme and for every role") {
  for (const std::string_view name : Theme::names()) {
    for (const Colours colours : kAllColours) {
      for (int role = 0; role < ui::kRoles; ++role) {
        INFO(name << ' ' << static_cast<int>(colours) << ' ' << term::name_of(static_cast<Role>(role)));
        const Theme& theme = *Theme::find(name);
        CHECK(theme.look({static_cast<Role>(role), true}, colours) !=
              theme.look({static_cast<Role>(role), false}, colours));
      }
    }
  }
}

TEST_CASE("what must be told without words is not told by colour alone") {
  for (const std::string_view name : Theme::names()) {
    INFO(name);
    const Theme& theme = *Theme::find(name);
    for (const Role role :
         {Role::Dim, Role::Title, Role::Heading, Role::Shortcut, Role::Warning, Role::Error, Role::Entry, Role::Match})
      CHECK(theme.of(role, Colours::None).attributes != theme.of(Role::Normal, Colours::None).attributes);
    CHECK(theme.of(Role::Entry, Colours::None) != theme.of(Role::Error, Colours::None));
    // A column holds only colours that such a terminal has.
    for (int role = 0; role < ui::kRoles; ++role) {
      const term::Look none = theme.of(static_cast<Role>(role), Colours::None);
      CHECK(none.foreground == term::kDefaultColour);
      CHECK(none.background == term::kDefaultColour);
      const term::Look eight = theme.of(static_cast<Role>(role), Colours::Eight);
      CHECK((eight.foreground < 8 && eight.background < 8));
    }
  }
}

TEST_CASE("a coloured theme tells the actions apart by colour") {
  for (const std::string_view name : {"dark", "light", "high-contrast"}) {
    INFO(name);
    const Theme& theme = *Theme::find(name);
    for (const Colours colours : {Colours::Eight, Colours::Many}) {
      std::set<std::pair<std::pair<int, int>, int>> looks;
      for (const Role role : {Role::Accept, Role::Drop, Role::Reject, Role::Queue, Role::Log, Role::Nat}) {
        const term::Look look = theme.of(role, colours);
        CHECK(looks.insert({{look.foreground, look.background}, look.attributes}).second);
      }
    }
  }
}
