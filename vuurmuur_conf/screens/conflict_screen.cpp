// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/conflict_screen.h"

#include <array>
#include <optional>

#include "app/merge.h"
#include "base/line_diff.h"
#include "base/strings.h"
#include "screens/confirm.h"
#include "screens/list_screen.h"
#include "screens/reader.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::ask;
using app::Binding;
using app::call;
using app::Context;
using app::Model;
using app::Needs;
using app::Side;
using app::Why;
using base::MergePiece;
using ui::fill;
using ui::Role;
using ui::to_translate;
using ui::tr;
using Kind = MergePiece::Kind;

/// A line of the screen, and the piece that it is of.
struct Row {
  TextLine line;
  std::optional<std::size_t> file{}, piece{};
};

class Conflict final : public ListScreen {
 public:
  [[nodiscard]] std::string title() const override { return tr("Merge"); }
  void opened(Context& context) override { context.effect(app::ReadTree{}); }

  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override;

  void update(const app::Event& event, Context& context) override {
    if (std::holds_alternative<app::TreeRead>(event)) compare(context);
    ListScreen::update(event, context);
  }

  // Actions.
  void take_mine(Context& context) { decide(Side::Mine, context); }
  void take_theirs(Context& context) { decide(Side::Theirs, context); }
  void all_mine(Context& context) {
    const int open = merge_.open_count();
    context.push(make_confirm(fill(ui::tr_count("Keep yours in {} place, over what somebody else wrote there?",
                                                "Keep yours in {} places, over what somebody else wrote there?", open),
                                   open),
                              {}, [this](Context&) { decide_all(Side::Mine); }));
  }
  void all_theirs(Context&) { decide_all(Side::Theirs); }
  void next_open(Context& context);
  void accept(Context& context);

  // Why not.
  [[nodiscard]] Why why_no_piece(const Model&) const {
    return row_to_decide() ? std::nullopt : Why(tr("there is nothing to decide in this line: n goes on to one"));
  }
  [[nodiscard]] Why why_none_open(const Model&) const {
    return merge_.open_count() == 0 ? Why(tr("everything is decided: Enter goes on")) : std::nullopt;
  }
  [[nodiscard]] Why why_not_accept(const Model& model) const {
    if (model.newer == nullptr) return is_read_ ? tr("there is nothing to merge") : tr("the files are being read");
    const int open = merge_.open_count();
    if (open == 0) return std::nullopt;
    return fill(ui::tr_count("{} place is to be decided first: m mine, t theirs",
                             "{} places are to be decided first: m mine, t theirs", open),
                open);
  }

  void view(const Model& model, ui::Canvas canvas) const override;

 private:
  [[nodiscard]] int count(const Model&) const override { return static_cast<int>(rows_.size()); }

  void compare(Context& context);
  void make_rows();
  void add_file(std::size_t number);
  /// The selected row when it is of an overlap.
  [[nodiscard]] std::optional<std::size_t> row_to_decide() const;
  [[nodiscard]] bool is_open(const Row& row) const { return row.piece && merge_.files[*row.file].is_open(*row.piece); }
  void decide(Side side, Context& context);
  void decide_all(Side side) {
    merge_.decide_all(side);
    make_rows();
  }

  app::Merge merge_;
  bool is_read_ = false;
  std::vector<Row> rows_;
};

