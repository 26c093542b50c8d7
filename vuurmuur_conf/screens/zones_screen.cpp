// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/zones_screen.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/strings.h"
#include "screens/object_card.h"
#include "screens/object_screen.h"
#include "ui/text.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::ask;
using app::Binding;
using app::call;
using app::Context;
using app::Model;
using app::Why;
using edit::Kind;
using edit::Object;
using ui::fill;
using ui::Role;
using ui::to_translate;
using ui::tr;

class Zones final : public ObjectScreen {
 public:
  explicit Zones(std::optional<Object> at) : at_(std::move(at)) {
    if (!at_) return;
    if (at_->kind != Kind::Zone) in_ = edit::parent_of(at_->name);
  }

  [[nodiscard]] std::string title() const override {
    std::string text = tr("Zones");
    if (!in_.empty()) text += " " + in_;
    return filter().empty() ? text : text + " /" + filter();
  }
  void opened(Context& context) override {
    if (at_) go_to(*at_, context);
  }

  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override {
    static constexpr std::array kWays{
        Binding{.id = "zones.enter",
                .keys = "Enter Right l",
                .label = to_translate("in"),
                .help = to_translate("to what is in it; a host or group is edited"),
                .act = call<&Zones::enter>,
                .why_not = ask<&Zones::why_no_object>},
        Binding{.id = "zones.out",
                .keys = "Left h Backspace",
                .label = to_translate("out"),
                .help = to_translate("back to what it is in"),
                .act = call<&Zones::out>,
                .why_not = ask<&Zones::why_not_out>},
    };
    return {kWays, object_actions(), navigation()};
  }

  void enter(Context& context) {
    const Object object = current(context.model())->object;
    if (object.kind != Kind::Zone && object.kind != Kind::Network) return edit(context);
    in_ = object.name;
    turn_to(last_in(object), context);
  }
  void out(Context& context) {
    const Object left{is_in_network() ? Kind::Network : Kind::Zone, in_};
    if (const ObjectLine* line = current(context.model())) lasts_.insert_or_assign(in_, line->object);
    in_ = edit::parent_of(in_);
    turn_to(left, context);
  }
  [[nodiscard]] Why why_not_out(const Model&) const {
    return in_.empty() ? Why(tr("these are all zones: they are in nothing")) : std::nullopt;
  }

  void view(const Model& model, ui::Canvas canvas) const override;

 private:
  [[nodiscard]] bool is_in_network() const { return in_.find('.') != std::string::npos; }
  /// What is in an object, whatever is selected.
  [[nodiscard]] static std::vector<ObjectLine> lines_in(const model::Policy& policy, const std::string& in) {
    if (in.empty()) return zone_lines(policy);
    return in.find('.') == std::string::npos ? network_lines(policy, in) : host_lines(policy, in);
  }
  [[nodiscard]] std::vector<ObjectLine> lines(const Model& model) const override {
    return lines_in(model.workspace.policy(), in_);
  }
  [[nodiscard]] std::vector<Object> can_make() const override {
    if (in_.empty()) return {{Kind::Zone, ""}};
    if (!is_in_network()) return {{Kind::Network, in_}};
    return {{Kind::Host, in_}, {Kind::Group, in_}};
  }
  void open(Context& context) override { enter(context); }

  /// What was selected when it was left last.
  [[nodiscard]] std::optional<Object> last_in(const Object& object) const {
    const auto found = lasts_.find(object.name);
    return found == lasts_.end() ? std::nullopt : std::optional(found->second);
  }

  [[nodiscard]] const char* nothing_here() const {
    if (!filter().empty()) return tr("\\ ends the filter");
    if (in_.empty()) return tr("i makes a zone");
    return is_in_network() ? tr("i makes a host or a group") : tr("i makes a network");
  }
  void draw_parent(ui::Canvas canvas, const Model& model) const;
  void draw_here(ui::Canvas canvas) const;
  void draw_preview(ui::Canvas canvas, const Model& model) const;

  std::optional<Object> at_;
  std::string in_;  ///< what is shown is in this zone ("lan") or network ("local.lan"); empty: all zones
  std::map<std::string, Object> lasts_;
};

std::string heading_of(const std::string& in) {
  if (in.empty()) return tr("Zones");
  return in.find('.') == std::string::npos ? fill(tr("Networks of {}"), in) : fill(tr("Hosts of {}"), in);
}

void draw_name(ui::Canvas row, int column, const ObjectLine& line, int columns) {
  row.put_cut(0, column, columns, edit::first_part(line.object.name),
              !line.is_active                   ? Role::Dim
              : line.object.kind == Kind::Group ? Role::Label
                                                : Role::Normal);
}

