// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "ir/marks.h"
#include "ir/ruleset.h"
#include "net/address.h"
#include "net/ports.h"

namespace vuurmuur::ir {

/// A network device by a number that an Evaluator gave it.
enum class DeviceId : std::uint16_t {
  None,     ///< the packet has no such device (it was made here, or is delivered here)
  Unknown,  ///< it has one, but nobody can say which
};

/// Whether something holds, as far as that can be known.
enum class Known : std::uint8_t { No, Yes, Maybe };

/// Whether an address is one of this machine's (match addrtype, type LOCAL).
struct OwnAddress {
  Known any = Known::Maybe;     ///< of any device
  Known of_in = Known::Maybe;   ///< of the device the packet came in by
  Known of_out = Known::Maybe;  ///< of the device it leaves by
};

/// The first packet of a connection as table filter sees it: behind destination NAT, before source NAT. It is in state
/// NEW, whole, and in TCP a plain SYN. Nothing is known of its MAC address.
struct Opening {
  net::Family family = net::Family::Ipv4;
  Hook hook = Hook::Input;  ///< Input, Forward or Output
  DeviceId in = DeviceId::None, out = DeviceId::None;
  net::Address source, destination;
  net::Protocol protocol = net::Protocol::Tcp;
  std::uint16_t source_port = 0, destination_port = 0;  ///< of protocols that have them
  std::uint8_t icmp_type = 0, icmp_code = 0;            ///< of ICMP and ICMPv6
  OwnAddress own_source{}, own_destination{};
};

/// What a chain may do whose rules are not ours and so not in the ruleset.
enum class ForeignChain : std::uint8_t {
  Returns,   ///< nothing: every packet comes back
  Refuses,   ///< it may drop or reject, or let the packet come back
  Anything,  ///< it may accept, too
};

/// What is known of a verdict beforehand.
enum class Fate : std::uint8_t {
  Admitted,  ///< accepted or queued, whatever the unknown conditions are
  Refused,   ///< dropped or rejected, whatever they are
  Depends,   ///< they decide
};

/// What a ruleset does with the first packet of a connection.
struct Decision {
  enum class Verdict : std::uint8_t { Accept, Drop, Reject, Queue };

  Fate fate = Fate::Depends;
  Verdict verdict = Verdict::Accept;  ///< when several are possible, the first of them
  /// Of an admitted connection: the bits of MarkLayout::mask() that its mark gets, which tell queue, log group or
  /// packet mark (MarkLayout::decode). Nothing when unknown conditions decide that.
  std::optional<std::uint32_t> field{};
  /// Why: the rule of the policy that decides or led to what decides; for other rules their own origin. Nothing: the
  /// policy of the built-in chain.
  std::optional<OriginId> origin{};
  bool operator==(const Decision&) const = default;
};

/// Answers what table filter of a ruleset does with the first packet of a connection, many times and fast: chains are
/// searched through an index over addresses, protocol, port and devices, so that a long chain costs what its
/// candidates cost.
///
/// Three-valued, and cautious: a condition that cannot be known (a MAC address, a limit of a rule's own, a device or an
/// own address that the Opening does not tell, a chain of others that may accept) is taken both ways, and only when
/// every way ends alike is a connection admitted or refused. Of two conditions on the same unknown each is taken by
/// itself, so it may say Depends where a closer look would not.
///
/// Taken for granted: a source is under the rate of the connection limits (hashlimit): they speak of a moment, and a
/// connection that lives was let in by them. Tables raw, mangle and nat are not asked: raw and mangle see every packet
/// of a live connection as well, nat does not decide. State NEW means that rules for other states, for fragments and
/// against impossible TCP flags do not hold.
class Evaluator {
 public:
  struct Options {
    MarkLayout layout{};
    /// Asked once for each foreign chain of table filter. Without it each may do anything.
    std::function<ForeignChain(net::Family family, std::string_view chain)> foreign{};
  };

  /// The ruleset must be well formed (ir::verify) and is not needed afterwards. Takes time in proportion to its rules
  /// and sets.
  Evaluator(const Ruleset& ruleset, const Options& options);
  ~Evaluator();
  Evaluator(Evaluator&&) noexcept;

  /// The number of a device. The same name gets the same number.
  [[nodiscard]] DeviceId device(std::string_view name);

  [[nodiscard]] Decision decide(const Opening& opening);

 private:
  struct Prepared;
  std::unique_ptr<Prepared> prepared_;
};

}  // namespace vuurmuur::ir
