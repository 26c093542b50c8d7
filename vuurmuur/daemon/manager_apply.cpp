// SPDX-License-Identifier: GPL-2.0-or-later
// What the service brings into force.
#include <fmt/format.h>

#include <future>

#include "base/low_priority.h"
#include "control/ask_names.h"
#include "control/assertions.h"
#include "control/connections_json.h"
#include "control/deep_check.h"
#include "control/own_connection.h"
#include "control/proof.h"
#include "control/refused_configuration.h"
#include "control/tree_recorder.h"
#include "daemon/manager_service.h"
#include "daemon/replies.h"
#include "daemon/wish.h"
#include "diag/render.h"

namespace vuurmuur::daemon {

using ipc::Json;
using ipc::Reply;

namespace {

diag::Style read_style(Parameters& parameters) {
  return parameters.flag("colour") ? diag::Style::Colour : diag::Style::Plain;
}

std::string text_of(const control::CheckedPolicy& checked, const diag::Sink& sink, diag::Style style) {
  return sink.all().empty() ? std::string() : diag::render(sink, checked.tree.sources, style);
}

/// What is to be told of a policy that can be applied. It is looked for when the rules are in force, because they do
/// not wait for it: on two processors it would take from them what the compiler and the kernel need.
class Told {
 public:
  /// `checked` outlives it.
  Told(const control::CheckedPolicy& checked, diag::Style style) : checked_(checked), style_(style) {}

  /// Looks for it from now on, if it is not being looked for.
  void start() {
    if (text_.valid()) return;
    text_ = std::async(std::launch::async, [this] {
      base::lower_priority();
      return text_of(checked_, control::findings_before_apply(checked_), style_);
    });
  }

  /// Waits for it.
  [[nodiscard]] const std::string& text() {
    start();
    return text_.get();
  }
  [[nodiscard]] Json notes() { return {{"text", text()}}; }

