// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "diag/diagnostic.h"
#include "net/address.h"
#include "saved/condition.h"
#include "saved/ruleset.h"
#include "saved/sets.h"

namespace vuurmuur::saved {

/// Where a packet goes.
enum class Way : std::uint8_t {
  In,       ///< to this machine
  Through,  ///< from one network to another
  Out,      ///< from this machine
};

/// A packet as it is where its way through netfilter begins. To begin with the first of a TCP connection.
struct Packet {
  Way way = Way::In;
  std::optional<std::string> in,
      out;  ///< devices; nothing: not known, and what asks for it is a condition that the answer depends on
  net::Address source, destination;
  std::uint8_t protocol = 6;
  std::uint16_t source_port = 0, destination_port = 0;  ///< of protocols that have them
  std::uint8_t icmp_type = 0, icmp_code = 0;            ///< of ICMP and ICMPv6
  std::uint8_t flags = 2;                               ///< of TCP, as in FlagCondition
  std::uint8_t states = State::kNew;
  std::uint32_t mark = 0, connection_mark = 0;
  std::optional<net::MacAddress> source_mac{};  ///< nothing: not known
};

/// A rule that took the packet on its way, or the policy of a chain that did.
struct Step {
  const Table* table = nullptr;
  const Chain* chain = nullptr;
  const Rule* rule = nullptr;  ///< null: the chain's policy
};

/// Something that a packet does not tell, as it was taken.
struct Assumption {
  std::string condition;  ///< "limit --limit 3/min"
  bool holds = false;
  bool operator==(const Assumption&) const = default;
};

struct Outcome {
  enum class Verdict : std::uint8_t {
    Accept,
    Drop,
    Reject,
    Queue,    ///< into NFQUEUE `queue`, and behind that accepted if whoever listens there does
    Unknown,  ///< a target that is not known has it, or chains that call each other without end
  };
  Verdict verdict = Verdict::Accept;
  std::optional<std::uint16_t> queue{};  ///< the first of those that may get it
  Step decided;                          ///< what ended its way; of Accept the last in table filter, if that has one
  std::vector<Step> path;                ///< all that took it, in order
  std::vector<Assumption> assumed;       ///< this is so if all of these are
  Packet packet;                         ///< as it leaves: marked, translated
};

struct Answer {
  std::vector<Outcome> outcomes;  ///< one for each way in which what is not known may be; never empty
  bool is_finished = true;        ///< false: there are more ways than kMostOutcomes
};

/// Sends packets through rules as netfilter does: tables and hooks in the order of their priorities
/// (linux/netfilter_ipv4.h), jumps, goto, RETURN, policies; translation, marks and NOTRACK as they are met, with what
/// they change seen by the rules behind. Table nat is only asked for the first packet of a connection.
///
/// Taken for granted: who listens to a queue accepts; of a range of addresses or ports it is the
/// first, and MASQUERADE changes nothing that is asked behind it; ways that depend on the same condition depend on it
/// alike.
class Walker {
 public:
  static constexpr std::size_t kMostOutcomes = 256;

  struct Options {
    const Sets* sets = nullptr;  ///< without them nothing is known of sets
    /// The device towards an address; empty: it is this machine's. Without it nobody knows where a packet leaves whose
    /// destination is translated, only that one to this machine goes on to another then.
    std::function<std::string(const net::Address&)> route{};
    /// The addresses of a device; REDIRECT sends to the first of the packet's family. Without it they are not known.
    std::function<std::vector<net::Address>(const std::string&)> addresses{};
  };

  /// The ruleset and the sets must outlive it. What is written wrong is an error, and taken for a condition, or a
  /// target, that is not known.
  Walker(const Ruleset& ruleset, net::Family family, diag::Sink& sink, Options options);
  Walker(const Ruleset& ruleset, net::Family family, diag::Sink& sink) : Walker(ruleset, family, sink, Options()) {}
  ~Walker();
  Walker(Walker&&) noexcept;

  [[nodiscard]] Answer walk(const Packet& packet) const;

 private:
  struct Program;
  std::unique_ptr<Program> program_;
};

}  // namespace vuurmuur::saved
