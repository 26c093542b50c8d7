// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string_view>

#include "base/result.h"
#include "daemon/parameters.h"
#include "history/journal.h"
#include "ipc/peer.h"
#include "ipc/varlink.h"

// What the methods of the service have in common.
namespace vuurmuur::daemon {

inline constexpr std::string_view kManager = "org.vuurmuur.Manager", kService = "org.varlink.service";

/// Who does what nobody asked for.
inline const history::Actor kDaemon{.uid = 0, .user = "daemon", .from = {}};

/// An error of the interface by its name.
[[nodiscard]] ipc::Reply error(std::string_view name, ipc::Json parameters);

/// Busy or Refused, with the errno as code.
[[nodiscard]] ipc::Reply refusal(const base::Error& why);
[[nodiscard]] ipc::Reply refusal(std::string_view why);

/// Whether it was another program that had the xtables lock; then nothing was changed.
[[nodiscard]] bool is_locked_out(const ipc::Reply& reply);

[[nodiscard]] ipc::Reply invalid(std::string_view parameter);

/// There would be one answer to something that has many.
[[nodiscard]] ipc::Reply expected_more();

/// Who calls: the peer, with what he says of himself in "person" and "from".
[[nodiscard]] history::Actor read_actor(const ipc::Peer& peer, Parameters& parameters);

[[nodiscard]] ipc::Json number_or_null(std::optional<history::Number> value);

}  // namespace vuurmuur::daemon
