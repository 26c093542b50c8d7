// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "control/named_connection.h"

// The lines of connnew.log and connections.log as Vuurmuur 0.8 writes them, so that what reads them goes on working:
//
//   Nov 23 22:51:07: NEW service http from 192.168.1.50 to firewall(lan) (192.168.1.50:39971 -> 192.168.1.1:80 TCP)
//   Nov 23 22:51:07: ACCEPT service http from 192.168.1.50 to firewall(lan) (0s 60b><40b 192.168.1.50:39971 ->
//   192.168.1.1:80 TCP mark:1)
//
// each in one line. Added: " helper:ftp", " seen as 203.0.113.2:5000" and " sent to 192.168.1.80:80" where NAT makes
// an end another one. Addresses of IPv6 with ports stand in brackets, as nobody could tell where they end.
namespace vuurmuur::control {

/// Writes lines in the local time; what the time zone says is asked once a second.
class ConnectionLine {
 public:
  using Time = std::chrono::sys_seconds;

  /// A connection that has begun, with its line break.
  void append_new(std::string& out, const NamedConnection& named, Time time);
  /// One that has ended. What became of it: ACCEPT, NFQUEUE(5), NFLOG(3). `duration`: "?s" when it is not known.
  void append_ended(std::string& out, const NamedConnection& named, Time time,
                    std::optional<std::chrono::seconds> duration);
  /// "Nov 23 22:51:07: ", and a text that is no connection, with the line break.
  void append_note(std::string& out, std::string_view note, Time time);

 private:
  void append_time(std::string& out, Time time);
  std::optional<Time> second_;
  std::string stamp_;
};

}  // namespace vuurmuur::control
