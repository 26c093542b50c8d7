// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "ir/ruleset.h"

namespace vuurmuur::test {

/// What rules can ask of a packet.
struct Packet {
  std::string in, out;
  net::Address source, destination;
  net::Protocol protocol = net::Protocol::Tcp;
  std::uint16_t source_port = 0, destination_port = 0;
  std::uint8_t tcp_flags = 0, icmp_type = 0;
  std::uint8_t state = ir::kCtNew;
  std::uint32_t connmark = 0;
  bool is_fragment = false;  ///< a later one: no ports
  net::MacAddress mac{};
  /// Decides what limits say: the same for the same packet and bucket.
  std::uint32_t luck = 0;
};

/// What became of a packet.
struct Walk {
  /// What was counted, logged, marked and asked for a token, in order, with the origin that it counts for.
  std::vector<std::string> events;
  /// The target that ended the matter; "fell off" when none did.
  std::string verdict = "fell off";
  unsigned asked = 0;  ///< rules that were compared with the packet
  bool operator==(const Walk& other) const { return events == other.events && verdict == other.verdict; }
};

/// Follows packets through a table as netfilter does. Rules and sets must not change while it is in use.
class Walker {
 public:
  /// Rules whose origin is not among the first `known_origins` lead on only, and are no events.
  Walker(const ir::Ruleset& ruleset, const ir::Table& table, std::size_t known_origins);

  [[nodiscard]] Walk run(std::string_view chain, const Packet& packet) const;

 private:
  enum class End { Verdict, Fell };

  [[nodiscard]] bool matches(const ir::Rule& rule, const Packet& packet, Walk& walk, ir::OriginId& counted) const;
  [[nodiscard]] bool matches(const ir::Match& match, const ir::Rule& rule, const Packet& packet, Walk& walk,
                             ir::OriginId& counted) const;
  End follow(ir::ChainId chain, const Packet& packet, Walk& walk) const;

  const ir::Ruleset& ruleset_;
  const ir::Table& table_;
  std::size_t known_origins_;
  std::unordered_map<std::string, const ir::Set*> sets_;
};

/// Whether two walks are the same, and what is different when they are not.
[[nodiscard]] std::string describe(const Packet& packet, const Walk& before, const Walk& after);

}  // namespace vuurmuur::test
