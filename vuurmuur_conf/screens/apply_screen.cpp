// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/apply_screen.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "screens/caller.h"
#include "screens/conflict_screen.h"
#include "screens/countdown_screen.h"
#include "screens/diagnostics_screen.h"
#include "screens/list_screen.h"
#include "screens/prompt.h"
#include "screens/reader.h"
#include "screens/saving.h"
#include "screens/traffic_change_lines.h"
#include "ui/text.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::ask;
using app::Binding;
using app::call;
using app::Context;
using app::Model;
using app::Needs;
using app::RequestId;
using app::Why;
using ui::fill;
using ui::Role;
using ui::to_translate;
using ui::tr;

/// The daemon's own limit: a day.
constexpr std::int64_t kLongest = 86'400;

std::string_view kind_of(const edit::FileChange& file) {
  return !file.before ? "added" : !file.after ? "removed" : "changed";
}

class Apply final : public ListScreen {
 public:
  [[nodiscard]] std::string title() const override { return tr("Apply"); }
  void opened(Context& context) override { compare(context); }

  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override;

  void update(const app::Event& event, Context& context) override {
    const auto* reply = std::get_if<app::Reply>(&event);
    if (reply != nullptr && reply->request != RequestId::None) {
      if (reply->request == comparing_) take_comparison(reply->reply, context);
      if (reply->request == showing_) take_files(reply->reply);
      if (reply->request == applying_) take_applied(reply->reply, context);
    }
    // What is in force or on the disk may be something else now.
    const auto* link = std::get_if<app::LinkChanged>(&event);
    const auto* known = std::get_if<app::StatusKnown>(&event);
    const bool is_other =
        known != nullptr && (known->status.generation ? known->status.generation->number : 0) != compared_;
    if ((link != nullptr && link->link == app::Link::There) || is_other || std::holds_alternative<app::TreeRead>(event))
      compare(context);
    if (const auto* compared = std::get_if<app::TrafficCompared>(&event);
        compared != nullptr && compared->request == finding_out_) {
      finding_out_ = RequestId::None;
      traffic_ = compared->found;
      lines_.clear();
    }
    compare_traffic(context);
    ListScreen::update(event, context);
  }

  // Actions.
  void apply(Context& context);
  void save(Context& context) { context.push(make_saving({})); }
  void ask_comment(Context& context) {
    context.push(make_prompt({.question = tr("Why these changes? The history keeps it."),
                              .text = comment_,
                              .on_text = [this](Context&, const std::string& text) { comment_ = text; }}));
  }
  void ask_seconds(Context& context);
  void problems(Context& context) { context.push(make_diagnostics()); }
  void merge(Context& context) { context.push(make_conflict()); }
  void compare(Context& context) {
    const app::DaemonState& daemon = context.model().daemon;
    differences_.reset();
    comparing_ = RequestId::None;
    problem_of_comparison_.clear();
    lines_.clear();
    in_force_.reset();
    traffic_.reset();
    compared_with_.reset();
    showing_ = finding_out_ = RequestId::None;
    compared_ = daemon.status.generation ? daemon.status.generation->number : 0;
    if (daemon.link != app::Link::There || !daemon.status.generation) return;
    comparing_ = context.call("Compare", {{"generation", daemon.status.generation->number}});
  }

  [[nodiscard]] Why why_no_apply(const Model& model) const {
    if (applying_ != RequestId::None) return tr("the daemon is at it");
    if (model.workspace.now().problems.has_errors())
      return tr("a configuration with errors is not applied: d tells them");
    return model.workspace.change_count() > 0 ? app::why_not_write(model) : std::nullopt;
  }
  [[nodiscard]] Why why_no_merge(const Model& model) const {
    return model.changed_underneath.empty() ? Why(tr("nobody changed the files underneath")) : std::nullopt;
  }
  [[nodiscard]] Why why_no_save(const Model& model) const {
    return model.workspace.change_count() == 0 ? Why(tr("there is no draft to save")) : std::nullopt;
  }

  void view(const Model& model, ui::Canvas canvas) const override;

 private:
  [[nodiscard]] int count(const Model& model) const override { return static_cast<int>(lines(model).size()); }

  /// What would change, made anew when the draft or what the daemon said is another.
  [[nodiscard]] const std::vector<TextLine>& lines(const Model& model) const;
  [[nodiscard]] std::vector<TextLine> head(const Model& model) const;
  void ask_daemon(Context& context, bool stops_on_lockout);
  void take_comparison(const ipc::Reply& reply, Context& context);
  void take_files(const ipc::Reply& reply);
  void compare_traffic(Context& context);
  void take_applied(const ipc::Reply& reply, Context& context);
  void ask_despite_lockout(const ipc::Reply& reply, Context& context);

