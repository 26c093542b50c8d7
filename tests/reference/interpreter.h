// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/policy.h"
#include "reference/nat.h"
#include "reference/world.h"

namespace vuurmuur::reference {

/// The state of a packet that belongs to no connection yet.
enum class State { New, Invalid, Untracked };

/// What the connection's mark remembers (doc/semantics.md section 6). The number of kind Marked is not said here: it is
/// derived from the packet mark.
struct Memory {
  enum class Kind { Plain, Queued, Logged, Marked };
  Kind kind = Kind::Plain;
  std::uint16_t number = 0;
  bool operator==(const Memory&) const = default;
};

/// A log record; the words around the rule's prefix are not part of the policy's meaning.
struct Record {
  std::uint16_t group = 0;
  std::string prefix;  ///< logprefix of the rule, or empty
  bool operator==(const Record&) const = default;
};

/// What becomes of a packet.
struct Answer {
  Verdict verdict = Verdict::Drop;
  model::RejectType reject = model::RejectType::PortUnreachable;
  model::QueueRange queue;
  bool bypass = false, fanout = false;
  bool drops_urgent = false;  ///< of a queued connection: its TCP packets with URG
  Memory memory;              ///< of an accepted or queued connection
  std::optional<model::PacketMark> packet_mark;
  std::optional<NewDestination> destination;  ///< it was sent on to there before the filter saw it
  std::optional<net::Address> source;         ///< it leaves as if from there
  std::string out_device;                     ///< by which it leaves if it is let; empty: it stays here
  std::vector<Record> records;                ///< of rules, in order
  bool by_protection = false;                 ///< dropped by what is no rule; that may write a record of its own
  std::string helper;                         ///< conntrack helper of the connection
  std::string why;                            ///< "rule 3", "anti-spoofing", for people
};

/// Reads a policy, packet by packet. It keeps the count of rules with a limit, as if no time passed.
class Interpreter {
 public:
  /// Both must outlive it.
  Interpreter(const model::Policy& policy, const World& world) : policy_(policy), world_(world) {}

  /// A packet that begins a connection or belongs to none.
  [[nodiscard]] Answer first(Packet packet, State state = State::New);

  /// What the rules say of a first packet as filter sees it, with both of its devices, and nothing before them.
  [[nodiscard]] Answer ask_rules(const Packet& packet);

  /// A packet of a connection in state ESTABLISHED or RELATED, `began` being the answer to its first one. Addresses are
  /// those of the packet when it comes in.
  [[nodiscard]] Answer later(const Packet& packet, const Answer& began) const;

 private:
  std::optional<Answer> before_connections(const Packet& packet) const;
  std::optional<Answer> before_rules(const Packet& packet, State state) const;
  bool rule_takes(const model::Rule& rule, const Packet& packet) const;
  bool over_limit(const model::Rule& rule, net::Family family);

  const model::Policy& policy_;
  const World& world_;
  std::map<std::pair<std::uint32_t, net::Family>, std::uint32_t> taken_;
};

}  // namespace vuurmuur::reference
