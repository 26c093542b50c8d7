// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <span>

#include "app/screen.h"
#include "ui/list.h"

namespace vuurmuur::screens {

/// A screen whose main part is a list: arrows, pages, ends, wheel and clicks move the selection.
class ListScreen : public app::Screen {
 public:
  /// The rows of a list's own actions, to be one of bindings().
  [[nodiscard]] static std::span<const app::Binding> navigation();

  void update(const app::Event& event, app::Context& context) override;

  // Actions of navigation().
  void up(app::Context& context) { move(-1, context); }
  void down(app::Context& context) { move(1, context); }
  void page_up(app::Context& context) { move(-list_.page(), context); }
  void page_down(app::Context& context) { move(list_.page(), context); }
  void first(app::Context& context) { select(0, context); }
  void last(app::Context& context) { select(count(context.model()) - 1, context); }

 protected:
  /// How many items there are now.
  [[nodiscard]] virtual int count(const app::Model& model) const = 0;
  /// What a double click does; by default nothing.
  virtual void open(app::Context&) {}

  [[nodiscard]] int selected() const { return list_.selected(); }
  void select(int item, app::Context& context) { list_.select(item, count(context.model())); }
  void move(int by, app::Context& context) { list_.move(by, count(context.model())); }
  [[nodiscard]] const ui::List& list() const { return list_; }
  /// Follows an item to where it stands now: what is seen stays the same, so that drawing may find it out.
  void follow(int item, int count) const { list_.select(item, count); }
  [[nodiscard]] ui::List& list() { return list_; }

 private:
  mutable ui::List list_;
};

}  // namespace vuurmuur::screens
