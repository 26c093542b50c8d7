// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/form.h"

#include <algorithm>

#include "base/assert.h"
#include "ui/text.h"
#include "ui/translate.h"

namespace vuurmuur::ui {

using Kind = FormRow::Kind;

namespace {

/// A problem below its row, as far as there is room beside the labels.
std::vector<std::string> problem_lines(const FormProblem& problem, int columns, int label_columns) {
  // A value of a megabyte is quoted in what is wrong with it: some lines of that are enough.
  constexpr int kMostLines = 4;
  const int room = std::max(1, columns - label_columns - 6);
  return wrap(cut(problem.text, kMostLines * room), room);
}

}  // namespace

FormRow* Form::find(std::string_view id) {
  const auto found = std::ranges::find(rows_, id, &FormRow::id);
  return found == rows_.end() ? nullptr : &*found;
}

const FormRow& Form::focused() const {
  VM_ASSERT(focus_ < rows_.size());
  return rows_[focus_];
}

void Form::load_field() {
  if (focus_ < rows_.size()) field_.set(rows_[focus_].value);
}

void Form::set_rows(std::vector<FormRow> rows) {
  const std::string id = focus_ < rows_.size() ? rows_[focus_].id : "";
  const std::string value = focus_ < rows_.size() ? rows_[focus_].value : "";
  rows_ = std::move(rows);
  const auto again = std::ranges::find(rows_, id, &FormRow::id);
  if (again != rows_.end()) {
    focus_ = static_cast<std::size_t>(again - rows_.begin());
    if (again->value == value && field_.text() == value) return;
  } else {
    focus_ = std::min(focus_, rows_.empty() ? 0 : rows_.size() - 1);
  }
  load_field();
}

void Form::focus(std::string_view id) {
  if (const FormRow* row = find(id)) {
    focus_ = static_cast<std::size_t>(row - rows_.data());
    load_field();
  }
}

void Form::move(int by) {
  if (rows_.empty()) return;
  const int count = static_cast<int>(rows_.size());
  focus_ = static_cast<std::size_t>(std::clamp(static_cast<int>(focus_) + by, 0, count - 1));
  load_field();
}

std::string Form::value(std::string_view id) const {
  const auto found = std::ranges::find(rows_, id, &FormRow::id);
  return found == rows_.end() ? "" : found->value;
}

void Form::set_value(std::string_view id, std::string value) {
  FormRow* row = find(id);
  if (row == nullptr) return;
  row->value = std::move(value);
  if (row == &rows_[focus_]) load_field();
}

bool Form::take(const Key& key) {
  if (rows_.empty()) return false;
  FormRow& row = rows_[focus_];
  const bool is_space = key == Key::of(U' ');
  switch (row.kind) {
    case Kind::Text: {
      if (!field_.take(key)) return false;
      row.value = field_.text();
      return true;
    }
    case Kind::Toggle: {
      if (!is_space) return false;
      row.value = row.value.empty() ? "yes" : "";
      return true;
    }
    case Kind::Choice: {
      const bool is_back = key.code == KeyCode::Left;
      if ((!is_space && !is_back && key.code != KeyCode::Right) || row.choices.empty()) return false;
      const auto now = std::ranges::find(row.choices, row.value);
      const auto count = row.choices.size();
      const auto at =
          now == row.choices.end() ? (is_back ? 0 : count - 1) : static_cast<std::size_t>(now - row.choices.begin());
      row.value = row.choices[(at + (is_back ? count - 1 : 1)) % count];
      return true;
    }
  }
  return false;
}

void Form::paste(std::string_view text) {
  if (!is_typing()) return;
  field_.insert(text);
  rows_[focus_].value = field_.text();
}

bool Form::begins_section(std::size_t index) const {
  return !rows_[index].section.empty() && (index == 0 || rows_[index - 1].section != rows_[index].section);
}

void Form::draw_row(Canvas canvas, int at, int label_columns, std::size_t index) const {
  const FormRow& row = rows_[index];
  if (begins_section(index)) {
    if (at >= 0) {
      canvas.part({.row = at, .column = 2, .rows = 1, .columns = canvas.columns() - 2}).rule(0);
      canvas.put(at, 4, " " + row.section + " ", Role::Heading);
    }
    ++at;
  }
  const bool has_focus = index == focus_;
  canvas.put(at, 0, has_focus ? "›" : " ", Role::Shortcut);
  canvas.put_cut(at, 2, label_columns, row.label, has_focus ? Role::Heading : Role::Label);
  if (row.is_needed && row.value.empty()) canvas.put(at, 2 + label_columns, "*", Role::Error);
  Canvas value =
      canvas.part({.row = at, .column = label_columns + 4, .rows = 1, .columns = canvas.columns() - label_columns - 4});
  switch (row.kind) {
    case Kind::Text: {
      Canvas field = value.part({.rows = 1, .columns = value.columns() - 2});
      if (has_focus) {
        field_.view(field, true);
      } else {
        Field(row.value).view(field, false);
      }
      if (row.has_picker) value.put(0, value.columns() - 1, "▾", Role::Shortcut);
      break;
    }
    case Kind::Toggle:
      value.put(0, 0, row.value.empty() ? "[ ]" : "[x]");
      if (has_focus) value.set_cursor(0, 1);
      break;
    case Kind::Choice: {
      const int end = value.put(0, 0, "‹ " + (row.value.empty() ? std::string(tr("none")) : row.value) + " ›");
      if (row.has_picker) value.put(0, end + 1, "▾", Role::Shortcut);
      if (has_focus) value.set_cursor(0, 2);
      break;
    }
  }
  canvas.add_region({.row = at, .rows = 1, .columns = canvas.columns()}, "", static_cast<int>(index));
  int lines = 1;
  for (const FormProblem& problem : problems_) {
    if (problem.id != row.id) continue;
    const Role role = problem.is_error ? Role::Error : Role::Warning;
    canvas.put(at + lines, label_columns + 4, problem.is_error ? "^" : "~", role);
    for (const std::string& part : problem_lines(problem, canvas.columns(), label_columns))
      canvas.put(at + lines++, label_columns + 6, part, role);
  }
}

void Form::view(Canvas canvas) const {
  int label_columns = 6;
  for (const FormRow& row : rows_) label_columns = std::max(label_columns, columns_of(row.label));
  label_columns = std::min(label_columns, canvas.columns() / 3);
  const int rows = canvas.rows() - 2;
  if (rows < 1 || rows_.empty()) return;
  // The lines of the row in focus, to have them in view.
  std::vector<int> begin(rows_.size() + 1, 0);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    begin[i + 1] = begin[i] + 1 + (begins_section(i) ? 1 : 0);
    for (const FormProblem& problem : problems_)
      if (problem.id == rows_[i].id)
        begin[i + 1] += static_cast<int>(problem_lines(problem, canvas.columns(), label_columns).size());
  }
  // Of a row that is longer than the canvas the beginning is seen.
  top_ = std::clamp(top_, std::min(std::max(0, begin[focus_ + 1] - rows), begin[focus_]), begin[focus_]);
  top_ = std::clamp(top_, 0, std::max(0, begin.back() - rows));
  Canvas body = canvas.rows_from(0, rows);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (begin[i + 1] <= top_ || begin[i] >= top_ + rows) continue;
    draw_row(body, begin[i] - top_, label_columns, i);
  }
  canvas.put(canvas.rows() - 1, 0, focused().help, Role::Dim);
}

}  // namespace vuurmuur::ui