  std::string comment_;
  std::int64_t seconds_ = 60;
  RequestId comparing_{}, applying_{};
  std::int64_t compared_ = 0;  ///< the generation that the disk is compared with; 0: none
  std::optional<std::vector<app::Difference>> differences_;
  std::string problem_of_comparison_;
  // Which packets are treated otherwise than by what is in force.
  RequestId showing_{}, finding_out_{};
  std::shared_ptr<const app::ConfigurationFiles> in_force_;
  std::shared_ptr<const app::Reading> compared_with_;  ///< what is or was held against it
  std::shared_ptr<const app::TrafficChange> traffic_;
  std::vector<TextLine> problem_;  ///< why it was not applied the last time
  mutable std::vector<TextLine> lines_;
  mutable std::shared_ptr<const app::Reading> lines_of_;
};

std::vector<std::span<const Binding>> Apply::bindings() const {
  static constexpr std::array kRows{
      Binding{.id = "apply.apply",
              .keys = "F11 A",
              .label = to_translate("apply"),
              .help = to_translate("save the draft and put it in force, until it is confirmed or goes back"),
              .needs = Needs::Daemon,
              .act = call<&Apply::apply>,
              .why_not = ask<&Apply::why_no_apply>},
      Binding{.id = "apply.save",
              .keys = "s Ctrl-s",
              .label = to_translate("only save"),
              .help = to_translate("save the draft and leave what is in force as it is"),
              .needs = Needs::Writing,
              .act = call<&Apply::save>,
              .why_not = ask<&Apply::why_no_save>},
      Binding{.id = "apply.comment",
              .keys = "c",
              .label = to_translate("comment"),
              .help = to_translate("write a comment that the history keeps with the generation"),
              .act = call<&Apply::ask_comment>},
      Binding{.id = "apply.seconds",
              .keys = "t",
              .label = to_translate("time"),
              .help = to_translate("how long it waits to be confirmed before it goes back"),
              .act = call<&Apply::ask_seconds>},
      Binding{.id = "apply.problems",
              .keys = "d",
              .label = to_translate("problems"),
              .help = to_translate("what is wrong with the configuration"),
              .act = call<&Apply::problems>},
      Binding{.id = "apply.merge",
              .keys = "m",
              .label = "",
              .help = to_translate("what somebody else changed underneath the draft"),
              .act = call<&Apply::merge>,
              .why_not = ask<&Apply::why_no_merge>},
      Binding{.id = "apply.compare",
              .keys = "F5",
              .label = "",
              .help = to_translate("compare again with what is in force"),
              .needs = Needs::Daemon,
              .act = call<&Apply::compare>},
  };
  return {kRows, navigation()};
}

void Apply::ask_seconds(Context& context) {
  context.push(make_prompt({.question = tr("Go back after how many seconds without a confirmation? 0: never"),
                            .text = std::to_string(seconds_),
                            .check =
                                [](const std::string& text) {
                                  const auto seconds = base::parse_number<std::int64_t>(text);
                                  if (seconds && *seconds >= 0 && *seconds <= kLongest) return std::string();
                                  return fill(tr("expects seconds from 0 to {}"), kLongest);
                                },
                            .on_text =
                                [this](Context&, const std::string& text) {
                                  if (const auto seconds = base::parse_number<std::int64_t>(text)) seconds_ = *seconds;
                                }}));
}

void Apply::apply(Context& context) {
  problem_.clear();
  if (context.model().workspace.change_count() == 0) return ask_daemon(context, /*stops_on_lockout=*/true);
  context.push(make_saving([this](Context& then) { ask_daemon(then, /*stops_on_lockout=*/true); }));
}

void Apply::ask_daemon(Context& context, bool stops_on_lockout) {
  applying_ =
      context.call("Apply", with_caller(context.model(), {{"comment", comment_},
                                                          {"confirm_seconds", seconds_},
                                                          {"own_connection", own_connection_of(context.model())},
                                                          {"stop_on_lockout", stops_on_lockout}}));
}

void Apply::take_comparison(const ipc::Reply& reply, Context& context) {
  comparing_ = RequestId::None;
  lines_.clear();
  if (reply.error.empty()) {
    differences_ = app::differences_from(reply.parameters);
    showing_ = context.call("Show", {{"generation", compared_}});
  } else {
    problem_of_comparison_ = app::message_of(reply);
  }
}

