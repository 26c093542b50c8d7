// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/rules_screen.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/strings.h"
#include "config/rule_syntax.h"
#include "edit/lines.h"
#include "edit/object.h"
#include "screens/confirm.h"
#include "screens/list_screen.h"
#include "screens/numbers.h"
#include "screens/prompt.h"
#include "screens/reader.h"
#include "screens/role_of.h"
#include "screens/rule_filter.h"
#include "screens/rule_form.h"
#include "ui/columns.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::ask;
using app::Binding;
using app::call;
using app::Context;
using app::Model;
using app::Needs;
using app::RuleLine;
using app::Why;
using ui::fill;
using ui::Role;
using ui::to_translate;
using ui::tr;

config::Document& rules_of(edit::Draft& draft) {
  const edit::Object rules{edit::Kind::Rules, "rules"};
  return draft.at(edit::path_of(rules), edit::file_type(rules.kind));
}

bool is_off(const RuleLine& line) { return base::trim(line.text).starts_with(';'); }

std::string switched(const std::string& text) {
  const std::string_view plain = base::trim(text);
  return plain.starts_with(';') ? std::string(base::trim(plain.substr(1))) : ";" + std::string(plain);
}

enum At { kMark, kNumber, kAction, kService, kFrom, kTo, kOptions, kPackets, kRate };

class Rules final : public ListScreen {
 public:
  explicit Rules(std::uint32_t number) { list().select(static_cast<int>(number) - 1, static_cast<int>(number)); }

  [[nodiscard]] std::string title() const override {
    std::string text = tr("Rules");
    switch (filter_.direction) {
      case Direction::Any: break;
      case Direction::In: text += tr(", to the firewall"); break;
      case Direction::Out: text += tr(", from the firewall"); break;
      case Direction::Forward: text += tr(", through the firewall"); break;
    }
    return filter_.text.empty() ? text : text + " /" + filter_.text;
  }
  [[nodiscard]] app::Streams streams() const override { return {.counters = true}; }
  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override;

  void update(const app::Event& event, Context& context) override {
    find(context.model());
    ListScreen::update(event, context);
    if (const auto* made = std::get_if<app::PreviewMade>(&event); made != nullptr && made->request == preview_) {
      preview_ = {};
      std::vector<TextLine> lines;
      for (const std::string& line : made->lines)
        lines.push_back({.text = line, .role = line.starts_with('#') ? Role::Heading : Role::Normal});
      context.push(make_reader(tr("Kernel rules"), std::move(lines)));
    }
  }

  // Actions.
  void edit(Context& context) {
    if (const RuleLine* line = current(context.model()))
      context.push(make_rule_form(number(), line->text, /*is_new=*/false));
  }
  void add(Context& context) { context.push(make_rule_form(count(context.model()) == 0 ? 1 : number(), "", true)); }
  void add_after(Context& context) {
    context.push(make_rule_form(count(context.model()) == 0 ? 1 : number() + 1, "", true));
  }
  void toggle(Context& context);
  void copy(Context& context);
  void remove(Context& context);
  void move_up(Context& context) { move_to(number() - 1, context); }
  void move_down(Context& context) { move_to(number() + 1, context); }
  void ask_move(Context& context);
  void separator(Context& context);
  void mark(Context& context);
  void unmark_all(Context&) { marked_.clear(); }
  void ask_filter(Context& context);
  void only_in(Context& context) { turn(Direction::In, context); }
  void only_out(Context& context) { turn(Direction::Out, context); }
  void only_forward(Context& context) { turn(Direction::Forward, context); }
  void preview(Context& context) { preview_ = context.preview(number()); }

  // Why not.
  [[nodiscard]] Why why_no_rule(const Model& model) const {
    // Also before anything was drawn: keys may come faster than frames.
    find(model);
    return found_.empty() ? Why(tr("there is no rule here")) : std::nullopt;
  }
  [[nodiscard]] Why why_no_preview(const Model& model) const {
    if (auto why = why_no_rule(model)) return why;
    const RuleLine* line = current(model);
    if (line == nullptr || line->rule == nullptr) return tr("a rule that has an error becomes no kernel rules");
    if (*line->rule->action == model::Action::Separator) return tr("a separator becomes no kernel rules");
    if (!line->rule->active) return tr("a rule that is off becomes no kernel rules");
    return std::nullopt;
  }
  [[nodiscard]] Why why_no_move(const Model& model) const {
    if (auto why = why_no_rule(model)) return why;
    return filter_.is_empty() ? std::nullopt
                              : Why(tr("rules are moved when all of them are shown: Esc ends the filter"));
  }

