// SPDX-License-Identifier: GPL-2.0-or-later
#include "term/input.h"

#include <fmt/format.h>

#include <random>

#include "base/overloaded.h"
#include "pty_pair.h"

using namespace vuurmuur;
using namespace std::chrono_literals;
using test::PtyPair;
using test::WithLocale;

namespace {

std::string shown(const std::vector<ui::Input>& inputs) {
  std::string text;
  for (const ui::Input& input : inputs) {
    if (!text.empty()) text += ' ';
    text += std::visit(
        base::Overloaded{
            [](const ui::Key& key) { return ui::name_of(key); },
            [](const ui::Mouse& mouse) {
              static constexpr const char* kNames[] = {"press", "double", "up", "down"};
              return fmt::format("{}({},{})", kNames[static_cast<int>(mouse.what)], mouse.place.row,
                                 mouse.place.column);
            },
            [](const ui::Paste& paste) { return fmt::format("paste<{}>", paste.text); },
            [](const ui::Resize& size) { return fmt::format("resize({}x{})", size.size.rows, size.size.columns); },
        },
        input);
  }
  return text;
}

/// A terminal of a type and what is typed on it.
class Keyboard {
 public:
  explicit Keyboard(const char* type) {
    auto opened = term::Terminal::open({.input = pty_.input, .output = pty_.output, .type = type});
    REQUIRE(opened);
    terminal_ = std::move(*opened);
    input_ = std::make_unique<term::Input>(*terminal_);
  }

  /// What comes of bytes that arrive in one piece.
  std::string type(std::string_view bytes) {
    pty_.type(bytes);
    return shown(input_->take_until(now));
  }

  std::string type_nothing() { return shown(input_->take_until(now)); }

  term::Terminal& terminal() { return *terminal_; }
  PtyPair& pty() { return pty_; }
  term::Decoder::Clock::time_point now{1h};

 private:
  PtyPair pty_;
  std::unique_ptr<term::Terminal> terminal_;
  std::unique_ptr<term::Input> input_;
};

struct Row {
  std::string_view bytes;
  const char* expected;
};

}  // namespace

TEST_CASE("keys that every terminal sends alike") {
  const WithLocale utf8("C.UTF-8");
  for (const char* type : {"linux", "xterm", "xterm-256color", "tmux-256color", "screen", "vt100"}) {
    Keyboard keyboard(type);
    const Row rows[] = {
        {"j", "j"},
        {"G", "G"},
        {" ", "Space"},
        {"\xc3\xb6", "ö"},
        {"\xe6\x97\xa5", "日"},
        {"\r", "Enter"},
        {"\n", "Enter"},
        {"\t", "Tab"},
        {"\x7f", "Backspace"},
        {"\x08", "Backspace"},
        {"\033", "Esc"},
        {"\033\033", "Esc Esc"},
        {"\033\033\033", "Esc Esc Esc"},
        {"\001", "Ctrl-a"},
        {"\003", "Ctrl-c"},
        {"\014", "Ctrl-l"},
        {"\032", "Ctrl-z"},
        {"\021", "Ctrl-q"},
        {"\023", "Ctrl-s"},
        {"\034", "Ctrl-\\"},
        {std::string_view("\0", 1), "Ctrl-Space"},
        {"\033x", "Alt-x"},
        {"\033\xc3\xb6", "Alt-ö"},
        {"\033\r", "Alt-Enter"},
        {"\033\x7f", "Alt-Backspace"},
        {"\033\001", "Ctrl-Alt-a"},
        {"\033[", "Alt-["},
        {"\033O", "Alt-O"},
        {"\033[Z", "Shift-Tab"},
        {"\033[A", "Up"},
        {"\033[B", "Down"},
        {"\033[C", "Right"},
        {"\033[D", "Left"},
        {"\033OA", "Up"},
        {"\033OD", "Left"},
        {"\033[H", "Home"},
        {"\033[F", "End"},
        {"\033[2~", "Ins"},
        {"\033[3~", "Del"},
        {"\033[5~", "PgUp"},
        {"\033[6~", "PgDn"},
        {"\033[A\033[Bj\033[A", "Up Down j Up"},
        {"\033\033[A", "Alt-Up"},
        {"\033OM", "Enter"},
        {"\033[200~two\rwords\r\n\033[A\033[201~q", "paste<two\nwords\n\033[A> q"},
        {"\033[200~\033[201~", "paste<>"},
        {"\033[200~a\033[201\033[201~b", "paste<a\033[201> b"},
        // Answers and keys that are nobody's.
        {"a\033[99;99zb", "a b"},
        {"\033[Ia\033[Ob", "a b"},
        {"\033[?62;22ca", "a"},
        {"\033[24;80Ra", "a"},
        {"\033Oza", "a"},
        {"\033]11;rgb:0000/0000/0000\033\\a", "a"},
        {"\033]11;rgb:0000/0000/0000\aa", "a"},
        {"\033P>|XTerm(370)\033\\a", "a"},
        // Bytes that are no characters.
        {"a\xff\xfe"
         "b\xc3q\xe2\x82\033x",
         "a b q Alt-x"},
        {"\xc2\x9b"
         "a",
         "a"},
        {"\xf4\x90\x80\x80"
         "a",
         "a"},
        {"\xfd\x80\x80\x80\x80\x80"
         "a",
         "a"},
        {"\xed\xa0\x80"
         "a",
         "a"},
    };
    for (const auto& [bytes, expected] : rows) {
      INFO(type << ": " << fmt::format("{:?}", std::string(bytes).c_str()));
      CHECK(keyboard.type(bytes) == expected);
    }
  }
}

