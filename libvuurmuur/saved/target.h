// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>

#include "diag/diagnostic.h"
#include "net/address.h"
#include "net/ports.h"
#include "saved/ruleset.h"

namespace vuurmuur::saved {

// What becomes of a packet that a rule takes. Chains and ends:
struct JumpTarget {
  std::size_t chain = 0;  ///< its place in Table::chains
  bool is_goto = false;
};
struct ReturnTarget {};
struct AcceptTarget {};
struct DropTarget {};
struct RejectTarget {};
struct QueueTarget {
  std::uint16_t first = 0, last = 0;  ///< of NFQUEUE: one, or those among which connections are shared out
};
/// A target that this program does not know: it may do anything.
struct UnknownTarget {};

// What changes the packet, and the next rule is asked:
/// mark = (mark & ~clear) ^ flip.
struct MarkTarget {
  bool is_of_connection = false;
  std::uint32_t clear = 0, flip = 0;
};
/// CONNMARK --save-mark, --restore-mark.
struct CopyMarkTarget {
  bool is_save = false;
  std::uint32_t packet_mask = UINT32_MAX, connection_mask = UINT32_MAX;
};
struct UntrackTarget {};
/// The next rule is asked, and nothing changed that rules ask for: LOG, TCPMSS, a rule without a target.
struct NoTarget {};

// What translates, and ends the table:
struct NatTarget {
  bool is_destination = false;
  /// Nothing: the packet keeps its own, or MASQUERADE, REDIRECT and SNAT to an address that only the moment tells.
  std::optional<net::Address> first, last;
  std::optional<net::PortRange> ports;
  bool is_to_itself = false;  ///< REDIRECT: to this machine
};

using Target = std::variant<NoTarget, JumpTarget, ReturnTarget, AcceptTarget, DropTarget, RejectTarget, QueueTarget,
                            UnknownTarget, MarkTarget, CopyMarkTarget, UntrackTarget, NatTarget>;

/// What a rule does with what it takes. What is written wrong is an error ("bad-save-target").
[[nodiscard]] Target target_of(const Rule& rule, const Table& table, diag::Sink& sink);

}  // namespace vuurmuur::saved