std::vector<std::span<const Binding>> Conflict::bindings() const {
  static constexpr std::array kRows{
      Binding{.id = "merge.accept",
              .keys = "Enter F2",
              .label = to_translate("go on"),
              .help = to_translate("put the draft on top of the files as they are now"),
              .act = call<&Conflict::accept>,
              .why_not = ask<&Conflict::why_not_accept>},
      Binding{.id = "merge.mine",
              .keys = "m",
              .label = to_translate("mine"),
              .help = to_translate("take what the draft says in this place"),
              .act = call<&Conflict::take_mine>,
              .why_not = ask<&Conflict::why_no_piece>},
      Binding{.id = "merge.theirs",
              .keys = "t",
              .label = to_translate("theirs"),
              .help = to_translate("take what somebody else wrote in this place"),
              .act = call<&Conflict::take_theirs>,
              .why_not = ask<&Conflict::why_no_piece>},
      Binding{.id = "merge.all-mine",
              .keys = "M",
              .label = to_translate("all mine"),
              .help = to_translate("take the draft in all places that are not decided; asks"),
              .act = call<&Conflict::all_mine>,
              .why_not = ask<&Conflict::why_none_open>},
      Binding{.id = "merge.all-theirs",
              .keys = "T",
              .label = to_translate("all theirs"),
              .help = to_translate("take what somebody else wrote in all places that are not decided"),
              .act = call<&Conflict::all_theirs>,
              .why_not = ask<&Conflict::why_none_open>},
      Binding{.id = "merge.next",
              .keys = "n",
              .label = to_translate("next"),
              .help = to_translate("the next place that is to be decided"),
              .act = call<&Conflict::next_open>,
              .why_not = ask<&Conflict::why_none_open>},
  };
  return {kRows, navigation()};
}

void Conflict::compare(Context& context) {
  const Model& model = context.model();
  is_read_ = true;
  if (model.newer == nullptr) {
    merge_ = {};
    rows_.clear();
    context.leave(*this);
    context.say(model.workspace.change_count() == 0 ? tr("the files were read again")
                                                    : tr("nobody changed the files underneath"));
    return;
  }
  merge_ = app::merge(model.workspace, *model.newer);
  make_rows();
  for (std::size_t row = 0; row < rows_.size(); ++row)
    if (is_open(rows_[row])) return list().select(static_cast<int>(row), static_cast<int>(rows_.size()));
  list().select(0, static_cast<int>(rows_.size()));
}

void Conflict::make_rows() {
  rows_.clear();
  for (std::size_t file = 0; file < merge_.files.size(); ++file) add_file(file);
  for (const edit::FileChange& file : merge_.others) {
    std::vector<TextLine> lines;
    add_difference(lines, file.path,
                   !file.before  ? "added"
                   : !file.after ? "removed"
                                 : "changed",
                   base::diff_lines(file.before.value_or(""), file.after.value_or("")));
    lines.front().text += tr("   they changed it, the draft does not");
    for (TextLine& line : lines) rows_.push_back({.line = std::move(line)});
    rows_.push_back({});
  }
  if (!rows_.empty()) rows_.pop_back();
}

void Conflict::add_file(std::size_t number) {
  const app::MergedFile& file = merge_.files[number];
  rows_.push_back({.line = {.text = file.path, .role = Role::Heading}});
  for (std::size_t i = 0; i < file.pieces.size(); ++i) {
    const MergePiece& piece = file.pieces[i];
    const Side side = file.sides[i];
    if (piece.kind == Kind::Same) continue;
    const bool is_overlap = piece.kind == Kind::Overlap;
    const auto add = [&](std::string text, Role role) {
      Row row{.line = {.text = std::move(text), .role = role}};
      if (is_overlap) row.file = number, row.piece = i;
      rows_.push_back(std::move(row));
    };
    const auto add_lines = [&](const char* mark, std::string_view text, Role role) {
      for (const TextLine& line : text_lines(text)) add(mark + line.text, role);
    };
    const std::string where = !file.theirs ? std::string(tr("the file is gone from the disk"))
                              : !file.mine ? std::string(tr("the draft takes the file away"))
                                           : fill(tr("line {}"), piece.line);
    switch (piece.kind) {
      case Kind::Same: break;
      case Kind::Mine: add(fill(tr("✓ {}: you changed it"), where), Role::Good); break;
      case Kind::Theirs: add(fill(tr("✓ {}: they changed it"), where), Role::Good); break;
      case Kind::Both: add(fill(tr("✓ {}: both made the same of it"), where), Role::Good); break;
      case Kind::Overlap:
        add(side == Side::Open   ? fill(tr("? {}: both changed it, to be decided"), where)
            : side == Side::Mine ? fill(tr("✓ {}: both changed it, yours is taken"), where)
                                 : fill(tr("✓ {}: both changed it, theirs is taken"), where),
            side == Side::Open ? Role::Warning : Role::Good);
        break;
    }
    add_lines("      - ", piece.before, Role::Removed);
    const auto role_of = [&](Side of) {
      return !is_overlap || side == Side::Open || side == of ? Role::Added : Role::Dim;
    };
    if (piece.kind == Kind::Mine || is_overlap) {
      if (is_overlap && !file.mine) add(tr(" mine + the file goes"), role_of(Side::Mine));
      add_lines(tr(" mine + "), piece.mine, role_of(Side::Mine));
    }
    if (piece.kind != Kind::Mine) {
      if (is_overlap && !file.theirs) add(tr("their + the file is gone"), role_of(Side::Theirs));
      add_lines(piece.kind == Kind::Both ? tr(" both + ") : tr("their + "), piece.theirs, role_of(Side::Theirs));
    }
  }
  rows_.push_back({});
}

