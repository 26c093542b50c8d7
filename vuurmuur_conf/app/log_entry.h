// SPDX-License-Identifier: GPL-2.0-or-later
// What rules log, as Manager.WatchLog tells it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ipc/varlink.h"

namespace vuurmuur::app {

/// LogEntry: a packet. Texts are empty where there is nothing to say.
struct LogEntry {
  std::string time;                               ///< in UTC: "2026-11-26T06:31:02.123Z"
  std::string action, service, from, to, prefix;  ///< in the words of the policy, where it has some
  std::string from_zone, to_zone;                 ///< "lan", or "firewall"
  std::string in, out;                            ///< devices
  std::string source, destination, protocol;      ///< addresses; "TCP", "PROTO 132"
  std::optional<std::int64_t> source_port, destination_port, icmp_type, icmp_code, mark;
  std::string source_mac, destination_mac, tcp_flags;
  std::int64_t length = 0, ttl = 0;
  std::string rule, place;  ///< "rule 3: drop any from …" and its file and line
};

/// An answer of WatchLog.
struct LogNews {
  std::vector<LogEntry> entries;
  std::int64_t missed = 0;  ///< entries that this program was too slow for
  std::int64_t lost = 0;    ///< records that the daemon could not read
};
[[nodiscard]] LogEntry log_entry_from(const ipc::Json& json);
[[nodiscard]] LogNews log_from(const ipc::Json& json);

}  // namespace vuurmuur::app