  void view(const Model& model, ui::Canvas canvas) const override;

  void clear_filter(Context& context) {
    const std::uint32_t rule = number();
    filter_ = {};
    go_to(rule, context);
  }
  [[nodiscard]] Why why_no_clear(const Model&) const {
    return filter_.is_empty() ? Why(tr("there is no filter")) : std::nullopt;
  }

 private:
  [[nodiscard]] int count(const Model& model) const override {
    find(model);
    return static_cast<int>(found_.size());
  }
  void open(Context& context) override { edit(context); }

  /// The rules that are shown, by their numbers; found anew when the draft is another one.
  void find(const Model& model) const;
  [[nodiscard]] std::uint32_t number() const {
    return found_.empty() ? 1
                          : found_[static_cast<std::size_t>(std::min(selected(), static_cast<int>(found_.size()) - 1))];
  }
  [[nodiscard]] const RuleLine* current(const Model& model) const {
    const auto& rules = model.workspace.now().rules;
    return found_.empty() || number() > rules.size() ? nullptr : &rules[number() - 1];
  }
  /// The marked rules that there are still, or the selected one.
  [[nodiscard]] std::vector<std::uint32_t> chosen(const Model& model) const {
    const std::size_t rules = model.workspace.now().rules.size();
    std::vector<std::uint32_t> chosen;
    for (const std::uint32_t rule : marked_)
      if (rule <= rules) chosen.push_back(rule);
    return chosen.empty() ? std::vector{number()} : chosen;
  }
  void go_to(std::uint32_t rule, Context& context);
  void move_to(std::uint32_t to, Context& context);
  void turn(Direction direction, Context& context);
  void draw_rule(ui::Canvas row, const Model& model, std::uint32_t rule, std::span<const ui::Slot> slots) const;
  void draw_details(ui::Canvas canvas, const Model& model) const;

  RuleFilter filter_;
  std::set<std::uint32_t> marked_;
  app::RequestId preview_{};
  mutable std::vector<std::uint32_t> found_;
  mutable std::shared_ptr<const app::Reading> found_in_;
  mutable RuleFilter found_by_;
};

std::vector<std::span<const Binding>> Rules::bindings() const {
  static constexpr std::array kRows{
      Binding{.id = "rules.edit",
              .keys = "Enter e",
              .label = to_translate("edit"),
              .help = to_translate("edit the rule"),
              .act = call<&Rules::edit>,
              .why_not = ask<&Rules::why_no_rule>},
      Binding{.id = "rules.toggle",
              .keys = "Space",
              .label = to_translate("on/off"),
              .help = to_translate("switch the rule, or those that are marked, on or off"),
              .needs = Needs::Writing,
              .act = call<&Rules::toggle>,
              .why_not = ask<&Rules::why_no_rule>},
      Binding{.id = "rules.add",
              .keys = "i Ins",
              .label = to_translate("new"),
              .help = to_translate("a new rule before this one"),
              .needs = Needs::Writing,
              .act = call<&Rules::add>},
      Binding{.id = "rules.add-after",
              .keys = "o",
              .label = "",
              .help = to_translate("a new rule behind this one"),
              .needs = Needs::Writing,
              .act = call<&Rules::add_after>},
      Binding{.id = "rules.delete",
              .keys = "d Del",
              .label = to_translate("delete"),
              .help = to_translate("delete the rule, or those that are marked"),
              .needs = Needs::Writing,
              .act = call<&Rules::remove>,
              .why_not = ask<&Rules::why_no_rule>},
      Binding{.id = "rules.copy",
              .keys = "c",
              .label = to_translate("copy"),
              .help = to_translate("a copy of the rule behind it"),
              .needs = Needs::Writing,
              .act = call<&Rules::copy>,
              .why_not = ask<&Rules::why_no_rule>},
      Binding{.id = "rules.up",
              .keys = "-",
              .label = to_translate("up"),
              .help = to_translate("move the rule up by one"),
              .needs = Needs::Writing,
              .act = call<&Rules::move_up>,
              .why_not = ask<&Rules::why_no_move>},
      Binding{.id = "rules.down",
              .keys = "+ =",
              .label = to_translate("down"),
              .help = to_translate("move the rule down by one"),
              .needs = Needs::Writing,
              .act = call<&Rules::move_down>,
              .why_not = ask<&Rules::why_no_move>},
      Binding{.id = "rules.move",
              .keys = "m",
              .label = "",
              .help = to_translate("move the rule to a number"),
              .needs = Needs::Writing,
              .act = call<&Rules::ask_move>,
              .why_not = ask<&Rules::why_no_move>},
      Binding{.id = "rules.filter",
              .keys = "/ f",
              .label = to_translate("filter"),
              .help = to_translate("show only the rules that have some words"),
              .act = call<&Rules::ask_filter>},
      Binding{.id = "rules.preview",
              .keys = "v",
              .label = to_translate("kernel rules"),
              .help = to_translate("the kernel rules that the rule becomes"),
              .act = call<&Rules::preview>,
              .why_not = ask<&Rules::why_no_preview>},
      Binding{.id = "rules.separator",
              .keys = "L",
              .label = "",
              .help = to_translate("a separator before this rule"),
              .needs = Needs::Writing,
              .act = call<&Rules::separator>},
      Binding{.id = "rules.mark",
              .keys = "x",
              .label = to_translate("mark"),
              .help = to_translate("mark the rule, or take the mark away"),
              .act = call<&Rules::mark>,
              .why_not = ask<&Rules::why_no_rule>},
      Binding{.id = "rules.unmark",
              .keys = "X",
              .label = "",
              .help = to_translate("take all marks away"),
              .act = call<&Rules::unmark_all>},
      Binding{.id = "rules.in",
              .keys = "N",
              .label = "",
              .help = to_translate("only rules to the firewall, or all again"),
              .act = call<&Rules::only_in>},
      Binding{.id = "rules.out",
              .keys = "U",
              .label = "",
              .help = to_translate("only rules from the firewall, or all again"),
              .act = call<&Rules::only_out>},
      Binding{.id = "rules.forward",
              .keys = "O",
              .label = "",
              .help = to_translate("only rules through the firewall, or all again"),
              .act = call<&Rules::only_forward>},
      Binding{.id = "rules.clear-filter",
              .keys = "\\",
              .label = "",
              .help = to_translate("show all rules again"),
              .act = call<&Rules::clear_filter>,
              .why_not = ask<&Rules::why_no_clear>},
  };
  return {kRows, navigation()};
}

