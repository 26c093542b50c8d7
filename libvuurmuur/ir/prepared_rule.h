// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "ir/address_bits.h"
#include "ir/device_names.h"
#include "ir/evaluate.h"
#include "ir/prepared_set.h"
#include "ir/ruleset.h"

namespace vuurmuur::ir {

/// Sets by place, and their places by name.
struct PreparedSets {
  explicit PreparedSets(const Ruleset& ruleset);
  std::vector<PreparedSet> sets;
  std::unordered_map<std::string, std::size_t> place_of;
};

/// A question to a set that is in PreparedSets.
struct SetQuestion {
  std::size_t set = 0;
  bool inverted = false;
};

/// What a rule does that matters to a connection's fate.
struct Effect {
  enum class Kind : std::uint8_t { Accept, Drop, Reject, Queue, Jump, Goto, SetMark };
  Kind kind = Kind::Accept;
  std::uint32_t chain = 0;                      ///< Jump, Goto
  std::uint32_t mark_value = 0, mark_mask = 0;  ///< SetMark
};

/// A rule for the first packets of connections in a form that is compared fast.
struct PreparedRule {
  AddressBits source, source_mask, destination, destination_mask;
  net::PortRange source_ports = net::PortRange::any(), destination_ports = net::PortRange::any();
  std::optional<net::Protocol> protocol{};
  std::optional<IcmpMatch> icmp{};
  DeviceTest in{}, out{};
  bool is_uncertain = false;  ///< a limit or a MAC address is asked as well
  std::vector<std::variant<ConnmarkMatch, AddrtypeMatch, SetQuestion>> others{};
  Effect effect{};
  OriginId origin{};
};

/// The prepared form; nothing for a rule that no first packet meets or that decides nothing (a log record).
[[nodiscard]] std::optional<PreparedRule> prepare(const Rule& rule, DeviceNames& devices, const PreparedSets& sets);

/// The conditions that the rule can be found by.
[[nodiscard]] Tuple tuple_of(const Rule& rule, const PreparedRule& prepared);

/// The connection mark while a packet goes through the rules: the bits that are known, and their values.
struct MarkState {
  std::uint32_t value = 0, known = 0;

  void set(std::uint32_t bits, std::uint32_t mask) {
    value = (value & ~mask) ^ bits;
    known |= mask;
  }
  /// Keeps what is the same either way.
  void join(const MarkState& other) {
    known &= other.known & ~(value ^ other.value);
    value &= known;
  }
};

/// A packet that rules are compared with.
struct Packet {
  const Opening& opening;
  TupleQuery key;
};

/// Whether a rule's conditions hold; `origin` becomes that of a set's element when the rule leaves the counting to it.
[[nodiscard]] Known holds(const PreparedRule& rule, const Packet& packet, const MarkState& mark,
                          const DeviceNames& devices, const PreparedSets& sets, OriginId& origin);

}  // namespace vuurmuur::ir
