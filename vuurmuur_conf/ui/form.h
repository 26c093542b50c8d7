// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "ui/canvas.h"
#include "ui/field.h"
#include "ui/key.h"

namespace vuurmuur::ui {

/// A line of a form.
struct FormRow {
  enum class Kind { Text, Toggle, Choice };
  std::string id;     ///< "nfqueuenum"
  std::string label;  ///< for people
  Kind kind = Kind::Text;
  std::string value{};                 ///< of a toggle "yes" or ""
  std::vector<std::string> choices{};  ///< of a choice; "" stands for none
  std::string help{};                  ///< shown below the form while the row has the focus
  bool has_picker = false;             ///< Enter offers values: marked in the row
  bool is_needed = false;              ///< must have a value
  std::string section{};               ///< a heading stands above the first of those that have the same
};

/// What is wrong with a row.
struct FormProblem {
  std::string id, text;
  bool is_error = true;
  bool operator==(const FormProblem&) const = default;
};

/// Values under names, edited one after the other. Rows and problems come and go while the focus stays on its row.
class Form {
 public:
  [[nodiscard]] const std::vector<FormRow>& rows() const { return rows_; }
  /// Replaces the rows. The row that has the focus keeps it, and the cursor with it, when it is still there.
  void set_rows(std::vector<FormRow> rows);
  void set_problems(std::vector<FormProblem> problems) { problems_ = std::move(problems); }
  [[nodiscard]] const std::vector<FormProblem>& problems() const { return problems_; }

  [[nodiscard]] const FormRow& focused() const;
  void focus(std::string_view id);
  void move(int by);
  /// The value of a row; empty when there is none of that name.
  [[nodiscard]] std::string value(std::string_view id) const;
  void set_value(std::string_view id, std::string value);

  /// Takes a key that edits the row in focus; gives whether it did.
  bool take(const Key& key);
  void paste(std::string_view text);
  /// Whether keys that write belong to the row in focus.
  [[nodiscard]] bool is_typing() const { return !rows_.empty() && focused().kind == FormRow::Kind::Text; }

  /// Draws as many rows as have room, problems below theirs, and the help of the row in focus in the last line.
  void view(Canvas canvas) const;

 private:
  [[nodiscard]] FormRow* find(std::string_view id);
  void load_field();
  /// Whether a heading stands above a row.
  [[nodiscard]] bool begins_section(std::size_t index) const;
  void draw_row(Canvas canvas, int row, int label_columns, std::size_t index) const;

  std::vector<FormRow> rows_;
  std::vector<FormProblem> problems_;
  std::size_t focus_ = 0;
  Field field_;          ///< of the row in focus
  mutable int top_ = 0;  ///< first line in view
};

}  // namespace vuurmuur::ui
