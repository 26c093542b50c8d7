// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "apply/live_connection.h"
#include "control/connection_query.h"

namespace vuurmuur::control {

/// Which connections are to end.
struct KillRequest {
  ConnectionQuery query{};  ///< the filter and the family; the rest is not looked at
  /// Of whoever asks: see own_connection().
  std::optional<apply::LiveConnection> own{};
  bool may_end_own = false;
  bool is_dry = false;  ///< only tells
  std::size_t most_told = 1000;
};

struct KillReport {
  std::size_t matched = 0;
  std::size_t ended = 0;                   ///< 0 of a dry run
  std::size_t gone = 0;                    ///< that ended by themselves meanwhile
  std::size_t failed = 0;                  ///< that the kernel refused to end
  std::string failure{};                   ///< why, of the last of them
  bool has_own = false;                    ///< the own one is among them; without may_end_own nothing ended then
  std::vector<std::string> connections{};  ///< JSON objects as live_connections_json.h has them, of the first ones
};

/// Ends live connections of both families that a filter lets through, and no others: each is named by its number, so
/// that a later one of the same addresses and ports stays. Packets that come afterwards are those of a new connection,
/// which the rules decide about anew. Connections in conntrack zones of others are left alone.
[[nodiscard]] base::Result<KillReport> kill_connections(apply::Kernel& kernel, const InForce& in_force,
                                                        const KillRequest& request);

}  // namespace vuurmuur::control