void Rules::find(const Model& model) const {
  const app::Reading& now = model.workspace.now();
  if (found_in_.get() == &now && found_by_.text == filter_.text && found_by_.direction == filter_.direction) return;
  found_.clear();
  for (std::size_t i = 0; i < now.rules.size(); ++i)
    if (filter_.admits(now.rules[i])) found_.push_back(static_cast<std::uint32_t>(i + 1));
  found_in_ = model.workspace.shared();
  found_by_ = filter_;
}

void Rules::go_to(std::uint32_t rule, Context& context) {
  find(context.model());
  const auto at = std::ranges::lower_bound(found_, rule);
  select(static_cast<int>(at - found_.begin()), context);
}

void Rules::toggle(Context& context) {
  const std::vector<std::uint32_t> rules = chosen(context.model());
  const auto& lines = context.model().workspace.now().rules;
  const bool turns_off = std::ranges::any_of(rules, [&](std::uint32_t rule) { return !is_off(lines[rule - 1]); });
  const std::string what = rules.size() == 1
                               ? fill(turns_off ? tr("rule {} is off") : tr("rule {} is on"), rules[0])
                               : fill(turns_off ? tr("{} rules are off") : tr("{} rules are on"), rules.size());
  context.edit(what, [&](edit::Draft& draft, const base::FileSystem&) -> edit::Wish<void> {
    config::Document& document = rules_of(draft);
    for (const std::uint32_t rule : rules) {
      if (is_off(lines[rule - 1]) == turns_off) continue;
      if (auto made = edit::replace_line(document, rule, switched(lines[rule - 1].text)); !made) return made;
    }
    return {};
  });
}

void Rules::copy(Context& context) {
  const std::uint32_t rule = number();
  const std::string text = current(context.model())->text;
  if (context.edit(fill(tr("rule {} is copied"), rule), [&](edit::Draft& draft, const base::FileSystem&) {
        return edit::insert_line(rules_of(draft), rule + 1, text);
      }))
    go_to(rule + 1, context);
}

void Rules::remove(Context& context) {
  const std::vector<std::uint32_t> rules = chosen(context.model());
  // One can be undone with a key; that many rules went is better said before.
  const auto remove_them = [this, rules](Context& then) {
    const std::string what = rules.size() == 1 ? fill(tr("rule {} is deleted; u undoes it"), rules[0])
                                               : fill(tr("{} rules are deleted; u undoes it"), rules.size());
    then.edit(what, [&](edit::Draft& draft, const base::FileSystem&) -> edit::Wish<void> {
      for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule)
        if (auto made = edit::delete_line(rules_of(draft), *rule); !made) return made;
      return {};
    });
    marked_.clear();
    go_to(rules[0], then);
  };
  if (rules.size() == 1) return remove_them(context);
  context.push(make_confirm(fill(tr("Delete {} rules?"), rules.size()), {}, remove_them));
}