void Apply::take_files(const ipc::Reply& reply) {
  showing_ = RequestId::None;
  const auto part = reply.parameters.find("files");
  if (!reply.error.empty() || part == reply.parameters.end() || !part->is_object()) return;
  auto files = std::make_shared<app::ConfigurationFiles>();
  for (const auto& [path, text] : part->items())
    if (text.is_string()) (*files)[path] = text.get<std::string>();
  in_force_ = std::move(files);
}

/// Begins to find out which packets are treated otherwise, when that is of something else than the last time.
void Apply::compare_traffic(Context& context) {
  const std::shared_ptr<const app::Reading>& now = context.model().workspace.shared();
  if (!in_force_ || compared_with_ == now) return;
  compared_with_ = now;
  traffic_.reset();
  lines_.clear();
  finding_out_ = now->problems.has_errors() ? RequestId::None : context.compare_traffic(in_force_);
}

void Apply::take_applied(const ipc::Reply& reply, Context& context) {
  applying_ = RequestId::None;
  if (app::is_error(reply, "LocksOut")) return ask_despite_lockout(reply, context);
  if (!reply.error.empty()) {
    const char* what = app::is_error(reply, "ConfigurationHasErrors")
                           ? to_translate("! the configuration has errors: {}")
                       : app::is_error(reply, "Busy")             ? to_translate("! somebody else is at it: {}")
                       : app::is_error(reply, "PermissionDenied") ? to_translate("! you may not do that: {}")
                                                                  : to_translate("! not applied: {}");
    problem_.push_back({.text = fill(tr(what), app::message_of(reply)), .role = Role::Error});
    // What was found out before it was refused.
    const app::Applied found = app::applied_from(reply.parameters);
    if (!found.lockout.empty()) problem_.push_back({.text = "! " + found.lockout, .role = Role::Error});
    if (found.text.empty()) return;
    context.push(make_reader(tr("Not applied"), diagnostic_lines(found.text)));
    return;
  }
  const auto& json = reply.parameters;
  const auto part = json.find("applied");
  const app::Applied applied = app::applied_from(part != json.end() && part->is_object() ? *part : ipc::Json::object());
  context.leave(*this);
  if (seconds_ > 0) return context.push(make_countdown(applied, seconds_));
  context.say(fill(tr("generation {} is in force"), applied.generation), Role::Good);
  context.push(make_reader(fill(tr("Generation {}"), applied.generation), remarks_on(applied)));
}

void Apply::ask_despite_lockout(const ipc::Reply& reply, Context& context) {
  // A word that is typed, and not a key: whoever is locked out cannot undo it.
  static constexpr const char* kWord = "apply";
  std::vector<std::string> lines{tr("The new rules would cut this very session:"),
                                 app::text_in(reply.parameters, "lockout")};
  lines.push_back(seconds_ > 0 ? fill(tr("It would go back by itself after {} s."), seconds_)
                               : std::string(tr("It would not go back by itself: t gives it a time.")));
  lines.push_back(tr("Nothing was changed yet; Esc leaves it so."));
  context.push(make_prompt(
      {.question = fill(tr("Type '{}' to apply it all the same"), kWord),
       .lines = std::move(lines),
       .check = [](const std::string& text) { return text == kWord ? std::string() : fill(tr("expects '{}'"), kWord); },
       .on_text = [this](Context& then, const std::string&) { ask_daemon(then, /*stops_on_lockout=*/false); }}));
}

std::vector<TextLine> Apply::head(const Model& model) const {
  std::vector<TextLine> head;
  const auto add = [&head](Role role, std::string text) { head.push_back({.text = std::move(text), .role = role}); };
  const diag::Sink& problems = model.workspace.now().problems;
  const auto errors = static_cast<long>(problems.error_count()), warnings = static_cast<long>(problems.warning_count());
  if (errors > 0)
    add(Role::Error, fill(ui::tr_count("! {} error: nothing is applied before it is gone",
                                       "! {} errors: nothing is applied before they are gone", errors),
                          errors));
  if (warnings > 0)
    add(Role::Warning,
        fill(ui::tr_count("~ {} warning: d tells it", "~ {} warnings: d tells them", warnings), warnings));
  if (errors + warnings == 0) add(Role::Good, tr("✓ nothing is wrong with the configuration"));
  if (const auto why = app::why_not_daemon(model)) add(Role::Error, "! " + *why);
  if (const auto left = app::seconds_left(model))
    add(Role::Warning, fill(tr("! generation {} waits to be confirmed ({} s left): applying takes its place"),
                            model.daemon.status.generation ? model.daemon.status.generation->number : 0, *left));
  if (!model.changed_underneath.empty())
    add(Role::Warning, fill(ui::tr_count("~ somebody else changed {} file: m merges it",
                                         "~ somebody else changed {} files: m merges them",
                                         static_cast<long>(model.changed_underneath.size())),
                            model.changed_underneath.size()));
  head.insert(head.end(), problem_.begin(), problem_.end());
  if (applying_ != RequestId::None) add(Role::Heading, tr("… the daemon compiles the configuration and loads it"));
  return head;
}

