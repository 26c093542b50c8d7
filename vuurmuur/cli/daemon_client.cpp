// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/daemon_client.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cli/state_directory.h"
#include "control/clock.h"
#include "control/comparison.h"
#include "control/generation_json.h"
#include "history/store.h"

namespace vuurmuur::cli {
namespace {

using ipc::Json;

/// An apply of 100,000 rules takes seconds, and waits for whoever has the xtables lock.
constexpr std::chrono::minutes kPatience{2};

/// That of the units of systemd, and that of a daemon that was started by hand.
constexpr std::array kUsualPlaces{"/run/vuurmuur-control", "/run/vuurmuur/control"};

base::Error error_of(const ipc::Reply& reply) {
  const Json message = reply.parameters.value("message", Json());
  if (message.is_string()) return {.message = message.get<std::string>(), .code = 0};
  if (reply.error.ends_with("ConfigurationHasErrors"))
    return {.message = "the configuration has errors; 'vuurmuur check' tells which", .code = EINVAL};
  return {.message = "the daemon answers " + reply.error, .code = 0};
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

std::optional<DaemonClient> DaemonClient::find(const Arguments& arguments) {
  if (const char* named = std::getenv("VUURMUUR_SOCKET"); named != nullptr && *named != '\0') {
    auto client = ipc::Client::connect(named);
    return client ? std::optional(DaemonClient(std::move(*client))) : std::nullopt;
  }
  if (::geteuid() == 0 || named_state_directory(arguments)) return std::nullopt;
  for (const char* path : kUsualPlaces)
    if (auto client = ipc::Client::connect(path)) return DaemonClient(std::move(*client));
  return std::nullopt;
}

base::Result<Json> DaemonClient::call(const std::string& method, Json parameters) {
  ipc::Reply reply = VM_TRY(
      client_.call({.method = "org.vuurmuur.Manager." + method, .parameters = std::move(parameters)}, kPatience));
  if (!reply.error.empty()) return std::unexpected(error_of(reply));
  return std::move(reply.parameters);
}

base::Result<history::Journal> DaemonClient::journal() {
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

base::Result<history::Journal> read_journal(Context& context, const Arguments& arguments) {
  if (auto daemon = DaemonClient::find(arguments)) return daemon->journal();
  return history::Store(context.files, state_directory(arguments)).read_journal();
}

}  // namespace vuurmuur::cli
