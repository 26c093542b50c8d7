// SPDX-License-Identifier: GPL-2.0-or-later
// What the service brings into force: the configuration, and former generations.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <future>
#include <ranges>

#include "control/ask_names.h"
#include "control/connections_json.h"
#include "control/own_connection.h"
#include "control/refused_configuration.h"
#include "control/tree_recorder.h"
#include "daemon/manager_service.h"
#include "daemon/replies.h"
#include "diag/render.h"

namespace vuurmuur::daemon {

using ipc::Json;
using ipc::Reply;

/// What a caller wishes of what is brought into force.
struct ManagerService::Wish {
  history::Actor who{};
  std::string comment{};
  std::optional<std::chrono::seconds> confirm{};
  std::optional<apply::LiveConnection> own_connection{};
  bool stop_on_lockout = false;
  apply::LiveConnections connections = apply::LiveConnections::Keep;
  apply::Options load{};
};

namespace {

/// A day, as for the command line.
constexpr std::uint64_t kLongestConfirm = 86'400;

/// By apply::LiveConnections.
constexpr std::array<std::string_view, 3> kConnectionWords{"keep", "list", "enforce"};

/// One of some words, by its place.
template <class Words>
std::optional<std::size_t> read_word(Parameters& parameters, const std::string& name, const Words& words) {
  const auto value = parameters.text(name);
  if (!value) return std::nullopt;
  const auto found = std::ranges::find(words, *value);
  if (found == words.end()) parameters.refuse(name);
  return static_cast<std::size_t>(found - words.begin());
}

std::optional<model::Backend> read_backend(Parameters& parameters) {
  const auto word = read_word(parameters, "backend", model::kBackendWords);
  return word ? std::optional(static_cast<model::Backend>(*word)) : std::nullopt;
}

apply::LiveConnections read_connections(Parameters& parameters) {
  return static_cast<apply::LiveConnections>(read_word(parameters, "connections", kConnectionWords).value_or(0));
}

std::optional<apply::LiveConnection> read_own_connection(Parameters& parameters) {
  const auto text = parameters.text("own_connection");
  if (!text) return std::nullopt;
  auto connection = control::connection_from_ssh(*text);
  if (!connection) parameters.refuse("own_connection");
  return connection;
}

std::optional<std::chrono::seconds> read_confirm(Parameters& parameters) {
  const std::uint64_t seconds = parameters.number("confirm_seconds", kLongestConfirm).value_or(0);
  return seconds == 0 ? std::nullopt : std::optional(std::chrono::seconds(seconds));
}

diag::Style read_style(Parameters& parameters) {
  return parameters.flag("colour") ? diag::Style::Colour : diag::Style::Plain;
}

std::string text_of(const control::CheckedPolicy& checked, diag::Style style) {
  return checked.sink.all().empty() ? std::string() : diag::render(checked.sink, checked.tree.sources, style);
}

/// Why a policy is not even tried; nothing when it is.
std::optional<Reply> refusal_of(const control::CheckedPolicy& checked, const std::string& directory, bool is_forced,
                                const std::string& text) {
  if (checked.sink.has_errors())
    return error("ConfigurationHasErrors",
                 {{"diagnostics", Json::parse(diag::render_json(checked.sink, checked.tree.sources)).at("diagnostics")},
                  {"message", "the configuration has errors"},
                  {"text", text}});
  if (checked.policy.rules.empty() && !is_forced)
    return error("ConfigurationHasErrors",
                 {{"diagnostics", Json::array()},
                  {"message", fmt::format("{}: there is no active rule: this would lock everyone out; --force applies "
                                          "it all the same",
                                          directory)},
                  {"text", text}});
  return std::nullopt;
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

/// A refusal that also tells what was found out before.
Reply with(Reply refusal, const Json& notes) {
  refusal.parameters.update(notes);
  return refusal;
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

/// The one that was confirmed before the one in force.
std::optional<history::Number> one_before(const history::Journal& journal) {
  for (const history::Generation& generation : journal.generations | std::views::reverse)
    if (generation.number < journal.confirmed.value_or(0) && generation.state() == history::What::Confirmed)
      return generation.number;
  return std::nullopt;
}

}  // namespace

/// Applies what was planned; `notes` are what has to be told besides.
Reply ManagerService::put_in_force(control::Session& session, const Wish& wish, control::Request request, Json notes) {
  const control::Plan& plan = request.plan;
  step("checking", wish.who);
  notes.update(lockout_notes(session.kernel(), plan.ruleset, plan.choice.backend, wish.own_connection));
  if (wish.stop_on_lockout && !notes.at("lockout").is_null())
    return error("LocksOut", {{"lockout", notes.at("lockout")}, {"text", notes.at("text")}});
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
            {"warnings", applied->report.warnings}};
  told.update(notes);
  told["connections"] = std::move(connections);
  return {.parameters = {{"applied", std::move(told)}}};
}

Reply ManagerService::apply(const Caller& caller, Parameters& parameters) {
  Wish wish{.who = read_actor(caller.peer, parameters),
            .comment = parameters.text("comment").value_or(""),
            .confirm = read_confirm(parameters),
            .own_connection = read_own_connection(parameters),
            .stop_on_lockout = parameters.flag("stop_on_lockout"),
            .connections = read_connections(parameters),
            .load = settings_.load};
  const control::Wishes wishes{.backend = read_backend(parameters), .force = parameters.flag("force")};
  if (parameters.flag("no_comments")) wish.load.comments = false;
  if (const auto wait = read_wait(parameters)) wish.load.lock_patience = *wait;
  const diag::Style style = read_style(parameters);
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);