TEST_CASE("keys with modifiers, function keys and the numeric pad") {
  const WithLocale utf8("C.UTF-8");
  struct TypeRows {
    const char* type;
    std::vector<Row> rows;
  };
  const std::vector<Row> xterm = {
      {"\033OP", "F1"},
      {"\033OQ", "F2"},
      {"\033OR", "F3"},
      {"\033OS", "F4"},
      {"\033[15~", "F5"},
      {"\033[17~", "F6"},
      {"\033[18~", "F7"},
      {"\033[19~", "F8"},
      {"\033[20~", "F9"},
      {"\033[21~", "F10"},
      {"\033[23~", "F11"},
      {"\033[24~", "F12"},
      {"\033[1;5A", "Ctrl-Up"},
      {"\033[1;2B", "Shift-Down"},
      {"\033[1;3C", "Alt-Right"},
      {"\033[1;6D", "Ctrl-Shift-Left"},
      {"\033[1;5H", "Ctrl-Home"},
      {"\033[1;2F", "Shift-End"},
      {"\033[3;5~", "Ctrl-Del"},
      {"\033[5;2~", "Shift-PgUp"},
      {"\033[6;3~", "Alt-PgDn"},
      {"\033[2;2~", "Shift-Ins"},
      {"\033[1;2P", "Shift-F1"},
      {"\033[15;5~", "Ctrl-F5"},
      {"\033[24;2~", "Shift-F12"},
      {"\033[21;3~", "Alt-F10"},
      {"\033[11~", "F1"},
      {"\033[14~", "F4"},
      {"\033OH", "Home"},
      {"\033OF", "End"},
      {"\033[1~", "Home"},
      {"\033[4~", "End"},
      {"\033Oj", "*"},
      {"\033Ok", "+"},
      {"\033Om", "-"},
  };
  const TypeRows types[] = {
      {"xterm", xterm},
      {"xterm-256color", xterm},
      {"tmux-256color",
       {{"\033OP", "F1"},
        {"\033[15~", "F5"},
        {"\033[24~", "F12"},
        {"\033[1~", "Home"},
        {"\033[4~", "End"},
        {"\033[1;5A", "Ctrl-Up"},
        {"\033[3;2~", "Shift-Del"},
        {"\033[1;2P", "Shift-F1"}}},
      {"screen", {{"\033OP", "F1"}, {"\033[15~", "F5"}, {"\033[24~", "F12"}, {"\033[1~", "Home"}, {"\033[4~", "End"}}},
      {"linux",
       {{"\033[[A", "F1"},
        {"\033[[B", "F2"},
        {"\033[[E", "F5"},
        {"\033[17~", "F6"},
        {"\033[21~", "F10"},
        {"\033[23~", "F11"},
        {"\033[24~", "F12"},
        {"\033[25~", "Shift-F1"},
        {"\033[34~", "Shift-F8"},
        {"\033[1~", "Home"},
        {"\033[4~", "End"}}},
      {"vt100",
       {{"\033OP", "F1"},
        {"\033OQ", "F2"},
        {"\033OR", "F3"},
        {"\033OS", "F4"},
        // Terminfo has functions on the pad of this one.
        {"\033Ot", "F5"},
        {"\033[15~", "F5"}}},
      {"rxvt-basic",
       // Not "\033[a": the terminfo of some releases has it the other way round.
       {{"\033Ob", "Ctrl-Down"},
        {"\033[7~", "Home"},
        {"\033[8~", "End"},
        {"\033[3$", "Shift-Del"},
        {"\033[5^", "Ctrl-PgUp"},
        {"\033[11~", "F1"},
        {"\033\033[A", "Alt-Up"}}},
  };
  for (const auto& [type, rows] : types) {
    Keyboard keyboard(type);
    for (const auto& [bytes, expected] : rows) {
      INFO(type << ": " << fmt::format("{:?}", std::string(bytes).substr(1)));
      CHECK(keyboard.type(bytes) == expected);
    }
  }
}

