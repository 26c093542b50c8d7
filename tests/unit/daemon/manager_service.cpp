// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/manager_service.h"

#include "base/memory_file_system.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::daemon;

namespace {

const ipc::Peer kRoot{.pid = 1, .uid = 0, .groups = {0}}, kMember{.pid = 1, .uid = 1000, .groups = {7, 1000}},
    kOther{.pid = 1, .uid = 1001, .groups = {1001}};

std::string error_of(const Settings& settings, const ipc::Peer& peer, const std::string& method) {
  base::MemoryFileSystem files;
  return ManagerService(files, settings).handle({.peer = peer}, {.method = method}).error;
}

Settings settings(bool may_others_read) {
  return {.configuration = "/none",
          .state_directory = "/none",
          .load = {},
          .group = 7,
          .may_others_read = may_others_read,
          .start_guard = {}};
}

}  // namespace

TEST_CASE("root and the group may do everything, others read when they are allowed to") {
  const std::string denied = "org.vuurmuur.Manager.PermissionDenied";
  for (const char* reading : {"org.vuurmuur.Manager.Status", "org.vuurmuur.Manager.History"}) {
    CHECK(error_of(settings(false), kRoot, reading).empty());
    CHECK(error_of(settings(false), kMember, reading).empty());
    CHECK(error_of(settings(false), kOther, reading) == denied);
    CHECK(error_of(settings(true), kOther, reading).empty());
  }
  for (const char* changing :
       {"org.vuurmuur.Manager.Apply", "org.vuurmuur.Manager.Preview", "org.vuurmuur.Manager.Confirm",
        "org.vuurmuur.Manager.TakeBack", "org.vuurmuur.Manager.Rollback", "org.vuurmuur.Manager.Clear",
        "org.vuurmuur.Manager.Block", "org.vuurmuur.Manager.Unblock", "org.vuurmuur.Manager.Blocked",
        "org.vuurmuur.Manager.EndConnections", "org.vuurmuur.Manager.Bait", "org.vuurmuur.Manager.Unbait",
        "org.vuurmuur.Manager.Baited", "org.vuurmuur.Manager.List", "org.vuurmuur.Manager.Compare",
        "org.vuurmuur.Manager.KillConnections", "org.vuurmuur.Manager.WatchLog"})
    for (const bool may_read : {false, true}) CHECK(error_of(settings(may_read), kOther, changing) == denied);
}

TEST_CASE("everybody may ask what there is to ask") {
  CHECK(error_of(settings(false), kOther, "org.varlink.service.GetInfo").empty());
  CHECK(error_of(settings(false), kOther, "org.vuurmuur.Manager.About").empty());
  CHECK(error_of(settings(false), kOther, "org.varlink.service.GetInfoo") == "org.varlink.service.MethodNotFound");
  CHECK(error_of(settings(false), kOther, "org.example.Thing.Do") == "org.varlink.service.InterfaceNotFound");
}
