// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ir/ruleset.h"
#include "net/address.h"
#include "net/ports.h"

/// A family's rules as nf_tables has them: one table of that family, its objects, sets, chains and rules. Made from the
/// IR by nft_program.cpp, written as text by nft_text.h and as netlink messages by nft_batch.h; both take this form and
/// nothing else, so they cannot say different things. Facts about the kernel: net/netfilter/nft_*.c; about the text:
/// nft(8). Why it looks like this: doc/decisions/0014-nft.md.
namespace vuurmuur::backend::nft {

/// What our table is called, in each family ("ip" and "ip6").
inline constexpr std::string_view kTable = "vuurmuur";

/// What a rule or a set looks at.
enum class Field : std::uint8_t {
  Source,           ///< "ip saddr", "ip6 saddr"
  Destination,      ///< "ip daddr"
  InInterface,      ///< "iifname"
  OutInterface,     ///< "oifname"
  Protocol,         ///< "meta l4proto"
  TcpSource,        ///< "tcp sport"
  TcpDestination,   ///< "tcp dport"
  TcpFlags,         ///< "tcp flags"
  UdpSource,        ///< "udp sport"
  UdpDestination,   ///< "udp dport"
  PortSource,       ///< "th sport": of whatever protocol has one there
  PortDestination,  ///< "th dport"
  IcmpType,         ///< "icmp type", "icmpv6 type"
  IcmpCode,         ///< "icmp code", "icmpv6 code"
  FragmentOffset,   ///< "ip frag-off", with its flags
  CtState,          ///< "ct state"
  CtMark,           ///< "ct mark"
  PacketMark,       ///< "meta mark"
};

// --- statements -----------------------------------------------------------------------------------------------------

/// Places in the vectors of a Program.
using Index = std::uint32_t;

/// The source or destination is in a prefix that is not all addresses.
struct AddressTest {
  Field field = Field::Source;
  net::Prefix prefix{};
};

/// The interface has that name; one that ends in '+' is the beginning of names.
struct InterfaceTest {
  Field field = Field::InInterface;
  std::string name{};
};

enum class Relation : std::uint8_t {
  Equal,     ///< (field & mask) == value
  NotEqual,  ///< (field & mask) != value
  AnyOf,     ///< (field & value) != 0
};

/// A number, in host byte order here.
struct NumberTest {
  Field field = Field::Protocol;
  Relation relation = Relation::Equal;
  std::uint32_t value = 0;
  std::uint32_t mask = UINT32_MAX;
};

/// A number within a range, both ends included.
struct RangeTest {
  Field field = Field::TcpDestination;
  net::PortRange range{};
};

struct MacTest {
  net::MacAddress source{};
};

/// The source is not reached through the interface that the packet came in by.
struct ReversePathTest {};

/// The address is one of this machine's; of the interface the packet came in by or leaves by when so limited.
struct LocalAddressTest {
  Field field = Field::Destination;
  bool of_input = false, of_output = false;
};

/// The connection is of one of some nodes, between which all are shared out by the address that opened them.
struct ClusterTest {
  std::uint32_t total = 1, first = 0, last = 0;
};

/// An IPv6 packet with a fragment header.
struct FragmentHeaderTest {};

/// The set's key is in the set, or is not.
struct SetTest {
  Index set = 0;
  bool is_inverted = false;
  bool of_destination = false;  ///< the destination is looked up in a set of kind Timed, whose key is Source
};

/// A token bucket of the rule's own.
struct Limit {
  std::uint32_t count = 1;
  std::uint32_t unit_seconds = 1;  ///< 1, 60, 3600 or 86400
  std::uint32_t burst = 5;
};

/// The packet's source (in a set of kind Meters) is over its rate.
struct MeterTest {
  Index set = 0;
  std::uint32_t per_second = 1, burst = 5;
};

/// A counter counts the packet.
struct Count {
  Index counter = 0;
};

/// As SetTest for a set of kind Counters, and the element's counter counts the packet.
struct CountElement {
  Index set = 0;
};

struct Log {
  std::uint16_t group = 0;
  std::string prefix{};
};

/// The bits of mask in the connection's or the packet's mark become those of value.
struct SetMark {
  bool of_connection = true;
  std::uint32_t value = 0, mask = UINT32_MAX;
};

/// The connection, not confirmed yet, gets a helper.
struct SetHelper {
  Index helper = 0;
};

/// "tcp option maxseg size set rt mtu".
struct ClampMss {};

/// What ends a rule or an element of a verdict map.
struct Verdict {
  enum class Kind : std::uint8_t { Accept, Drop, Return, Jump, Goto };
  Kind kind = Kind::Accept;
  Index chain = 0;  ///< of Jump and Goto
  auto operator<=>(const Verdict&) const = default;
};

/// The verdict that a set of kind Verdicts has for the packet; none when its key is not in it.
struct MapVerdict {
  Index set = 0;
};

struct Queue {
  std::uint16_t first = 0, last = 0;
  bool bypass = false, cpu_fanout = false;
};

/// The queue that a set of kind Queues has for the packet; when its key is not in it, the rule does not match.
struct MapQueue {
  Index set = 0;
  bool bypass = false;
};

struct Reject {
  bool with_reset = false;  ///< a TCP reset instead of an ICMP message
  std::uint8_t code = 0;    ///< of ICMP "destination unreachable" (RFC 792, RFC 4443)
};

/// nf_nat_range: what is not there stays.
struct Translate {
  enum class Kind : std::uint8_t { Source, Destination, Masquerade, Redirect };
  Kind kind = Kind::Source;
  std::optional<net::Address> address{};
  std::optional<net::PortRange> ports{};
  bool random = false;
};

using Statement =
    std::variant<AddressTest, InterfaceTest, NumberTest, RangeTest, MacTest, ReversePathTest, LocalAddressTest,
                 ClusterTest, FragmentHeaderTest, SetTest, Limit, MeterTest, Count, CountElement, Log, SetMark,
                 SetHelper, ClampMss, Verdict, MapVerdict, Queue, MapQueue, Reject, Translate>;

// --- what a table holds ---------------------------------------------------------------------------------------------

struct Rule {
  std::vector<Statement> statements;
  /// Shown to people; empty for none. Text and messages cut it to what they can hold.
  std::string comment;
};

/// A named counter: what one origin of the policy has taken (counter_name()).
struct Counter {
  std::string name;
  std::string comment;  ///< the origin's label: backend::comment_text() without options
};

/// A conntrack helper for one protocol: "ct helper".
struct Helper {
  std::string name;
  std::string helper;
  net::Protocol protocol = net::Protocol::Tcp;
};

/// The bytes of an element's key as in the registers of a rule: the field's, or of several fields one after the other,
/// each filled up to 4 bytes.
struct KeyBytes {
  static constexpr std::size_t kMaxSize = 40;
  std::array<std::uint8_t, kMaxSize> bytes{};
  std::uint8_t size = 0;
  auto operator<=>(const KeyBytes&) const = default;
};

struct Element {
  KeyBytes first, last;  ///< equal in a set without intervals
  /// Of the set's kind: nothing, a verdict, a counter's place or a queue's number.
  std::variant<std::monostate, Verdict, Index, std::uint16_t> data;
  /// Of a set of kind Timed: after how many milliseconds it goes; 0: never.
  std::uint64_t timeout_ms = 0;
};

struct Set {
  enum class Kind : std::uint8_t {
    Members,   ///< just keys
    Verdicts,  ///< a verdict for each key
    Counters,  ///< a counter for each key
    Queues,    ///< a queue for each key; part of the one rule that uses it, without a name of its own
    Meters,    ///< filled by the packets themselves: a rate for each key
    Timed,     ///< filled by others while it is in force (ir::SetUse), elements of which each ends at its time
  };
  /// Tells kind and content, so that a set whose name is there already need not be filled again.
  std::string name;
  Kind kind = Kind::Members;
  std::vector<Field> key;
  std::uint32_t mark_mask = UINT32_MAX;  ///< the bits of a CtMark in the key
  std::uint8_t source_length = 0;        ///< of Meters: how much of the address is the key
  bool has_intervals = false;
  std::vector<Element> elements;  ///< ordered by key, disjoint
};

/// Most sources that a set of kind Meters holds at a time, and for how long it holds one without packets: as
/// xt_hashlimit.
inline constexpr std::uint32_t kMeterSize = 65535;
inline constexpr std::uint32_t kMeterTimeoutMs = 1000;

/// How a chain is tied to a hook. It is made once and never deleted (doc/decisions/0014-nft.md).
struct Base {
  enum class Type : std::uint8_t { Filter, Nat, Route };
  Type type = Type::Filter;
  ir::Hook hook = ir::Hook::Input;
  std::int32_t priority = 0;
  bool policy_drop = false;
};

struct Chain {
  std::string name;
  std::optional<Base> base;
  /// Whose content is somebody else's: made when missing, otherwise left alone.
  bool is_foreign = false;
  std::vector<Rule> rules;
};

/// One family's table. Chains that a rule leads to and sets that it asks are named by their place.
struct Program {
  net::Family family = net::Family::Ipv4;
  std::vector<Counter> counters;
  std::vector<Helper> helpers;
  std::vector<Set> sets;
  std::vector<Chain> chains;  ///< base chains first

  [[nodiscard]] bool is_empty() const { return chains.empty(); }
};

struct Options {
  /// Whether rules carry their origin as a comment. Counters always do.
  bool comments = true;
  /// Whether conditions that are known to hold are left out (nft_known.h), and rules that send packets on by one field
  /// become look-ups (nft_maps.h).
  bool shorten = true;
};

/// The rules of a family of a ruleset that ir::verify() has no complaint about.
[[nodiscard]] Program make_program(const ir::Ruleset& ruleset, net::Family family, const Options& options = {});

/// Those of several families, in their order: what is found out about origins is found out once.
[[nodiscard]] std::vector<Program> make_programs(const ir::Ruleset& ruleset, std::span<const net::Family> families,
                                                 const Options& options = {});

/// The name of the counter of an origin: the same for the same label, always. "rule-12-0123456789abcdef" for
/// "rule 12: accept http from lan to inet".
[[nodiscard]] std::string counter_name(std::string_view label);

/// The name of a chain of a table of the IR: "filter_VRMR-INPUT". Characters that nft does not take are replaced, and
/// the name made unique by a hash.
[[nodiscard]] std::string chain_name(ir::TableName table, std::string_view chain);

}  // namespace vuurmuur::backend::nft
