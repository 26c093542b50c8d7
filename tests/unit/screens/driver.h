// SPDX-License-Identifier: GPL-2.0-or-later
// The program without a terminal: a tree in memory, keys in, screens and effects out.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/app.h"
#include "ui/geometry.h"

namespace vuurmuur::screens_test {

/// Files by their path in the tree.
using Files = std::map<std::string, std::string>;

/// A small office: zones lan, dmz and inet, interfaces, hosts, a group, services and eight rules.
[[nodiscard]] Files office();

class Driver {
 public:
  explicit Driver(Files files = office(), ui::Size size = {.rows = 24, .columns = 80});

  /// Presses keys by their names, separated by blanks: "j j Enter Ctrl-l".
  Driver& press(std::string_view keys);
  /// The same without a frame between them, as keys that come fast.
  Driver& press_unseen(std::string_view keys);
  /// Types a text letter by letter.
  Driver& type(std::string_view text);
  Driver& happen(const app::Event& event);
  Driver& click(int row, int column, bool is_double = false);
  Driver& resize(ui::Size size);

  /// Makes the daemon be there, with generation 12 confirmed.
  Driver& with_daemon();

  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string styles() const;
  /// A row of the screen.
  [[nodiscard]] std::string line(int row) const;
  [[nodiscard]] bool shows(std::string_view text) const;

  [[nodiscard]] app::App& app() { return app_; }
  [[nodiscard]] const app::Model& model() const { return app_.model(); }
  /// What rules/rules.conf says with the draft, without the comment lines.
  [[nodiscard]] std::string rules() const;
  /// All effects since the last time.
  [[nodiscard]] std::vector<app::Effect> take_effects();
  /// The only effect since the last time, which must be a T.
  template <class T>
  [[nodiscard]] T take() {
    const std::vector<app::Effect> effects = take_effects();
    for (const app::Effect& effect : effects)
      if (const auto* wanted = std::get_if<T>(&effect)) return *wanted;
    throw std::runtime_error("that effect was not asked for");
  }

 private:
  void keep(std::vector<app::Effect> effects);

  ui::Size size_;
  app::App app_;
  std::vector<app::Effect> effects_;
};

/// Compares a text with a file. UPDATE_GOLDEN=1 writes it instead.
void expect_file(const std::string& path, const std::string& text);

/// Compares a screen, and its styles when they are given, with tests/unit/screens/expect/NAME.txt and NAME.style.
/// UPDATE_GOLDEN=1 writes them instead.
void expect_screen(const Driver& driver, const std::string& name, bool with_styles = false);

}  // namespace vuurmuur::screens_test
