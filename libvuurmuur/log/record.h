// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "log/packet.h"
#include "net/address.h"

namespace vuurmuur::log {

/// In UTC.
using Time = std::chrono::sys_time<std::chrono::microseconds>;

/// What the kernel says of a packet that a rule logged (linux/netfilter/nfnetlink_log.h).
struct Record {
  std::uint16_t group = 0;
  std::optional<std::uint32_t> sequence{};  ///< counted by the kernel for each group, lost ones too
  std::optional<Time> time{};               ///< when the packet came in; nothing for packets of this machine
  std::string prefix{};                     ///< any bytes
  std::uint32_t in_device = 0, out_device = 0;  ///< by their numbers; 0: none
  std::optional<net::MacAddress> source_mac{}, destination_mac{};
  std::uint32_t mark = 0;
  std::optional<std::uint32_t> user{};  ///< whose socket it is, when it is one of this machine
  std::optional<Packet> packet{};       ///< nothing when what was copied is none
  bool operator==(const Record&) const = default;
};

/// Reads a message NFULNL_MSG_PACKET behind its netlink header; false when it is none. `record` is written over, so that
/// one may serve for many. No byte outside is read.
[[nodiscard]] bool read_record(std::span<const std::uint8_t> message, Record& record);

}  // namespace vuurmuur::log
