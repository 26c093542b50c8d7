// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "log/entry.h"

// The line of traffic.log as Vuurmuur 0.8 writes it, so that what reads it goes on working; behind it, in brackets, the
// rule that spoke:
//
//   Nov 23 22:51:07: DROP service ssh from 203.0.113.1 to firewall(inet), prefix: "in policy " (in: eth0
//   203.0.113.1(3e:8e:9a:8a:8c:53):49629 -> 203.0.113.2(12:80:dc:14:4a:e9):22 TCP flags: ****S* len:40 ttl:64)
//   [policy: no rule took the packet, #k3v9f0wx]
//
// In one line. Addresses of IPv6 with ports stand in brackets, as nobody could tell where they end.
namespace vuurmuur::log {

/// Writes lines in the local time; what the time zone says is asked once a second.
class TrafficLine {
 public:
  /// Appends a line with its line break. Everything that others could have chosen is escaped.
  void append(std::string& out, const Entry& entry);
  /// Without the time and the line break: what a journal that has its own is told.
  void append_message(std::string& out, const Entry& entry) const;
  /// "Nov 23 22:51:07: ".
  void append_time(std::string& out, Time time);

 private:
  std::optional<std::chrono::sys_seconds> second_;
  std::string stamp_;
};

/// Reads a line that TrafficLine or Vuurmuur 0.8 wrote, without its line break; nothing when it is another. The line has
/// no year: it is taken to be the last time that it was that day and hour up to `not_after` (and an hour, for clocks that
/// were set).
[[nodiscard]] std::optional<Entry> read_traffic_line(std::string_view line, Time not_after);

}  // namespace vuurmuur::log