std::optional<std::size_t> Conflict::row_to_decide() const {
  const auto here = static_cast<std::size_t>(selected());
  if (here >= rows_.size()) return std::nullopt;
  if (rows_[here].piece) return here;
  return std::nullopt;
}

void Conflict::decide(Side side, Context& context) {
  const std::optional<std::size_t> row = row_to_decide();
  if (!row) return;
  merge_.files[*rows_[*row].file].sides[*rows_[*row].piece] = side;
  make_rows();
  if (merge_.open_count() > 0) next_open(context);
}

void Conflict::next_open(Context& context) {
  const std::size_t count = rows_.size();
  const auto here = static_cast<std::size_t>(selected());
  for (std::size_t step = 1; step <= count; ++step) {
    const std::size_t row = (here + step) % count;
    // Its first line, and not one of that which is selected already.
    const bool is_first = is_open(rows_[row]) && (row == 0 || rows_[row - 1].piece != rows_[row].piece ||
                                                  rows_[row - 1].file != rows_[row].file);
    if (is_first) return select(static_cast<int>(row), context);
  }
}

void Conflict::accept(Context& context) {
  Model& model = context.model();
  edit::Changes draft = merge_.result(model.workspace.changes(), *model.newer, model.workspace.root());
  const bool is_over = draft.is_empty();
  const std::string what = base::join(model.workspace.steps(), "; ");
  model.workspace.rebase(std::move(model.newer), std::move(draft), what);
  model.newer = nullptr;
  model.changed_underneath.clear();
  context.pop();
  if (is_over) return context.say(tr("nothing of the draft is left: the files say all of it"), Role::Good);
  context.say(tr("the draft is on top of what somebody else wrote; nothing is saved yet"), Role::Good);
}

void Conflict::view(const Model& model, ui::Canvas canvas) const {
  if (model.newer == nullptr) {
    canvas.put_centred(canvas.rows() / 2, is_read_ ? tr("Nothing is to be merged.") : tr("The files are read again…"),
                       Role::Dim);
    return;
  }
  const int open = merge_.open_count();
  canvas.put(0, 1, tr("Somebody else changed files under the draft. Nothing is written here."), Role::Heading);
  if (open > 0) {
    canvas.put(1, 1, fill(ui::tr_count("? {} place to decide", "? {} places to decide", open), open), Role::Warning);
  } else {
    canvas.put(1, 1, tr("✓ everything fits together: Enter goes on, Esc leaves the draft as it is"), Role::Good);
  }
  canvas.rows_from(2, 1).rule(0);
  list().view(canvas.rows_from(3), static_cast<int>(rows_.size()), [this](ui::Canvas line, int item) {
    const TextLine& text = rows_[static_cast<std::size_t>(item)].line;
    line.put(0, 1, text.text, text.role);
  });
}

}  // namespace

std::unique_ptr<app::Screen> make_conflict() { return std::make_unique<Conflict>(); }

}  // namespace vuurmuur::screens
