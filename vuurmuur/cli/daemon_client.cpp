// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/daemon_client.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cli/state_directory.h"

namespace vuurmuur::cli {
namespace {

using ipc::Json;

/// An apply of 100,000 rules takes seconds, and waits for whoever has the xtables lock.
constexpr std::chrono::minutes kPatience{2};
/// To say who it is a daemon needs no time, but others may be served first.
constexpr std::chrono::seconds kPatienceForAbout{15};

/// That of the units of systemd, and that of a daemon that was started by hand.
constexpr std::array kUsualPlaces{"/run/vuurmuur-control", "/run/vuurmuur/control"};

/// The value of VUURMUUR_SOCKET that asks nobody.
constexpr std::string_view kNobody = "none";

ipc::Call call_of(const std::string& method, Json parameters) {
  return {.method = "org.vuurmuur.Manager." + method, .parameters = std::move(parameters)};
}

std::uint64_t own_network_namespace() {
  struct stat space {};
  return ::stat("/proc/self/ns/net", &space) == 0 ? space.st_ino : 0;
}

}  // namespace

std::optional<DaemonClient> DaemonClient::find(Context& context, const Arguments& arguments) {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  const std::string named = variable("VUURMUUR_SOCKET");
  if (named == kNobody || arguments.has(kStateDirOption.name)) return std::nullopt;
  std::vector<std::string> places{named};
  if (named.empty()) {
    if (named_state_directory(arguments)) return std::nullopt;
    places.assign(kUsualPlaces.begin(), kUsualPlaces.end());
  }
  for (const std::string& place : places) {
    auto connected = ipc::Client::connect(place);
    if (!connected) continue;
    DaemonClient client(std::move(*connected));
    const auto about = client.client_.call(call_of("About", Json::object()), kPatienceForAbout);
    if (!about) {
      tell(context, "warning",
           fmt::format("the daemon at '{}' does not answer, and is not asked: {}", place, about.error().message));
      continue;
    }
    // One of another version may understand the same words otherwise.
    if (!about->error.empty() || about->parameters.value("version", "") != VUURMUUR_VERSION) continue;
    if (named.empty() && about->parameters.value("network_namespace", std::uint64_t{0}) != own_network_namespace())
      continue;
    client.about_ = {.configuration = about->parameters.value("configuration", ""),
                     .state_directory = about->parameters.value("state_directory", "")};
    return client;
  }
  return std::nullopt;
}

ipc::Reply DaemonClient::ask(const std::string& method, Json parameters) {
  auto reply = client_.call(call_of(method, std::move(parameters)), kPatience);
  if (reply) return std::move(*reply);
  return {.parameters = {{"message", reply.error().message}, {"code", 0}}, .error = "org.vuurmuur.Manager.Refused"};
}

base::Result<std::reference_wrapper<ipc::Client>> DaemonClient::watch(const std::string& method, Json parameters) {
  ipc::Call call = call_of(method, std::move(parameters));
  call.more = true;
  VM_TRY_VOID(client_.send(call));
  return client_;
}

}  // namespace vuurmuur::cli
