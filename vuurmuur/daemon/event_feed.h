// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <vector>

#include "control/journal_events.h"
#include "ipc/server.h"

namespace vuurmuur::daemon {

/// Tells those who watch it what happens, whoever does it: what the journal says, and what the daemon does before there
/// is anything in the journal.
class EventFeed {
 public:
  explicit EventFeed(ipc::Server& server) : server_(server) {}

  /// A client is told every event from now on, until it goes. Gives the first reply: the state as it is.
  [[nodiscard]] ipc::Reply add(ipc::ClientId client, const history::Journal& journal);

  /// The journal as it is now: what is new in it is told.
  void take(const history::Journal& journal);
  void tell(const control::StateEvent& event);

  /// Whether anybody watches.
  [[nodiscard]] bool has_clients();

 private:
  ipc::Server& server_;
  std::vector<ipc::ClientId> clients_;
  history::Journal known_;
};

}  // namespace vuurmuur::daemon
