// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "apply/apply.h"
#include "apply/connection_review.h"
#include "apply/live_connection.h"
#include "daemon/parameters.h"
#include "history/journal.h"
#include "ipc/peer.h"
#include "model/policy.h"

namespace vuurmuur::daemon {

/// What a caller wishes of what is brought into force.
struct Wish {
  history::Actor who{};
  std::string comment{};
  std::optional<std::chrono::seconds> confirm{};
  std::optional<apply::LiveConnection> own_connection{};
  bool stop_on_lockout = false;
  apply::LiveConnections connections = apply::LiveConnections::Keep;
  apply::Options load{};
};

/// What is read of every method that brings something into force; `load`: what holds where nothing else is wished.
[[nodiscard]] Wish read_wish(const ipc::Peer& peer, Parameters& parameters, const apply::Options& load);

/// "backend", "connections" and "own_connection".
[[nodiscard]] std::optional<model::Backend> read_backend(Parameters& parameters);
[[nodiscard]] apply::LiveConnections read_connections(Parameters& parameters);
[[nodiscard]] std::optional<apply::LiveConnection> read_own_connection(Parameters& parameters);

/// "wait_seconds": how long the caller waits for the xtables lock.
[[nodiscard]] std::optional<std::chrono::seconds> read_wait(Parameters& parameters);

/// The options of a load, which waits as long as the caller wishes if it may wait at all.
[[nodiscard]] apply::Options read_load(Parameters& parameters, const apply::Options& load);

}  // namespace vuurmuur::daemon