void Rules::move_to(std::uint32_t to, Context& context) {
  const std::uint32_t from = number();
  if (to < 1 || to > found_.size() || to == from) return;
  if (context.edit(fill(tr("rule {} is rule {} now"), from, to), [&](edit::Draft& draft, const base::FileSystem&) {
        return edit::move_line(rules_of(draft), from, to);
      }))
    go_to(to, context);
}

void Rules::ask_move(Context& context) {
  const std::size_t most = found_.size();
  context.push(make_prompt({.question = fill(tr("Move rule {} to which number?"), number()),
                            .check =
                                [most](const std::string& text) {
                                  const auto to = base::parse_number<std::uint32_t>(text);
                                  if (text.empty() || (to && *to >= 1 && *to <= most)) return std::string();
                                  return fill(tr("expects a number from 1 to {}"), most);
                                },
                            .on_text =
                                [this](Context& then, const std::string& text) {
                                  if (const auto to = base::parse_number<std::uint32_t>(text)) move_to(*to, then);
                                }}));
}

void Rules::separator(Context& context) {
  const std::uint32_t at = count(context.model()) == 0 ? 1 : number();
  context.push(make_prompt(
      {.question = tr("Text of the separator"), .on_text = [this, at](Context& then, const std::string& text) {
         model::Rule rule;
         rule.action.value = model::Action::Separator;
         if (!text.empty()) rule.options.comment = model::Located<std::string>(text, {});
         if (then.edit(fill(tr("a separator at {}"), at), [&](edit::Draft& draft, const base::FileSystem&) {
               return edit::insert_line(rules_of(draft), at, config::rule_to_text(rule));
             }))
           go_to(at, then);
       }}));
}

void Rules::mark(Context& context) {
  if (!marked_.insert(number()).second) marked_.erase(number());
  down(context);
}

void Rules::ask_filter(Context& context) {
  context.push(make_prompt({.question = tr("Show the rules that have these words (!word: that do not)"),
                            .text = filter_.text,
                            .on_text = [this](Context& then, const std::string& text) {
                              const std::uint32_t rule = number();
                              filter_.text = std::string(base::trim(text));
                              go_to(rule, then);
                            }}));
}

void Rules::turn(Direction direction, Context& context) {
  const std::uint32_t rule = number();
  filter_.direction = filter_.direction == direction ? Direction::Any : direction;
  go_to(rule, context);
}

void Rules::draw_rule(ui::Canvas row, const Model& model, std::uint32_t rule, std::span<const ui::Slot> slots) const {
  const RuleLine& line = model.workspace.now().rules[rule - 1];
  const bool off = is_off(line);
  const auto put = [&](At at, std::string_view text, Role role) {
    row.put_cut(0, slots[at].column, slots[at].columns, text, off ? Role::Dim : role);
  };
  const bool has_error = std::ranges::any_of(
      line.problems, [](const auto* problem) { return problem->severity == diag::Severity::Error; });
  row.put(0, 0, marked_.contains(rule) ? "*" : " ", Role::Match);
  const bool is_separator = line.rule != nullptr && *line.rule->action == model::Action::Separator;
  if (!is_separator) row.put(0, 1, off ? "[ ]" : "[x]", off ? Role::Dim : Role::Normal);
  if (!line.problems.empty()) row.put(0, 4, has_error ? "!" : "~", has_error ? Role::Error : Role::Warning);
  row.put_right(0, slots[kNumber].column + slots[kNumber].columns, std::to_string(rule), Role::Dim);
  if (line.rule == nullptr) {
    row.put(0, slots[kAction].column, line.text, has_error ? Role::Error : Role::Dim);
    return;
  }
  const model::Rule& known = *line.rule;
  if (is_separator) {
    ui::Canvas rest = row.part({.column = slots[kAction].column, .rows = 1, .columns = row.columns()});
    rest.rule(0);
    if (known.options.comment) rest.put(0, 3, " " + known.options.comment->value + " ", Role::Heading);
    return;
  }
  put(kAction, to_string(*known.action), role_of(*known.action));
  put(kService, *known.service, Role::Normal);
  put(kFrom, to_string(*known.from), Role::Normal);
  put(kTo, to_string(*known.to), Role::Normal);
  const std::string written = config::rule_to_text(known);
  const std::size_t options = written.find(" options ");
  if (options != std::string::npos) put(kOptions, std::string_view(written).substr(options + 9), Role::Dim);
  const auto& counters = model.daemon.counters;
  if (counters.time == 0 || off) return;
  const auto counted = counters.rules.find(model::summary(known));
  const double packets = counted == counters.rules.end() ? 0 : static_cast<double>(counted->second.packets);
  const double rate = counted == counters.rules.end() ? 0 : counted->second.packets_per_second;
  if (slots[kPackets].columns > 0)
    row.put_right(0, slots[kPackets].column + slots[kPackets].columns, packets == 0 ? "-" : short_number(packets),
                  packets == 0 ? Role::Dim : Role::Normal);
  if (slots[kRate].columns > 0 && rate > 0)
    row.put_right(0, slots[kRate].column + slots[kRate].columns, short_number(rate), Role::Good);
}

