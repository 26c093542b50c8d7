// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/manager_service.h"

#include <fmt/format.h>
#include <pwd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ranges>

#include "apply/rule_counters.h"
#include "control/counters_json.h"
#include "control/generation_json.h"
#include "control/session.h"
#include "control/tree_recorder.h"
#include "daemon/interfaces.h"
#include "diag/render.h"

namespace vuurmuur::daemon {
namespace {

using ipc::Json;
using ipc::Reply;

constexpr std::string_view kManager = "org.vuurmuur.Manager", kService = "org.varlink.service";

Reply error(std::string_view name, Json parameters) {
  return {.parameters = std::move(parameters), .error = fmt::format("{}.{}", kManager, name)};
}

Reply refusal(const base::Error& why) {
  return error(why.code == EWOULDBLOCK ? "Busy" : "Refused", {{"message", why.message}});
}

Reply invalid(std::string_view parameter) {
  return {.parameters = {{"parameter", parameter}}, .error = fmt::format("{}.InvalidParameter", kService)};
}

history::Actor actor_of(const ipc::Peer& peer) {
  const passwd* entry = ::getpwuid(peer.uid);
  return {.uid = peer.uid, .user = entry == nullptr ? fmt::format("uid {}", peer.uid) : entry->pw_name, .from = {}};
}

/// A whole number of a call, nothing when it is not there; the error is its name.
template <class T>
std::expected<std::optional<T>, std::string> number(const Json& parameters, const std::string& name) {
  const auto found = parameters.find(name);
  if (found == parameters.end() || found->is_null()) return std::nullopt;
  if (!found->is_number_unsigned()) return std::unexpected(name);
  return found->get<T>();
}

Json number_or_null(std::optional<history::Number> value) { return value ? Json(*value) : Json(nullptr); }

/// A day, as for the command line.
constexpr std::int64_t kLongestConfirm = 86'400;

}  // namespace

struct ManagerService::Method {
  std::string_view name;
  bool changes = false;  ///< what is in force
  Reply (ManagerService::*run)(const ipc::Peer& peer, const Json& parameters);
};

const ManagerService::Method* ManagerService::find_method(std::string_view name) {
  static constexpr std::array kMethods{
      Method{"org.vuurmuur.Manager.Status", false, &ManagerService::status},
      Method{"org.vuurmuur.Manager.History", false, &ManagerService::history},
      Method{"org.vuurmuur.Manager.Show", false, &ManagerService::show},
      Method{"org.vuurmuur.Manager.Counters", false, &ManagerService::counters},
      Method{"org.vuurmuur.Manager.Apply", true, &ManagerService::apply},
      Method{"org.vuurmuur.Manager.Confirm", true, &ManagerService::confirm},
      Method{"org.vuurmuur.Manager.TakeBack", true, &ManagerService::take_back},
      Method{"org.varlink.service.GetInfo", false, &ManagerService::get_info},
      Method{"org.varlink.service.GetInterfaceDescription", false, &ManagerService::get_interface_description},
  };
  const auto found = std::ranges::find(kMethods, name, &Method::name);
  return found == kMethods.end() ? nullptr : &*found;
}

bool ManagerService::may(const ipc::Peer& peer, bool changes) const {
  if (peer.uid == 0) return true;
  if (settings_.group && std::ranges::find(peer.groups, *settings_.group) != peer.groups.end()) return true;
  return !changes && settings_.may_others_read;
}

Reply ManagerService::handle(const ipc::Peer& peer, const ipc::Call& call) {
  const Method* method = find_method(call.method);
  if (method == nullptr) {
    const std::string interface = call.method.substr(0, call.method.rfind('.'));
    if (interface != kManager && interface != kService)
      return {.parameters = {{"interface", interface}}, .error = fmt::format("{}.InterfaceNotFound", kService)};
    return {.parameters = {{"method", call.method}}, .error = fmt::format("{}.MethodNotFound", kService)};
  }
  if (!call.method.starts_with(kService) && !may(peer, method->changes))
    return error("PermissionDenied", {{"message", "only root and the daemon's group may do that"}});
  return (this->*method->run)(peer, call.parameters);
}

Reply ManagerService::status(const ipc::Peer&, const Json&) {
  const auto journal = history::Store(files_, settings_.state_directory).read_journal();
  if (!journal) return refusal(journal.error());
  return {.parameters = control::status_json(*journal, control::SystemClock())};
}

Reply ManagerService::history(const ipc::Peer&, const Json&) {
  const auto journal = history::Store(files_, settings_.state_directory).read_journal();
  if (!journal) return refusal(journal.error());
  Json generations = Json::array();
  for (const history::Generation& generation : journal->generations | std::views::reverse)
    generations.push_back(control::json_of(generation, *journal));
  return {.parameters = {{"generations", std::move(generations)}}};
}

Reply ManagerService::show(const ipc::Peer&, const Json& parameters) {
  const auto wanted = number<history::Number>(parameters, "generation");
  if (!wanted || !*wanted) return invalid("generation");
  const history::Store store(files_, settings_.state_directory);
  const auto journal = store.read_journal();
  if (!journal) return refusal(journal.error());
  const history::Generation* generation = journal->find(**wanted);
  if (generation == nullptr) return error("Refused", {{"message", fmt::format("there is no generation {}", **wanted)}});
  const auto files = store.read_configuration(**wanted);
  if (!files) return refusal(files.error());
  Json contents = Json::object();
  for (const auto& [path, content] : *files) contents[path] = content;
  return {.parameters = {{"generation", control::json_of(*generation, *journal)}, {"files", std::move(contents)}}};
}

Reply ManagerService::counters(const ipc::Peer&, const Json&) {
  const auto kernel = apply::make_kernel();
  const auto rules = apply::read_counters(*kernel);
  if (!rules) return refusal(rules.error());
  return {.parameters = {{"rules", Json::parse(control::to_json(*rules))}}};
}

Reply ManagerService::apply(const ipc::Peer& peer, const Json& parameters) {
  const auto confirm = number<std::int64_t>(parameters, "confirm_seconds");
  if (!confirm || confirm->value_or(0) > kLongestConfirm) return invalid("confirm_seconds");
  const Json comment = parameters.value("comment", Json()), force = parameters.value("force", Json());
  if (!comment.is_null() && !comment.is_string()) return invalid("comment");
  if (!force.is_null() && !force.is_boolean()) return invalid("force");
  const bool is_forced = force.is_boolean() && force.get<bool>();

  const control::TreeRecorder files(files_);
  const auto checked = control::check_tree(files, settings_.configuration);
  if (checked->sink.has_errors())
    return error("ConfigurationHasErrors",
                 {{"diagnostics", Json::parse(diag::render_json(checked->sink, checked->tree.sources))}});
  if (checked->policy.rules.empty() && !is_forced)
    return error("Refused", {{"message", "there is no active rule: this would lock everyone out; force applies it"}});
  const auto session = control::Session::open(files_, settings_.state_directory, settings_.load, history::Wait::No);
  if (!session) return refusal(session.error());
  const auto plan = control::make_plan((*session)->kernel(), checked->policy, {.backend = {}, .force = is_forced});
  if (!plan) return refusal(plan.error());
  control::Request request{.directory = settings_.configuration,
                           .configuration = history::Store::packed_configuration(files.below(settings_.configuration)),
                           .plan = *plan,
                           .who = actor_of(peer),
                           .comment = comment.is_string() ? comment.get<std::string>() : std::string(),
                           .copy_of = {},
                           .confirm = {}};
  if (confirm->value_or(0) != 0) {
    request.confirm = std::chrono::seconds(**confirm);
    if (const auto started = settings_.start_guard(); !started) return refusal(started.error());
  }
  const auto applied = (*session)->manager().apply(request);
  if (!applied) return refusal(applied.error());
  return {.parameters = {{"generation", applied->generation},
                         {"backend", apply::to_string(plan->choice.backend)},
                         {"rules", applied->report.rules},
                         {"goes_back_to", request.confirm ? number_or_null(applied->goes_back_to) : Json(nullptr)},
                         {"replaced", number_or_null(applied->replaced)},
                         {"warnings", applied->report.warnings}}};
}

Reply ManagerService::confirm(const ipc::Peer& peer, const Json&) {
  const auto session = control::Session::open(files_, settings_.state_directory, settings_.load, history::Wait::No);
  if (!session) return refusal(session.error());
  const auto confirmed = (*session)->manager().confirm(actor_of(peer));
  if (!confirmed) return refusal(confirmed.error());
  return {.parameters = {{"confirmed", *confirmed}}};
}

Reply ManagerService::take_back(const ipc::Peer& peer, const Json&) {
  const auto session = control::Session::open(files_, settings_.state_directory, settings_.load, history::Wait::No);
  if (!session) return refusal(session.error());
  const auto back = (*session)->manager().take_back(actor_of(peer), "it was rolled back");
  if (!back) return refusal(back.error());
  return {.parameters = {{"taken_back", number_or_null(back->from)},
                         {"in_force", number_or_null(back->to)},
                         {"warnings", back->report.warnings}}};
}

Reply ManagerService::get_info(const ipc::Peer&, const Json&) {
  return {.parameters = {{"vendor", "Vuurmuur"},
                         {"product", "vuurmuur"},
                         {"version", VUURMUUR_VERSION},
                         {"url", ""},
                         {"interfaces", {kService, kManager}}}};
}

Reply ManagerService::get_interface_description(const ipc::Peer&, const Json& parameters) {
  const Json name = parameters.value("interface", Json());
  if (name == kManager) return {.parameters = {{"description", kManagerInterface}}};
  if (name == kService) return {.parameters = {{"description", kServiceInterface}}};
  return {.parameters = {{"interface", name}}, .error = fmt::format("{}.InterfaceNotFound", kService)};
}

std::string ManagerService::reload() {
  const Reply reply = apply({.pid = 0, .uid = 0, .groups = {}}, {{"comment", "SIGHUP"}});
  if (reply.error.empty())
    return fmt::format("generation {} is in force: {} rules", reply.parameters.at("generation").dump(),
                       reply.parameters.at("rules").dump());
  if (reply.parameters.contains("message")) return "not reloaded: " + reply.parameters.at("message").get<std::string>();
  return "not reloaded: the configuration has errors; 'vuurmuur check' tells which";
}

}  // namespace vuurmuur::daemon
