// SPDX-License-Identifier: GPL-2.0-or-later
// Live connections, as Manager.WatchConnections tells them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ipc/varlink.h"

namespace vuurmuur::app {

/// ConnectionEnd: one end of a connection; texts are empty where the policy has no name for it.
struct ConnectionEnd {
  std::string address, name, network, zone;
  std::optional<std::int64_t> port;
};

/// LiveConnection, in the words of the policy in force.
struct LiveConnection {
  std::int64_t id = 0, protocol = 0;  ///< of the kernel; of IP
  ConnectionEnd source, destination;
  std::optional<ConnectionEnd> source_seen_as, destination_asked;  ///< where NAT makes them others
  std::string service, state, progress, helper;
  std::int64_t packets = 0, bytes = 0, packets_back = 0, bytes_back = 0;
  std::int64_t seconds_left = 0;
  std::optional<std::int64_t> began;  ///< seconds since 1970
  std::int64_t mark = 0;
  std::string kind;                    ///< "plain", "queue", "log_group" or "packet_mark"
  std::optional<std::int64_t> number;  ///< of the queue or the group
  std::string rule, place;             ///< that admits it now, with its file and line
};

/// ConnectionGroup: connections that have something alike.
struct ConnectionGroup {
  std::string group;
  std::int64_t connections = 0, packets = 0, bytes = 0;  ///< both ways together
};

/// A sample: how many there are, how many the filter lets through, and the first of them in the order asked for.
struct ConnectionSample {
  std::int64_t seen = 0, matched = 0;
  std::vector<LiveConnection> connections;
  std::vector<ConnectionGroup> groups;
};
[[nodiscard]] ConnectionSample connections_from(const ipc::Json& json);

/// What is asked of WatchConnections: the words of its parameters.
struct ConnectionsWish {
  std::string filter, order = "bytes", group_by = "none";
  bool operator==(const ConnectionsWish&) const = default;
};

}  // namespace vuurmuur::app