  step("compiling", wish.who);
  Reply reply = apply_configuration(wish, wishes, style);
  if (reply.error.empty())
    control::forget_refused(files_, settings_.state_directory);
  else
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
  const bool asks = settings_.patience_for_names.count() > 0;
  const auto checked = control::check_tree(
      files, settings_.configuration,
      asks ? control::ask_names_in(files_, settings_.state_directory, settings_.patience_for_names)
           : control::known_names_in(files_, settings_.state_directory));
  const std::string text = text_of(*checked, style);
  if (auto refused = refusal_of(*checked, settings_.configuration, wishes.force, text)) return std::move(*refused);
  const Json notes{{"text", text}};
  auto configuration =
      std::async(std::launch::async, history::Store::packed_configuration, files.below(settings_.configuration));
  const auto session =
      control::Session::open(files_, settings_.state_directory, wish.load, history::Wait::No, settings_.on_loading);
  if (!session) return with(refusal(session.error()), notes);
  const auto plan = control::make_plan((*session)->kernel(), checked->policy, wishes);
  if (!plan) return with(refusal(plan.error()), notes);
  return put_in_force(**session, wish,
                      {.directory = settings_.configuration,
                       .configuration = configuration.get(),
                       .plan = *plan,
                       .who = {},
                       .comment = {},
                       .copy_of = {},
                       .confirm = {}},
                      notes);
}

Reply ManagerService::preview(const Caller&, Parameters& parameters) {
  const control::Wishes wishes{.backend = read_backend(parameters), .force = parameters.flag("force")};
  const apply::LiveConnections connections = read_connections(parameters);
  const auto own = read_own_connection(parameters);
  const diag::Style style = read_style(parameters);
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);

  const auto checked = control::check_tree(files_, settings_.configuration,
                                           control::known_names_in(files_, settings_.state_directory));
  const std::string text = text_of(*checked, style);
  if (auto refused = refusal_of(*checked, settings_.configuration, wishes.force, text)) return std::move(*refused);
  const auto kernel = apply::make_kernel();
  const auto plan = control::make_dry_plan(*kernel, checked->policy, wishes);
  if (!plan) return with(refusal(plan.error()), {{"text", text}});
  Json seen = nullptr;
  if (connections != apply::LiveConnections::Keep) {
    const auto report = apply::review_connections(*kernel, plan->ruleset,
                                                  plan->choice ? plan->choice->backend : apply::Backend::Xtables,
                                                  /*enforce=*/false, settings_.load.progress);
    if (!report) return with(refusal(report.error()), {{"text", text}});
    seen = control::json_of(*report);
  }
  Json told{{"backend", nullptr},
            {"ipv4_rules", count_rules(plan->ruleset, net::Family::Ipv4)},
            {"ipv6_rules", count_rules(plan->ruleset, net::Family::Ipv6)},
            {"warnings", plan->warnings},
            {"text", text},
            {"lockout", nullptr},
            {"lockout_unknown", nullptr}};
  if (plan->choice) {
    told["backend"] = apply::to_string(plan->choice->backend);
    told.update(lockout_notes(*kernel, plan->ruleset, plan->choice->backend, own));
  }
  told["connections"] = std::move(seen);
  return {.parameters = std::move(told)};
}

/// Applies the configuration of a former generation again.
Reply ManagerService::bring_back(control::Session& session, const Wish& wish, history::Number number) {
  const auto journal = session.store().read_journal();
  if (!journal) return refusal(journal.error());
  const history::Generation* generation = journal->find(number);
  if (generation == nullptr) return refusal(fmt::format("there is no generation {}", number));
  const auto checked = control::read_generation(session.store(), *generation);
  if (!checked) return refusal(checked.error());
  const auto files = session.store().read_configuration(number);
  if (!files) return refusal(files.error());
  const auto plan = control::make_plan(session.kernel(), (*checked)->policy, {.backend = {}, .force = true});
  if (!plan) return refusal(plan.error());
  Reply reply = put_in_force(session, wish,
                             {.directory = generation->directory,
                              .configuration = history::Store::packed_configuration(*files),
                              .plan = *plan,
                              .who = {},
                              .comment = {},
                              .copy_of = number,
                              .confirm = {}},
                             {{"text", ""}});
  if (!reply.error.empty()) return reply;
  Json applied = std::move(reply.parameters.at("applied"));
  return {.parameters = {{"taken_back", nullptr},
                         {"in_force", applied.at("generation")},
                         {"reason", nullptr},
                         {"warnings", Json::array()},
                         {"applied", std::move(applied)}}};
}

Reply ManagerService::rollback(const Caller& caller, Parameters& parameters) {
  Wish wish{.who = read_actor(caller.peer, parameters),
            .comment = parameters.text("comment").value_or(""),
            .confirm = read_confirm(parameters),
            .own_connection = read_own_connection(parameters),
            .load = settings_.load};
  const auto number = parameters.number("generation");
  if (const auto wait = read_wait(parameters)) wish.load.lock_patience = *wait;
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);

  const auto session =
      control::Session::open(files_, settings_.state_directory, wish.load, settings_.wait, settings_.on_loading);
  if (!session) return refusal(session.error());
  if (number) return bring_back(**session, wish, *number);
  const auto journal = (*session)->store().read_journal();
  if (!journal) return refusal(journal.error());
  if (journal->pending) {
    const auto back = (*session)->manager().take_back(wish.who, "it was rolled back");
    if (!back) return refusal(back.error());
    return {.parameters = {{"taken_back", number_or_null(back->from)},
                           {"in_force", number_or_null(back->to)},
                           {"reason", back->reason},
                           {"warnings", back->report.warnings},
                           {"applied", nullptr}}};
  }
  const auto before = one_before(*journal);
  if (!before) return refusal("there is no earlier generation to go back to");
  return bring_back(**session, wish, *before);
}

}  // namespace vuurmuur::daemon
