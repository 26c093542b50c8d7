// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "edit/object.h"
#include "screens/list_screen.h"
#include "screens/object_lines.h"

namespace vuurmuur::screens {

/// A screen with a list of objects: what can be done with each of them, whatever its kind. The selection stays on its
/// object while others come and go.
class ObjectScreen : public ListScreen {
 public:
  // Actions of object_actions().
  void edit(app::Context& context);
  void add(app::Context& context);
  void remove(app::Context& context);
  void rename(app::Context& context);
  void toggle(app::Context& context);
  void show_users(app::Context& context);
  void ask_filter(app::Context& context);
  void clear_filter(app::Context& context);
  // Why not.
  [[nodiscard]] app::Why why_no_object(const app::Model& model) const;
  [[nodiscard]] app::Why why_no_clear(const app::Model& model) const;

 protected:
  /// All that the list has, whatever the filter.
  [[nodiscard]] virtual std::vector<ObjectLine> lines(const app::Model& model) const = 0;
  /// What can be made here, by the name of what it is made in: {Host, "local.lan"}, {Zone, ""}.
  [[nodiscard]] virtual std::vector<edit::Object> can_make() const = 0;

  [[nodiscard]] static std::span<const app::Binding> object_actions();

  /// Finds out what is shown now; the selection follows its object.
  void find(const app::Model& model) const;
  /// Another list is shown from now on, without a filter, with this object selected when there is one of that name.
  void turn_to(const std::optional<edit::Object>& object, app::Context& context);
  /// Selects an object, without the filter when that hides it.
  void go_to(const edit::Object& object, app::Context& context);

  [[nodiscard]] const std::vector<ObjectLine>& found() const { return found_; }
  [[nodiscard]] const ObjectLine* current(const app::Model& model) const;
  [[nodiscard]] const std::string& filter() const { return filter_; }
  [[nodiscard]] const ProblemsByFile& problems() const { return problems_; }
  /// "rule 2 (accept …)": who speaks of an object.
  [[nodiscard]] const std::vector<std::string>& users(const app::Model& model, const edit::Object& object) const;

  /// The mark of whether it is active and of what is wrong with it, in four columns.
  void draw_marks(ui::Canvas row, const ObjectLine& line) const;
  /// What is wrong with the selected object, its comment and who uses it, below a ruler.
  void draw_details(ui::Canvas canvas, const app::Model& model) const;

  [[nodiscard]] int count(const app::Model& model) const override;

 private:
  void ask_name(edit::Object in, app::Context& context);

  std::string filter_;
  mutable std::vector<ObjectLine> found_;
  mutable std::shared_ptr<const app::Reading> found_in_;
  mutable ProblemsByFile problems_;
  mutable std::shared_ptr<const app::Reading> users_in_;
  mutable edit::Object users_of_;
  mutable std::vector<std::string> users_;
};

}  // namespace vuurmuur::screens