TEST_CASE("the mouse tells where it was pressed, how often, and the wheel") {
  const WithLocale utf8("C.UTF-8");
  Keyboard sgr("xterm-256color");
  CHECK(sgr.type("\033[<0;301;6M\033[<0;301;6m") == "press(5,300)");
  sgr.now += 300ms;
  CHECK(sgr.type("\033[<0;301;6M\033[<0;301;6m") == "double(5,300)");
  sgr.now += 300ms;
  CHECK(sgr.type("\033[<0;301;6M\033[<0;301;6m") == "press(5,300)");
  sgr.now += 1s;
  CHECK(sgr.type("\033[<0;301;6M\033[<0;301;6m") == "press(5,300)");
  sgr.now += 100ms;
  CHECK(sgr.type("\033[<0;300;6M") == "press(5,299)");
  CHECK(sgr.type("\033[<64;1;1M\033[<65;2;2Mj") == "up(0,0) down(1,1) j");
  // The middle and the right button do nothing.
  CHECK(sgr.type("\033[<1;1;1M\033[<2;1;1Mj") == "j");
}

TEST_CASE("the mouse in the old encoding") {
  Keyboard keyboard("screen");
  CHECK(keyboard.type("\033[M *&") == "press(5,9)");
  CHECK(keyboard.type("\033[M`!!\033[Ma!!") == "up(0,0) down(0,0)");
}

TEST_CASE("a resize of curses is no key") {
  Keyboard keyboard("xterm");
  keyboard.pty().resize({.rows = 30, .columns = 90});
  keyboard.terminal().resize();
  CHECK(keyboard.type("j") == "j");
}

TEST_CASE("a character or a paste that comes in pieces is whole") {
  const WithLocale utf8("C.UTF-8");
  Keyboard keyboard("xterm");
  CHECK(keyboard.type("a\xe6") == "a");
  CHECK(keyboard.type("\x97") == "");
  CHECK(keyboard.type("\xa5z") == "日 z");
  CHECK(keyboard.type("\033[200~one") == "");
  CHECK(keyboard.type(" two\033[2") == "");
  keyboard.now += 1s;
  CHECK(keyboard.type("01~x") == "paste<one two> x");
}

TEST_CASE("a paste without an end is over when nothing comes") {
  const WithLocale utf8("C.UTF-8");
  Keyboard keyboard("xterm");
  CHECK(keyboard.type("\033[200~one\033[20") == "");
  keyboard.now += 2100ms;
  CHECK(keyboard.type_nothing() == "paste<one\033[20>");
  CHECK(keyboard.type("j") == "j");
}

TEST_CASE("keys and pastes in another charset") {
  const WithLocale c("C");
  Keyboard keyboard("xterm");
  CHECK(keyboard.type("a\xc3\xb6z") == "a z");
  CHECK(keyboard.type("\033[200~ab\033[201~z") == "paste<ab> z");
}

TEST_CASE("whatever bytes come, reading them ends and keys work again") {
  const WithLocale utf8("C.UTF-8");
  std::mt19937 engine(20261126);
  static constexpr std::string_view kBits[] = {"\033", "\033[", "\033O", "\033]",  "\033P",     "200~",
                                               "201~", ";5",    "M",     "<0;1;1", "\033[200~", "\033[201~",
                                               "\xc3", "\xff",  "\a",    "\033\\", "~",         "A"};
  for (const char* type : {"xterm", "xterm-256color", "linux", "vt100"}) {
    Keyboard keyboard(type);
    for (int round = 0; round < 40; ++round) {
      std::string bytes;
      while (bytes.size() < 60) {
        if (engine() % 2 == 0)
          bytes += kBits[engine() % std::size(kBits)];
        else
          bytes += static_cast<char>(engine() % 256);
      }
      (void)keyboard.type(bytes);
      // What may still be open: a mouse report, a character, a string, a paste.
      (void)keyboard.type("      \a");
      keyboard.now += 10s;
      (void)keyboard.type_nothing();
      keyboard.now += 10s;
      (void)keyboard.type_nothing();
      INFO(type << " round " << round << ": " << fmt::format("{:?}", std::string(bytes.c_str())));
      CHECK(keyboard.type("j") == "j");
    }
  }
}
