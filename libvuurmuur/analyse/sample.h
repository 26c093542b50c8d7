// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "analyse/policy_boxes.h"
#include "analyse/ranks.h"
#include "names/index.h"
#include "net/address.h"
#include "net/ports.h"

namespace vuurmuur::analyse {

/// A packet as an example for people.
struct Sample {
  enum class Way : std::uint8_t { Input, Forward, Output };
  net::Family family{};
  Way way{};
  std::string in, out;  ///< devices; empty: it has none (Input, Output), or one that no interface stands for
  net::Address source, destination;
  /// The address of this machine is one that the device gets from others: which, only the moment tells, and what stands
  /// there means nothing.
  bool is_own_unknown = false;
  net::Protocol protocol{};
  std::uint16_t source_port = 0, destination_port = 0;  ///< of TCP and UDP
  std::uint8_t icmp_type = 0, icmp_code = 0;            ///< of ICMP and ICMPv6
  std::optional<net::MacAddress> source_mac;            ///< when it matters
};

/// Values that a packet of an example has rather than others, the best first; none for fields without such.
[[nodiscard]] std::span<const Value> usual_values(Field field, net::Family family);

/// A packet that boxes cannot tell from the one at `point`, of values that look like those of a packet.
[[nodiscard]] Sample sample_at(const RankPoint& point, const Ranks& ranks, const PolicyBoxes& boxes_of);

/// "tcp 10.1.0.9:40000 > 10.3.0.80:443 (pc.local.lan > web.servers.dmz, https), in by lan0, out by dmz0".
[[nodiscard]] std::string text_of(const Sample& sample, const names::Index& names);

/// "tcp", "icmp".
[[nodiscard]] std::string protocol_name(net::Protocol protocol);

}  // namespace vuurmuur::analyse