 private:
  const control::CheckedPolicy& checked_;
  diag::Style style_;
  std::shared_future<std::string> text_;
};

/// Why a policy is not even tried; nothing when it is.
std::optional<Reply> refusal_of(const control::CheckedPolicy& checked, const std::string& directory, bool is_forced,
                                diag::Style style) {
  const auto text = [&] { return text_of(checked, checked.sink, style); };
  if (checked.sink.has_errors())
    return error("ConfigurationHasErrors",
                 {{"diagnostics", Json::parse(diag::render_json(checked.sink, checked.tree.sources)).at("diagnostics")},
                  {"message", control::fails_only_assertions(checked)
                                  ? fmt::format("a statement of {} does not hold", config::kAssertionsFile)
                                  : std::string("the configuration has errors")},
                  {"text", text()}});
  if (checked.policy.rules.empty() && !is_forced)
    return error("ConfigurationHasErrors",
                 {{"diagnostics", Json::array()},
                  {"message", fmt::format("{}: there is no active rule: this would lock everyone out; --force applies "
                                          "it all the same",
                                          directory)},
                  {"text", text()}});
  return std::nullopt;
}

/// Why what a policy was compiled to is not even tried; nothing when it is.
std::optional<Reply> refusal_of(const control::CheckedPolicy& checked, const ir::Ruleset& ruleset,
                                const std::vector<ir::NfqueueTarget>& live_queues, bool is_forced, diag::Style style) {
  if (is_forced) return std::nullopt;
  const diag::Sink wrong = control::check_compiled(checked, ruleset, live_queues);
  if (!wrong.has_errors()) return std::nullopt;
  return error(
      "ConfigurationHasErrors",
      {{"diagnostics", Json::parse(diag::render_json(wrong, checked.tree.sources)).at("diagnostics")},
       {"message",
        "the compiled rules are not what the configuration says, which is a fault of the program; --force applies "
        "them all the same"},
       {"text", text_of(checked, wrong, style)}});
}

/// "lockout" and "lockout_unknown".
Json lockout_notes(apply::Kernel& kernel, const ir::Ruleset& ruleset, apply::Backend backend,
                   const std::optional<apply::LiveConnection>& own) {
  Json notes{{"lockout", nullptr}, {"lockout_unknown", nullptr}};
  if (!own) return notes;
  const auto lockout = control::lockout(kernel, ruleset, backend, *own);
  if (!lockout) notes["lockout_unknown"] = lockout.error().message;
  if (lockout && !lockout->empty()) notes["lockout"] = *lockout;
  return notes;
}

/// A reply that also tells what was found out.
Reply with(Reply reply, const Json& notes) {
  (reply.error.empty() ? reply.parameters.at("applied") : reply.parameters).update(notes);
  return reply;
}

/// Text for a terminal (diag::Style::Colour) as it is for a file.
std::string without_colour(std::string text) {
  for (std::size_t at = 0; (at = text.find("\033[", at)) != std::string::npos;)
    text.erase(at, text.find('m', at) == std::string::npos ? std::string::npos : text.find('m', at) - at + 1);
  return text;
}

std::size_t count_rules(const ir::Ruleset& ruleset, net::Family family) {
  std::size_t count = 0;
  for (const ir::Table& table : ruleset.rules(family).tables) count += table.rule_count();
  return count;
}

}  // namespace

/// Applies what was planned.
Reply ManagerService::put_in_force(control::Session& session, const Wish& wish, control::Request request) {
  const control::Plan& plan = request.plan;
  step("checking", wish.who);
  const Json notes = lockout_notes(session.kernel(), plan.ruleset, plan.choice.backend, wish.own_connection);
  if (wish.stop_on_lockout && !notes.at("lockout").is_null())
    return error("LocksOut", {{"lockout", notes.at("lockout")}, {"text", ""}});
  request.who = wish.who;
  request.comment = wish.comment;
  request.confirm = wish.confirm;
  request.connections = wish.connections;
  if (request.confirm)
    if (const auto started = settings_.start_guard(); !started) return with(refusal(started.error()), notes);
  auto applied = session.manager().apply(request);
  if (!applied) return with(refusal(applied.error()), notes);
  Json connections = nullptr;
  if (applied->connections && *applied->connections) connections = control::json_of(**applied->connections);
  if (applied->connections && !*applied->connections)
    applied->report.warnings.push_back("live connections may go on that the rules refuse or send elsewhere: " +
                                       applied->connections->error().message);
  Json told{{"generation", applied->generation},
            {"directory", request.directory},
            {"backend", apply::to_string(plan.choice.backend)},
            {"rules", applied->report.rules},
            {"ended_connections", applied->report.ended_connections},
            {"goes_back_to", request.confirm ? number_or_null(applied->goes_back_to) : Json(nullptr)},
            {"replaced", number_or_null(applied->replaced)},
            {"warnings", applied->report.warnings},
            {"text", ""}};
  told.update(notes);
  told["connections"] = std::move(connections);
  return {.parameters = {{"applied", std::move(told)}}};
}

Reply ManagerService::apply(const Caller& caller, Parameters& parameters) {
  Wish wish = read_wish(caller.peer, parameters, load_of(caller));
  wish.stop_on_lockout = parameters.flag("stop_on_lockout");
  wish.connections = read_connections(parameters);
  const control::Wishes wishes{.backend = read_backend(parameters), .force = parameters.flag("force")};
  if (parameters.flag("comments")) wish.load.comments = true;
  if (parameters.flag("no_comments")) wish.load.comments = false;
  const diag::Style style = read_style(parameters);
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);

  step("compiling", wish.who);
  Reply reply = apply_configuration(wish, wishes, style);
  if (reply.error.empty())
    control::forget_refused(files_, settings_.state_directory);
  else if (!is_locked_out(reply))
    note_refusal(reply, wish.who);
  return reply;
}

void ManagerService::step(std::string what, const history::Actor& who, std::string detail) const {
  if (settings_.on_step)
    settings_.on_step({.what = std::move(what),
                       .generation = {},
                       .time = control::SystemClock().wall_seconds(),
                       .who = who,
                       .detail = std::move(detail)});
}

/// What did not become a generation is told, and a configuration that cannot become one is kept for whoever asks.
void ManagerService::note_refusal(const Reply& reply, const history::Actor& who) {
  const auto text_in = [&](const char* name) {
    const Json value = reply.parameters.value(name, Json());
    return value.is_string() ? value.get<std::string>() : std::string();
  };
  const std::string message = reply.error.ends_with(".LocksOut") ? text_in("lockout") : text_in("message");
  step("refused", who, message);
  if (!reply.error.ends_with(".ConfigurationHasErrors")) return;
  // Only for those who ask later: whoever wished it knows.
  static_cast<void>(control::keep_refused(files_, settings_.state_directory,
                                          {.time = control::SystemClock().wall_seconds(),
                                           .who = who,
                                           .directory = settings_.configuration,
                                           .message = message,
                                           .text = without_colour(text_in("text"))}));
}