void Zones::draw_parent(ui::Canvas canvas, const Model& model) const {
  const std::string above = edit::parent_of(in_);
  canvas.put_cut(0, 0, canvas.columns(), above.empty() ? std::string(tr("Zones")) : above, Role::Dim);
  const std::vector<ObjectLine> siblings = lines_in(model.workspace.policy(), above);
  const auto at = std::ranges::find(siblings, in_, [](const ObjectLine& line) { return line.object.name; });
  const int index = at == siblings.end() ? 0 : static_cast<int>(at - siblings.begin());
  const ui::Canvas body = canvas.rows_from(1);
  const int top = std::clamp(index - body.rows() / 2, 0, std::max(0, static_cast<int>(siblings.size()) - body.rows()));
  for (int row = 0; row < body.rows() && top + row < static_cast<int>(siblings.size()); ++row) {
    ui::Canvas line = body.rows_from(row, 1);
    const bool is_ours = top + row == index;
    line.put_cut(0, 0, line.columns(),
                 (is_ours ? "› " : "  ") + edit::first_part(siblings[static_cast<std::size_t>(top + row)].object.name),
                 is_ours ? Role::Heading : Role::Dim);
  }
  canvas.add_region({.rows = canvas.rows(), .columns = canvas.columns()}, "zones.out");
}

void Zones::draw_here(ui::Canvas canvas) const {
  canvas.put_cut(0, 0, canvas.columns(), heading_of(in_), Role::Heading);
  const ui::Canvas body = canvas.rows_from(1);
  if (found().empty()) {
    int row = 0;
    for (const std::string& line : ui::wrap(nothing_here(), body.columns() - 5))
      ui::Canvas(body).put(row++, 5, line, Role::Dim);
  }
  int names = 8;
  for (const ObjectLine& line : found()) names = std::max(names, ui::columns_of(edit::first_part(line.object.name)));
  names = std::min(names, std::max(8, canvas.columns() - 6));
  list().view(body, static_cast<int>(found().size()), [&](ui::Canvas row, int item) {
    const ObjectLine& line = found()[static_cast<std::size_t>(item)];
    draw_marks(row, line);
    draw_name(row, 5, line, names);
    row.put(0, names + 7, line.value, Role::Dim);
  });
}

void Zones::draw_preview(ui::Canvas canvas, const Model& model) const {
  const ObjectLine* line = current(model);
  if (line == nullptr) return;
  const Object& object = line->object;
  canvas.put_cut(0, 0, canvas.columns(), object.name + (line->is_active ? "" : std::string("  ") + tr("(off)")),
                 Role::Heading);
  std::vector<CardLine> card;
  for (const diag::Diagnostic* problem : problems().of(object)) {
    const bool is_error = problem->severity == diag::Severity::Error;
    card.push_back({.label = "",
                    .text = (is_error ? "! " : "~ ") + text_of(*problem),
                    .role = is_error ? Role::Error : Role::Warning});
  }
  int row = 1 + draw_card(canvas.rows_from(1), card);
  card = card_of(model.workspace.policy(), object);
  const auto& by = users(model, object);
  if (!by.empty()) card.push_back({.label = tr("Used by"), .text = base::join(by, ", "), .role = Role::Dim});
  if (row < canvas.rows()) row += draw_card(canvas.rows_from(row), card);
  if (object.kind != Kind::Zone && object.kind != Kind::Network) return;
  const std::vector<ObjectLine> inside = lines_in(model.workspace.policy(), object.name);
  if (!card.empty()) ++row;
  int names = 8;
  for (const ObjectLine& one : inside) names = std::max(names, ui::columns_of(edit::first_part(one.object.name)));
  for (std::size_t i = 0; i < inside.size() && row < canvas.rows(); ++i, ++row) {
    if (row + 1 == canvas.rows() && i + 1 < inside.size()) {
      canvas.put(row, 0, fill(tr("… {} more"), inside.size() - i), Role::Dim);
      break;
    }
    ui::Canvas below = canvas.rows_from(row, 1);
    draw_name(below, 0, inside[i], std::min(names, below.columns()));
    below.put(0, names + 2, inside[i].value, Role::Dim);
  }
  if (inside.empty() && row < canvas.rows()) canvas.put(row, 0, tr("nothing in it"), Role::Dim);
}

void Zones::view(const Model& model, ui::Canvas canvas) const {
  find(model);
  const int parent = in_.empty() ? 0 : std::clamp(canvas.columns() / 6, 10, 24);
  const int begin = parent == 0 ? 0 : parent + 2;
  const int here = std::clamp((canvas.columns() - begin) * 45 / 100, 24, 64);
  const auto bar = [&](int column) {
    for (int row = 0; row < canvas.rows(); ++row) canvas.put(row, column, "│", Role::Border);
  };
  const auto part = [&](int column, int columns) {
    return canvas.part({.row = 0, .column = column, .rows = canvas.rows(), .columns = columns});
  };
  if (parent > 0) {
    draw_parent(part(1, parent - 1), model);
    bar(parent);
  }
  draw_preview(part(begin + here + 2, canvas.columns() - begin - here - 3), model);
  bar(begin + here);
  draw_here(part(begin, here - 1));
}

}  // namespace

std::unique_ptr<app::Screen> make_zones(std::optional<Object> at) { return std::make_unique<Zones>(std::move(at)); }

}  // namespace vuurmuur::screens
