// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "app/binding.h"
#include "app/event.h"
#include "app/model.h"
#include "ui/canvas.h"

namespace vuurmuur::app {

/// What a screen wants to be told of as it happens.
struct Streams {
  bool counters = false;
  bool log = false;
  std::optional<ConnectionsWish> connections{};
  bool operator==(const Streams&) const = default;
};

/// What a screen, or the window over one, does with events and how it looks. It keeps what only it needs: selection,
/// filter, field; what others see too is in the Model.
class Screen {
 public:
  Screen() = default;
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;
  virtual ~Screen() = default;

  /// For the title line, in the user's language.
  [[nodiscard]] virtual std::string title() const = 0;
  /// Its actions, tables of rows; those that are met first come first in the footer.
  [[nodiscard]] virtual std::vector<std::span<const Binding>> bindings() const = 0;
  /// It has just become the uppermost one: what it has to ask for first.
  virtual void opened(Context&) {}
  /// Events that no binding took.
  virtual void update(const Event&, Context&) {}
  virtual void view(const Model& model, ui::Canvas canvas) const = 0;

  /// Whether it is drawn over the one below it.
  [[nodiscard]] virtual bool is_overlay() const { return false; }
  /// Whether keys that write or move a text cursor are for update(), before any binding.
  [[nodiscard]] virtual bool is_typing() const { return false; }
  [[nodiscard]] virtual Streams streams() const { return {}; }
};

/// What a screen may do to the world around it. Screens come and go when the event is done with.
class Context {
 public:
  struct Push {
    std::unique_ptr<Screen> screen;
  };
  struct Pop {
    int count = 1;
  };
  struct Close {
    const Screen* screen;
    bool is_only_uppermost = false;
  };
  struct Run {
    const Binding* binding;
  };
  using Step = std::variant<Push, Pop, Close, Run>;

  Context(Model& model, std::uint64_t& last_request) : model_(model), last_request_(last_request) {}

  [[nodiscard]] Model& model() { return model_; }

  void push(std::unique_ptr<Screen> screen) { steps_.push_back(Push{std::move(screen)}); }
  /// Takes the uppermost screens away.
  void pop(int count = 1) { steps_.push_back(Pop{count}); }
  /// Takes this one away with all that was opened over it; the first of all stays.
  void close(const Screen& screen) { steps_.push_back(Close{.screen = &screen}); }
  /// Takes this one away when nothing was opened over it.
  void leave(const Screen& screen) { steps_.push_back(Close{.screen = &screen, .is_only_uppermost = true}); }
  /// Does another action of the screen that is uppermost then.
  void run(const Binding& binding) { steps_.push_back(Run{&binding}); }

  void say(std::string text, ui::Role role = ui::Role::Normal) { model_.message = Message{std::move(text), role}; }
  void fail(std::string text) { say(std::move(text), ui::Role::Error); }

  void effect(Effect effect) { effects_.push_back(std::move(effect)); }
  /// Asks the daemon; the Reply names the request.
  RequestId call(std::string method, ipc::Json parameters = ipc::Json::object());
  /// Compiles one rule of what is edited; PreviewMade names the request.
  RequestId preview(std::uint32_t rule);
  /// Looks which packets what is edited treats otherwise than other files; TrafficCompared names the request.
  RequestId compare_traffic(std::shared_ptr<const ConfigurationFiles> before);
  /// Looks through the stored log; LogFound names the request.
  RequestId search_log(std::string filter, std::string since);
  /// Makes a step of the draft and says what it was, or why it cannot be; gives whether it was made.
  bool edit(std::string what, const Workspace::Step& step);

  [[nodiscard]] std::vector<Step>& steps() { return steps_; }
  [[nodiscard]] std::vector<Effect>& effects() { return effects_; }

 private:
  Model& model_;
  std::uint64_t& last_request_;
  std::vector<Step> steps_;
  std::vector<Effect> effects_;
};

}  // namespace vuurmuur::app
