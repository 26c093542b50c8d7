// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace vuurmuur::filter {

/// What a filter is asked about.
enum class Of : std::uint8_t {
  Connections = 1,  ///< live ones
  Log = 2,          ///< lines of logs
};

/// What a term asks.
enum class Key : std::uint8_t {
  Anything,  ///< a word without a key
  Source,
  Destination,
  Host,
  Network,
  Zone,
  Service,
  Protocol,
  Port,
  SourcePort,
  DestinationPort,
  State,
  Queue,
  LogGroup,
  Mark,
  Rule,
  Helper,
  Family,
  Bytes,
  Packets,
  InDevice,
  OutDevice,
  Action,
  Prefix,
};

/// What the values of a key are.
enum class ValueKind : std::uint8_t {
  Any,       ///< an address, a network, a number or a word
  End,       ///< an address, a network or a name
  Name,      ///< a name
  Protocol,  ///< "tcp", or a number
  Port,      ///< 0 to 65535, or a range
  Number,    ///< up to 16 bits, or a range
  Mark,      ///< 32 bits, decimal or with 0x
  Amount,    ///< "10k", ">1M", "5-10"
  Family,    ///< 4 or 6
  State,     ///< of a connection
  Text,      ///< a text of which the value is a part
};

struct KeyRow {
  Key key;
  std::string_view name;   ///< as it is written: "src"
  std::string_view other;  ///< another spelling; empty: none
  ValueKind value;
  std::uint8_t of;        ///< Of, or both
  std::string_view help;  ///< one line
};

/// All keys but Anything, in the order of help.
[[nodiscard]] std::span<const KeyRow> keys();

/// The row of a key by either of its names; null when there is none.
[[nodiscard]] const KeyRow* find_key(std::string_view name);
[[nodiscard]] const KeyRow& row_of(Key key);

[[nodiscard]] constexpr bool has(const KeyRow& row, Of of) { return (row.of & static_cast<std::uint8_t>(of)) != 0; }

/// The states of TCP as conntrack has them (linux/netfilter/nf_conntrack_tcp.h), in its order, and then "unreplied",
/// "replied" and "assured", which connections of all protocols can be.
[[nodiscard]] std::span<const std::string_view> states();

/// The number of a protocol: "tcp", "icmpv6", "47".
[[nodiscard]] std::optional<std::uint8_t> protocol_named(std::string_view name);

}  // namespace vuurmuur::filter