void Rules::draw_details(ui::Canvas canvas, const Model& model) const {
  canvas.rule(0);
  const RuleLine* line = current(model);
  if (line == nullptr) return;
  int row = 1;
  for (const diag::Diagnostic* problem : line->problems) {
    if (row + 1 >= canvas.rows()) break;
    const bool is_error = problem->severity == diag::Severity::Error;
    canvas.put(row++, 1,
               fmt::format("{} {}{}", is_error ? "!" : "~", problem->message,
                           problem->suggestion ? fill(tr("; did you mean '{}'?"), *problem->suggestion) : ""),
               is_error ? Role::Error : Role::Warning);
  }
  if (row < canvas.rows()) canvas.put(row++, 1, line->text, Role::Dim);
  const bool is_separator = line->rule != nullptr && *line->rule->action == model::Action::Separator;
  if (line->rule != nullptr && line->rule->options.comment && !is_separator && row < canvas.rows())
    canvas.put(row, 1, line->rule->options.comment->value, Role::Normal);
}

void Rules::view(const Model& model, ui::Canvas canvas) const {
  find(model);
  const bool has_counters = model.daemon.counters.time != 0;
  const int digits = static_cast<int>(std::to_string(model.workspace.now().rules.size()).size());
  const std::array table{
      ui::Column{.head = "", .least = 5, .most = 5},
      ui::Column{
          .head = to_translate("Nr"), .least = std::max(2, digits), .most = std::max(2, digits), .is_right = true},
      ui::Column{.head = to_translate("Action"), .least = 8, .most = 9},
      ui::Column{.head = to_translate("Service"), .least = 8, .most = 16},
      ui::Column{.head = to_translate("Source"), .least = 12, .most = 40},
      ui::Column{.head = to_translate("Destination"), .least = 12, .most = 40},
      ui::Column{.head = to_translate("Options"), .least = 8, .most = 200, .rank = 2},
      ui::Column{.head = to_translate("Hits"),
                 .least = has_counters ? 5 : 0,
                 .most = has_counters ? 5 : 0,
                 .rank = 1,
                 .is_right = true},
      ui::Column{.head = to_translate("/s"),
                 .least = has_counters ? 5 : 0,
                 .most = has_counters ? 5 : 0,
                 .rank = 3,
                 .is_right = true},
  };
  const bool has_details = canvas.rows() >= 18;
  const int details = has_details ? 4 : 0;
  // A column goes to the list's bar.
  const std::vector<ui::Slot> slots = ui::share_out(table, canvas.columns() - 1);
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (slots[i].columns == 0 || table[i].head[0] == '\0') continue;
    if (table[i].is_right) {
      canvas.put_right(0, slots[i].column + slots[i].columns, tr(table[i].head), Role::Heading);
    } else {
      canvas.put_cut(0, slots[i].column, slots[i].columns, tr(table[i].head), Role::Heading);
    }
  }
  const ui::Canvas body = canvas.rows_from(1, canvas.rows() - 1 - details);
  if (found_.empty())
    ui::Canvas(body).put_centred(
        body.rows() / 2,
        filter_.is_empty() ? tr("There are no rules yet: i makes one.") : tr("No rule is shown: \\ ends the filter."),
        Role::Dim);
  list().view(body, static_cast<int>(found_.size()),
              [&](ui::Canvas row, int item) { draw_rule(row, model, found_[static_cast<std::size_t>(item)], slots); });
  if (has_details) draw_details(canvas.rows_from(canvas.rows() - details), model);
}

}  // namespace

std::unique_ptr<app::Screen> make_rules(std::uint32_t number) { return std::make_unique<Rules>(number); }

}  // namespace vuurmuur::screens
