// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/manager_service.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "daemon/block_list.h"
#include "daemon/in_force_cache.h"
#include "daemon/interfaces.h"
#include "daemon/replies.h"
#include "daemon/wish.h"

namespace vuurmuur::daemon {

using ipc::Json;
using ipc::Reply;

namespace {

enum class Who : std::uint8_t {
  Everybody,
  Readers,   ///< when they may read at all; takes no time
  Changers,  ///< root and the group: changes something, tells more than what is in force, or takes time
};

}  // namespace

struct ManagerService::Method {
  std::string_view name;
  Who who = Who::Changers;
  Reply (ManagerService::*run)(const Caller& caller, Parameters& parameters);
  bool loads = false;  ///< needs the xtables lock, always or often
};

ManagerService::ManagerService(base::FileSystem& files, const Settings& settings)
    : files_(files), settings_(settings) {}
ManagerService::~ManagerService() = default;

const ManagerService::Method* ManagerService::find_method(std::string_view name) {
  static constexpr std::array kMethods{
      Method{"org.vuurmuur.Manager.About", Who::Everybody, &ManagerService::about},
      Method{"org.vuurmuur.Manager.Status", Who::Readers, &ManagerService::status},
      Method{"org.vuurmuur.Manager.Monitor", Who::Readers, &ManagerService::monitor},
      Method{"org.vuurmuur.Manager.History", Who::Readers, &ManagerService::history},
      Method{"org.vuurmuur.Manager.Edits", Who::Changers, &ManagerService::edits},
      Method{"org.vuurmuur.Manager.NoteEdit", Who::Changers, &ManagerService::note_edit},
      Method{"org.vuurmuur.Manager.Show", Who::Readers, &ManagerService::show},
      Method{"org.vuurmuur.Manager.Rules", Who::Readers, &ManagerService::rules},
      Method{"org.vuurmuur.Manager.Compare", Who::Changers, &ManagerService::compare},
      Method{"org.vuurmuur.Manager.Counters", Who::Readers, &ManagerService::counters},
      Method{"org.vuurmuur.Manager.WatchCounters", Who::Readers, &ManagerService::watch_counters},
      Method{"org.vuurmuur.Manager.WatchLog", Who::Changers, &ManagerService::watch_log},
      Method{"org.vuurmuur.Manager.KeptCounters", Who::Readers, &ManagerService::kept_counters},
      Method{"org.vuurmuur.Manager.Volume", Who::Readers, &ManagerService::volume},
      Method{"org.vuurmuur.Manager.Metrics", Who::Readers, &ManagerService::metrics},
      Method{"org.vuurmuur.Manager.List", Who::Changers, &ManagerService::list},
      Method{"org.vuurmuur.Manager.Apply", Who::Changers, &ManagerService::apply, /*loads=*/true},
      Method{"org.vuurmuur.Manager.Preview", Who::Changers, &ManagerService::preview},
      Method{"org.vuurmuur.Manager.Confirm", Who::Changers, &ManagerService::confirm, /*loads=*/true},
      Method{"org.vuurmuur.Manager.TakeBack", Who::Changers, &ManagerService::take_back, /*loads=*/true},
      Method{"org.vuurmuur.Manager.Rollback", Who::Changers, &ManagerService::rollback, /*loads=*/true},
      Method{"org.vuurmuur.Manager.Clear", Who::Changers, &ManagerService::clear, /*loads=*/true},
      Method{"org.vuurmuur.Manager.Block", Who::Changers, &ManagerService::block},
      Method{"org.vuurmuur.Manager.Unblock", Who::Changers, &ManagerService::unblock},
      Method{"org.vuurmuur.Manager.Bait", Who::Changers, &ManagerService::bait},
      Method{"org.vuurmuur.Manager.Unbait", Who::Changers, &ManagerService::unbait},
      Method{"org.vuurmuur.Manager.Baited", Who::Changers, &ManagerService::baited},
      Method{"org.vuurmuur.Manager.EndConnections", Who::Changers, &ManagerService::end_connections},
      Method{"org.vuurmuur.Manager.Blocked", Who::Changers, &ManagerService::blocked},
      Method{"org.vuurmuur.Manager.Connections", Who::Readers, &ManagerService::connections},
      Method{"org.vuurmuur.Manager.WatchConnections", Who::Readers, &ManagerService::watch_connections},
      Method{"org.vuurmuur.Manager.KillConnections", Who::Changers, &ManagerService::kill_connections},
      Method{"org.vuurmuur.Manager.Queues", Who::Readers, &ManagerService::queues},
      Method{"org.varlink.service.GetInfo", Who::Everybody, &ManagerService::get_info},
      Method{"org.varlink.service.GetInterfaceDescription", Who::Everybody, &ManagerService::get_interface_description},
  };
  const auto found = std::ranges::find(kMethods, name, &Method::name);
  return found == kMethods.end() ? nullptr : &*found;
}

bool ManagerService::may(const ipc::Peer& peer, const Method& method) const {
  if (peer.uid == 0 || method.who == Who::Everybody) return true;
  if (settings_.group && std::ranges::find(peer.groups, *settings_.group) != peer.groups.end()) return true;
  return method.who == Who::Readers && settings_.may_others_read;
}

Reply ManagerService::handle(const Caller& caller, const ipc::Call& call) {
  const Method* method = find_method(call.method);
  if (method == nullptr) {
    const std::string interface = call.method.substr(0, call.method.rfind('.'));
    if (interface != kManager && interface != kService)
      return {.parameters = {{"interface", interface}}, .error = fmt::format("{}.InterfaceNotFound", kService)};
    return {.parameters = {{"method", call.method}}, .error = fmt::format("{}.MethodNotFound", kService)};
  }
  if (!may(caller.peer, *method))
    return error("PermissionDenied", {{"message", "only root and the daemon's group may do that"}});
  Parameters parameters(call.parameters);
  return (this->*method->run)(caller, parameters);
}

Reply ManagerService::handle_own(const ipc::Call& call) {
  const Method* method = find_method(call.method);
  VM_ASSERT(method != nullptr);
  Parameters parameters(call.parameters);
  return (this->*method->run)({.peer = {.pid = ::getpid(), .uid = ::getuid(), .groups = {}}}, parameters);
}

std::optional<std::chrono::seconds> ManagerService::lock_patience(const Caller& caller, const ipc::Call& call) const {
  const Method* method = find_method(call.method);
  if (method == nullptr || !method->loads || !may(caller.peer, *method)) return std::nullopt;
  Parameters parameters(call.parameters);
  return read_wait(parameters).value_or(apply::kLockPatience);
}

apply::Options ManagerService::load_of(const Caller& caller) const {
  apply::Options load = settings_.load;
  load.lock = caller.lock;
  return load;
}

Reply ManagerService::get_info(const Caller&, Parameters& parameters) {
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  return {.parameters = {{"vendor", "Vuurmuur"},
                         {"product", "vuurmuur"},
                         {"version", VUURMUUR_VERSION},
                         {"url", ""},
                         {"interfaces", {kService, kManager}}}};
}

Reply ManagerService::get_interface_description(const Caller&, Parameters& parameters) {
  const std::string name = parameters.text("interface").value_or("");
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  if (name == kManager) return {.parameters = {{"description", kManagerInterface}}};
  if (name == kService) return {.parameters = {{"description", kServiceInterface}}};
  return {.parameters = {{"interface", name}}, .error = fmt::format("{}.InterfaceNotFound", kService)};
}

}  // namespace vuurmuur::daemon
