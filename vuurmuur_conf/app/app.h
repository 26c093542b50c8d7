// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "app/event.h"
#include "app/model.h"
#include "app/screen.h"
#include "ui/canvas.h"
#include "ui/input.h"

namespace vuurmuur::app {

/// An action that can be met on the present screen.
struct InScope {
  const Binding* binding = nullptr;
  bool is_global = false;
  Why why_not;
};

/// The program without its edges: events go in, effects and a picture come out. No clock, no files, no terminal.
class App {
 public:
  /// `globals`: the actions of every screen, which the App does not know itself. `first`: the screen that is always
  /// there.
  App(Model model, std::span<const Binding> globals, std::unique_ptr<Screen> first);

  /// Opens a further screen, before anything has happened.
  void push(std::unique_ptr<Screen> screen) { screens_.push_back(std::move(screen)); }

  /// What the terminal says.
  [[nodiscard]] std::vector<Effect> input(const ui::Input& input);
  /// What the world says.
  [[nodiscard]] std::vector<Effect> handle(const Event& event);

  [[nodiscard]] ui::Frame view(ui::Size size) const;
  /// What the screens want to be told of.
  [[nodiscard]] Streams streams() const;

  [[nodiscard]] const Model& model() const { return model_; }
  [[nodiscard]] Model& model() { return model_; }
  [[nodiscard]] const Screen& top() const { return *screens_.back(); }
  [[nodiscard]] std::size_t depth() const { return screens_.size(); }
  /// The actions that can be met now, those of the screen first.
  [[nodiscard]] std::vector<InScope> in_scope() const;

 private:
  [[nodiscard]] const Binding* find(const ui::Key& key) const;
  [[nodiscard]] const Binding* find(std::string_view id) const;
  void run(const Binding& binding, Context& context);
  void note(const Event& event, Context& context);
  [[nodiscard]] std::vector<Effect> finish(Context& context);
  void judge_rules(Context& context);
  void draw_title(ui::Canvas canvas) const;
  void draw_footer(ui::Canvas canvas) const;

  Model model_;
  std::span<const Binding> globals_;
  std::vector<std::unique_ptr<Screen>> screens_;
  std::uint64_t last_request_ = 0;
  std::weak_ptr<const Reading> asked_{};     ///< what was last wished to be judged
  mutable std::vector<ui::Region> regions_;  ///< of the last view: what is drawn is what can be clicked
};

/// The smallest screen that is drawn on.
inline constexpr ui::Size kLeastSize{.rows = 15, .columns = 60};

}  // namespace vuurmuur::app