const std::vector<TextLine>& Apply::lines(const Model& model) const {
  if (lines_of_ == model.workspace.shared() && !lines_.empty()) return lines_;
  lines_of_ = model.workspace.shared();
  lines_.clear();
  const auto add = [this](Role role, std::string text) { lines_.push_back({.text = std::move(text), .role = role}); };
  const app::Workspace& workspace = model.workspace;
  if (const int changes = workspace.change_count(); changes > 0) {
    add(Role::Heading, fill(ui::tr_count("The draft: {} change", "The draft: {} changes", changes), changes));
    for (const std::string& step : workspace.steps()) add(Role::Normal, "· " + step);
    for (const edit::FileChange& file : workspace.changes().files) {
      add(Role::Normal, "");
      add_difference(lines_, file.path, kind_of(file),
                     base::diff_lines(file.before.value_or(""), file.after.value_or("")));
    }
    add(Role::Normal, "");
  } else {
    add(Role::Dim, tr("There is no draft: what is on the disk is put in force."));
  }
  const app::DaemonState& daemon = model.daemon;
  if (daemon.link != app::Link::There) return lines_;
  if (!daemon.status.generation) {
    add(Role::Dim, tr("No generation is in force: all of it is new."));
  } else if (!problem_of_comparison_.empty()) {
    add(Role::Warning, fill(tr("~ what is in force cannot be compared: {}"), problem_of_comparison_));
  } else if (!differences_) {
    add(Role::Dim, tr("What is in force is compared with the disk…"));
  } else if (differences_->empty()) {
    add(Role::Dim, fill(tr("The disk has what is in force (generation {})."), daemon.status.generation->number));
  } else {
    const auto files = static_cast<long>(differences_->size());
    add(Role::Heading,
        fill(ui::tr_count("On the disk and not in force: {} file", "On the disk and not in force: {} files", files),
             files));
    for (const app::Difference& file : *differences_) {
      add_difference(lines_, file.path, file.kind, file.hunks);
      add(Role::Normal, "");
    }
  }
  if (finding_out_ != RequestId::None || traffic_) {
    if (!lines_.back().text.empty()) add(Role::Normal, "");
    if (traffic_) {
      const std::vector<TextLine> traffic = traffic_change_lines(*traffic_);
      lines_.insert(lines_.end(), traffic.begin(), traffic.end());
    } else {
      add(Role::Dim, tr("Which packets are treated otherwise than now is found out…"));
    }
  }
  if (lines_.back().text.empty()) lines_.pop_back();
  return lines_;
}

void Apply::view(const Model& model, ui::Canvas canvas) const {
  int row = 0;
  for (const TextLine& line : wrapped(head(model), canvas.columns() - 2)) {
    if (row + 5 >= canvas.rows()) break;
    canvas.put(row++, 1, line.text, line.role);
  }
  const char* labels[] = {tr("Comment"), tr("Goes back")};
  const int column = 3 + std::max(ui::columns_of(labels[0]), ui::columns_of(labels[1]));
  canvas.put(row, 1, labels[0], Role::Label);
  if (comment_.empty()) {
    canvas.put(row, column, tr("none"), Role::Dim);
  } else {
    canvas.put(row, column, comment_);
  }
  canvas.put(++row, 1, labels[1], Role::Label);
  if (seconds_ > 0) {
    canvas.put(row, column, fill(tr("after {} s without a confirmation"), seconds_));
  } else {
    canvas.put(row, column, tr("never: without a way back"), Role::Warning);
  }
  canvas.rows_from(row + 1, 1).rule(0);
  const std::vector<TextLine>& shown = lines(model);
  list().view(canvas.rows_from(row + 2), static_cast<int>(shown.size()), [&shown](ui::Canvas line, int item) {
    const TextLine& text = shown[static_cast<std::size_t>(item)];
    line.put(0, 1, text.text, text.role);
  });
}

}  // namespace

std::unique_ptr<app::Screen> make_apply() { return std::make_unique<Apply>(); }

}  // namespace vuurmuur::screens
