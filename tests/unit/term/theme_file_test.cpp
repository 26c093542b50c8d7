// SPDX-License-Identifier: GPL-2.0-or-later
#include "term/theme_file.h"

#include <fmt/format.h>

#include <random>

#include "base/memory_file_system.h"
#include "diag/render.h"
#include "support/catch.h"

using namespace vuurmuur;
using term::Colours;
using term::Look;
using term::Theme;
using ui::Role;

namespace {

struct Read {
  Theme theme;
  std::string said;
};

Read read(std::string text) {
  diag::SourceMap sources;
  diag::Sink sink;
  const diag::FileId file = sources.add("my.theme", std::move(text));
  Theme theme = term::read_theme(file, sources, sink);
  return {std::move(theme), diag::render(sink, sources, diag::Style::Plain)};
}

}  // namespace

TEST_CASE("a theme file says what is different from its base") {
  CHECK(read("").theme == *Theme::find("dark"));
  CHECK(read("base = light\n").theme == *Theme::find("light"));
  const auto [theme, said] = read(
      "# mine\n"
      "base = light\n"
      "\n"
      "accept = 28\n"
      "  drop = #d70000 , default,  bold underline\r\n"
      "queue=bright-magenta,black\n"
      "selected = white, 25, bold\n"
      "[8]\n"
      "accept = bright-blue, 250, italic\n"
      "[256]\n"
      "nat = 1\n"
      "[none]\n"
      "reject = default, default, underline");
  CHECK(said == "");
  CHECK(theme.of(Role::Accept, Colours::Many) == Look{28, -1, term::kPlain});
  CHECK(theme.of(Role::Accept, Colours::Eight) == Look{4, 7, term::kItalic});
  CHECK(theme.of(Role::Drop, Colours::Many) == Look{160, -1, term::kBold | term::kUnderline});
  CHECK(theme.of(Role::Drop, Colours::Eight) == Look{1, -1, term::kBold | term::kUnderline});
  CHECK(theme.of(Role::Queue, Colours::Many) == Look{13, 0, term::kPlain});
  CHECK(theme.of(Role::Queue, Colours::Eight) == Look{5, 0, term::kPlain});
  CHECK(theme.of(Role::Nat, Colours::Many) == Look{1, -1, term::kPlain});
  CHECK(theme.of(Role::Nat, Colours::Eight) == Theme::find("light")->of(Role::Nat, Colours::Eight));
  CHECK(theme.of(Role::Reject, Colours::None) == Look{-1, -1, term::kUnderline});
  CHECK(theme.selected(Colours::Many) == Look{7, 25, term::kBold});
  CHECK(theme.selected(Colours::None) == Theme::find("light")->selected(Colours::None));
  CHECK(theme.of(Role::Title, Colours::Many) == Theme::find("light")->of(Role::Title, Colours::Many));
}

TEST_CASE("what is wrong in a theme file is told with its place, and left out") {
  const auto [theme, said] = read(
      "base = ligth\n"
      "acept = 28\n"
      "drop = grean\n"
      "reject = 256, 1\n"
      "nat = #12345g\n"
      "log = 1, 2, bald dim\n"
      "queue = 1, 2, bold, 3\n"
      "nonsense\n"
      "good = 1\n"
      "good = 2\n"
      "base = dark\n"
      "[16]\n"
      "error = 1\n"
      "[none]\n"
      "title = 3\n");
  CHECK(
      said ==
      "my.theme:1:8: error: no theme is named 'ligth'; did you mean 'light'?\n"
      "  base = ligth\n"
      "         ^~~~~\n"
      "my.theme:2:1: error: no role is named 'acept'; did you mean 'accept'?\n"
      "  acept = 28\n"
      "  ^~~~~\n"
      "my.theme:3:8: error: expected 'default', the name of a colour, a number up to 255 or '#rrggbb', not 'grean'; "
      "did "
      "you mean 'green'?\n"
      "  drop = grean\n"
      "         ^~~~~\n"
      "my.theme:4:10: error: expected 'default', the name of a colour, a number up to 255 or '#rrggbb', not '256'\n"
      "  reject = 256, 1\n"
      "           ^~~\n"
      "my.theme:5:7: error: expected 'default', the name of a colour, a number up to 255 or '#rrggbb', not '#12345g'\n"
      "  nat = #12345g\n"
      "        ^~~~~~~\n"
      "my.theme:6:13: error: no attribute is named 'bald'; did you mean 'bold'?\n"
      "  log = 1, 2, bald dim\n"
      "              ^~~~\n"
      "my.theme:7:9: error: expected 'foreground, background, attributes', not '1, 2, bold, 3'\n"
      "  queue = 1, 2, bold, 3\n"
      "          ^~~~~~~~~~~~~\n"
      "my.theme:8:1: error: expected 'role = foreground, background, attributes', not 'nonsense'\n"
      "  nonsense\n"
      "  ^~~~~~~~\n"
      "my.theme:10:1: warning: 'good' has been said before; this one counts\n"
      "  good = 2\n"
      "  ^~~~\n"
      "my.theme:11:1: error: the base has to be named before everything else\n"
      "  base = dark\n"
      "  ^~~~\n"
      "my.theme:12:1: error: expected [256], [8] or [none], not '[16]'\n"
      "  [16]\n"
      "  ^~~~\n"
      "my.theme:15:9: error: a terminal without colours has attributes only: 'default, default, …'\n"
      "  title = 3\n"
      "          ^\n"
      "11 errors, 1 warning\n");
  Theme expected = Theme::standard();
  for (const Colours colours : {Colours::Eight, Colours::Many})
    expected.set(Role::Good, colours, {2, -1, term::kPlain});
  CHECK(theme == expected);
}

