// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/service.h"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/strings.h"
#include "cli/caller.h"
#include "cli/guard_process.h"
#include "cli/kernel_report.h"
#include "cli/policy.h"
#include "cli/state_directory.h"
#include "control/ask_names.h"
#include "control/clock.h"
#include "control/comparison.h"
#include "control/generation_json.h"
#include "history/store.h"
#include "net/address.h"

namespace vuurmuur::cli {
namespace {

using ipc::Json;

/// How long a command waits for its turn, and how often it asks.
constexpr std::chrono::minutes kPatience{2};
constexpr std::chrono::milliseconds kBetweenQuestions{50};

bool is_same_directory(const std::string& one, const std::string& other) {
  std::error_code error, other_error;
  const auto first = std::filesystem::weakly_canonical(one, error);
  const auto second = std::filesystem::weakly_canonical(other, other_error);
  if (!error && !other_error) return first == second;
  return std::filesystem::absolute(one).lexically_normal() == std::filesystem::absolute(other).lexically_normal();
}

/// Nothing for ever, and for a wait that is not named.
std::optional<std::uint32_t> wait_seconds(const Arguments& arguments) {
  return base::parse_number<std::uint32_t>(arguments.value(kWaitOption.name).value_or(""));
}

bool is_too_long(std::optional<std::uint32_t> seconds) {
  return !seconds || std::chrono::seconds(*seconds) > apply::kLockPatience;
}

/// Why a daemon that is there does not do it; empty: it does.
std::string reason_against(const DaemonClient& daemon, const Arguments& arguments,
                           const std::optional<std::string>& directory) {
  if (directory && !is_same_directory(*directory, daemon.about().configuration))
    return fmt::format("the daemon's configuration is {}: this one is applied without it",
                       daemon.about().configuration);
  if (arguments.has(kWaitOption.name) && is_too_long(wait_seconds(arguments)))
    return fmt::format("the daemon waits at most {} s for other programs: this is done without it",
                       apply::kLockPatience.count());
  return {};
}

/// The deadline of a status that waits.
history::Pending pending_of(const Json& status) {
  history::Pending pending{.generation = status.at("generation").at("generation").get<history::Number>(),
                           .deadline = {}};
  if (status.at("state") != "awaiting confirmation") return pending;
  pending.deadline = control::SystemClock().now();
  pending.deadline->nanoseconds += status.value("seconds_left", std::int64_t{0}) * 1'000'000'000;
  return pending;
}

}  // namespace

Service Service::find(Context& context, const Arguments& arguments, const std::optional<std::string>& directory) {
  Service service;
  service.files_ = &context.files;
  service.daemon_ = DaemonClient::find(context, arguments);
  if (service.daemon_) {
    const std::string reason = reason_against(*service.daemon_, arguments, directory);
    if (reason.empty()) return service;
    tell(context, "note", reason);
    service.daemon_.reset();
  }
  const std::string state = state_directory(arguments);
  const bool is_default = !arguments.has(kStateDirOption.name);
  service.settings_ = std::make_unique<daemon::Settings>(
      daemon::Settings{.configuration = directory.value_or(VUURMUUR_CONFIG_DIR),
                       .state_directory = state,
                       .load = kernel_options(context, arguments).value_or(apply::Options()),
                       .group = {},
                       .start_guard = [state, is_default] { return start_guard(state, is_default); },
                       .wait = history::Wait::Yes,
                       .patience_for_names = control::kLongestAsking});
  service.own_ = std::make_unique<daemon::ManagerService>(context.files, *service.settings_);
  return service;
}

ipc::Reply Service::ask(const std::string& method, const Json& parameters) {
  if (daemon_) return daemon_->ask(method, parameters);
  return own_->handle_own({.method = "org.vuurmuur.Manager." + method, .parameters = parameters});
}

ipc::Reply Service::ask_in_turn(const std::string& method, const Json& parameters) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    ipc::Reply reply = ask(method, parameters);
    if (!is_error(reply, "Busy") || std::chrono::steady_clock::now() > deadline) return reply;
    std::this_thread::sleep_for(kBetweenQuestions);
  }
}

base::Result<Json> Service::call(const std::string& method, const Json& parameters) {
  ipc::Reply reply = ask(method, parameters);
  if (!reply.error.empty()) return std::unexpected(error_of(reply));
  return std::move(reply.parameters);
}

base::Result<std::reference_wrapper<ipc::Client>> Service::watch(const std::string& method, Json parameters) {
  return daemon_->watch(method, std::move(parameters));
}

base::Result<history::Journal> Service::journal() {
  return daemon_ ? journal_of_daemon() : history::Store(*files_, settings_->state_directory).read_journal();
}

base::Result<history::Journal> Service::journal_of_daemon() {
  const Json status = VM_TRY(call("Status")), history = VM_TRY(call("History"));
  try {
    history::Journal journal;
    for (const Json& generation : history.at("generations"))
      journal.generations.insert(journal.generations.begin(), control::generation_from(generation));
    if (!journal.generations.empty()) journal.next = journal.generations.back().number + 1;
    if (status.contains("confirmed") && !status.at("confirmed").is_null())
      journal.confirmed = status.at("confirmed").get<history::Number>();
    journal.is_cleared = status.at("state") == "cleared";
    if (status.at("state") == "awaiting confirmation" || status.at("state") == "applying")
      journal.pending = pending_of(status);
    for (const auto& number : {journal.confirmed, control::in_force(journal)})
      if (number && journal.find(*number) == nullptr)
        return base::failure("the daemon speaks of a generation that it has not got");
    return journal;
  } catch (const std::exception& problem) {
    return base::failure(std::string("the daemon's answer is not understood: ") + problem.what());
  }
}

base::Error error_of(const ipc::Reply& reply) {
  const Json message = reply.parameters.value("message", Json()), code = reply.parameters.value("code", Json());
  if (message.is_string())
    return {.message = message.get<std::string>(), .code = code.is_number_integer() ? code.get<int>() : 0};
  if (const Json wrong = reply.parameters.value("parameter", Json()); wrong.is_string())
    return {.message = fmt::format("'{}' is not understood", wrong.get<std::string>()), .code = 0};
  return {.message = "the daemon answers " + reply.error, .code = 0};
}

bool is_error(const ipc::Reply& reply, std::string_view name) {
  return reply.error == fmt::format("org.vuurmuur.Manager.{}", name);
}

Json with_caller(Json parameters) {
  const history::Actor who = caller();
  if (who.uid == 0) parameters["person"] = who.user;
  if (net::Address::parse(std::string_view(who.from).substr(0, who.from.find('%')))) parameters["from"] = who.from;
  return parameters;
}

Json with_wait(const Service& service, const Arguments& arguments, Json parameters) {
  // This process has it in its own options, also for ever.
  if (const auto seconds = wait_seconds(arguments); seconds && service.daemon() != nullptr)
    parameters["wait_seconds"] = *seconds;
  return parameters;
}

std::unexpected<base::Error> strange_answer() { return base::failure("the daemon's answer is not understood"); }

}  // namespace vuurmuur::cli