Reply ManagerService::apply_configuration(const Wish& wish, const control::Wishes& wishes, diag::Style style) {
  const control::TreeRecorder files(files_);
  const auto checked = control::check_tree(files, settings_.configuration, names());
  control::check_assertions(*checked);
  if (auto refused = refusal_of(*checked, settings_.configuration, wishes.force, style)) return std::move(*refused);
  Told told(*checked, style);
  auto configuration =
      std::async(std::launch::async, history::Store::packed_configuration, files.below(settings_.configuration));
  auto session =
      control::Session::open(files_, settings_.state_directory, wish.load, history::Wait::No, settings_.on_loading);
  if (!session) return with(refusal(session.error()), told.notes());
  const auto plan = control::make_plan((*session)->kernel(), checked->policy, wishes);
  if (!plan) return with(refusal(plan.error()), told.notes());
  if (auto refused = refusal_of(*checked, plan->ruleset, plan->live_queues, wishes.force, style))
    return std::move(*refused);
  Reply reply = put_in_force(**session, wish,
                             {.directory = settings_.configuration,
                              .configuration = configuration.get(),
                              .plan = *plan,
                              .who = {},
                              .comment = {},
                              .copy_of = {},
                              .confirm = {},
                              .on_in_force = [&] { told.start(); }});
  session->reset();  // nobody waits for what is told
  if (reply.error.empty() && !wish.confirm) forget_other_names(checked->tree.policy);
  return with(std::move(reply), told.notes());
}

/// Where the addresses of names come from. The daemon asks DNS afterwards: others would wait with it.
control::NameSource ManagerService::names() const {
  if (settings_.patience_for_names.count() == 0) return control::known_names_in(files_, settings_.state_directory);
  return control::ask_names_in(files_, settings_.state_directory, settings_.patience_for_names);
}

/// When a policy is confirmed, nothing goes back to the one before by itself.
void ManagerService::forget_other_names(const model::Policy& confirmed) {
  // What stays is only disk space, and the next one tries again.
  static_cast<void>(control::forget_other_names(files_, settings_.state_directory, confirmed));
}

Reply ManagerService::preview(const Caller&, Parameters& parameters) {
  const control::Wishes wishes{.backend = read_backend(parameters), .force = parameters.flag("force")};
  const apply::LiveConnections connections = read_connections(parameters);
  const auto own = read_own_connection(parameters);
  const diag::Style style = read_style(parameters);
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);

  const auto checked =
      control::check_tree(files_, settings_.configuration, control::known_names_in(files_, settings_.state_directory));
  control::check_assertions(*checked);
  if (auto refused = refusal_of(*checked, settings_.configuration, wishes.force, style)) return std::move(*refused);
  Told findings(*checked, style);
  findings.start();
  const auto kernel = apply::make_kernel();
  const auto plan = control::make_dry_plan(*kernel, checked->policy, wishes);
  if (!plan) return with(refusal(plan.error()), findings.notes());
  if (auto refused = refusal_of(*checked, plan->ruleset, plan->live_queues, wishes.force, style))
    return std::move(*refused);
  Json seen = nullptr;
  if (connections != apply::LiveConnections::Keep) {
    const auto report = apply::review_connections(*kernel, plan->ruleset,
                                                  plan->choice ? plan->choice->backend : apply::Backend::Xtables,
                                                  /*enforce=*/false, settings_.load.progress);
    if (!report) return with(refusal(report.error()), findings.notes());
    seen = control::json_of(*report);
  }
  Json told{{"backend", nullptr},
            {"ipv4_rules", count_rules(plan->ruleset, net::Family::Ipv4)},
            {"ipv6_rules", count_rules(plan->ruleset, net::Family::Ipv6)},
            {"warnings", plan->warnings},
            {"text", findings.text()},
            {"lockout", nullptr},
            {"lockout_unknown", nullptr}};
  if (plan->choice) {
    told["backend"] = apply::to_string(plan->choice->backend);
    told.update(lockout_notes(*kernel, plan->ruleset, plan->choice->backend, own));
  }
  told["connections"] = std::move(seen);
  return {.parameters = std::move(told)};
}

}  // namespace vuurmuur::daemon