TEST_CASE("a built-in theme that is written down is read as itself") {
  static constexpr std::pair<std::string_view, term::Attribute> kAttributes[] = {{"bold", term::kBold},
                                                                                 {"dim", term::kDim},
                                                                                 {"underline", term::kUnderline},
                                                                                 {"reverse", term::kReverse},
                                                                                 {"italic", term::kItalic}};
  for (const std::string_view name : Theme::names()) {
    const Theme& theme = *Theme::find(name);
    std::string text;
    for (const auto& [section, colours] :
         {std::pair{"none", Colours::None}, std::pair{"8", Colours::Eight}, std::pair{"256", Colours::Many}}) {
      text += fmt::format("[{}]\n", section);
      const auto line = [&text](std::string_view key, const Look& look) {
        const auto colour = [](int number) { return number < 0 ? std::string("default") : std::to_string(number); };
        text += fmt::format("{} = {}, {},", key, colour(look.foreground), colour(look.background));
        for (const auto& [word, attribute] : kAttributes)
          if ((look.attributes & attribute) != 0) text += fmt::format(" {}", word);
        text += '\n';
      };
      for (int role = 0; role < ui::kRoles; ++role)
        line(term::name_of(static_cast<Role>(role)), theme.of(static_cast<Role>(role), colours));
      line("selected", theme.selected(colours));
    }
    const Read read_again = read(text);
    CHECK(read_again.said == "");
    CHECK(read_again.theme == theme);
  }
}

TEST_CASE("any bytes can be read as a theme") {
  std::mt19937 engine(7);
  static constexpr std::string_view kBits[] = {"base", "=",  "accept", ",",   "#", "[8]",  "[",
                                               "]",    "\n", "bold",   "255", " ", "dark", "\xff"};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (std::size_t left = engine() % 30; left > 0; --left) text += kBits[engine() % std::size(kBits)];
    (void)read(text);
  }
}

TEST_CASE("the nearest colours") {
  CHECK(term::nearest_of_palette(255, 255, 255) == 231);
  CHECK(term::nearest_of_palette(0, 0, 0) == 16);
  CHECK(term::nearest_of_palette(0, 95, 175) == 25);
  CHECK(term::nearest_of_eight(-1) == -1);
  CHECK(term::nearest_of_eight(3) == 3);
  CHECK(term::nearest_of_eight(9) == 1);
  CHECK(term::nearest_of_eight(231) == 7);
  CHECK(term::nearest_of_eight(16) == 0);
  CHECK(term::nearest_of_eight(160) == 1);
  CHECK(term::nearest_of_eight(46) == 2);
}

TEST_CASE("a theme is found by its name or in a file") {
  base::MemoryFileSystem files;
  files.files["/etc/my.theme"] = "accept = 28\naccept = 29\n";
  files.files["/etc/bad.theme"] = "acept = 28\n";
  std::string said;
  CHECK(term::find_theme(files, "light", said) == *Theme::find("light"));
  CHECK(said == "");
  const auto mine = term::find_theme(files, "/etc/my.theme", said);
  REQUIRE(mine);
  CHECK(mine->of(Role::Accept, Colours::Many).foreground == 29);
  CHECK(said ==
        "/etc/my.theme:2:1: warning: 'accept' has been said before; this one counts\n"
        "  accept = 29\n"
        "  ^~~~~~\n"
        "1 warning\n");
  const auto refusal = [&](const std::string& name) { return term::find_theme(files, name, said).error().message; };
  CHECK(refusal("ligth") == "no theme is named 'ligth'; did you mean 'light'? (a file has a '/' in its name)");
  CHECK(refusal("/etc/bad.theme") ==
        "/etc/bad.theme:1:1: error: no role is named 'acept'; did you mean 'accept'?\n"
        "  acept = 28\n"
        "  ^~~~~\n"
        "1 error\n");
  CHECK(refusal("/etc/none.theme").starts_with("read '/etc/none.theme'"));
}
