// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "net/address.h"
#include "net/ports.h"

namespace vuurmuur::ir {

/// A chain of the same table, by its place in TableRules::chains.
enum class ChainId : std::uint32_t {};

struct AcceptTarget {
  auto operator<=>(const AcceptTarget&) const = default;
};
struct DropTarget {
  auto operator<=>(const DropTarget&) const = default;
};

/// "-j CHAIN": come back when the chain ends without a verdict.
struct JumpTarget {
  ChainId chain{};
  auto operator<=>(const JumpTarget&) const = default;
};

/// "-g CHAIN": go on in the chain and do not come back here.
struct GotoTarget {
  ChainId chain{};
  auto operator<=>(const GotoTarget&) const = default;
};

/// Target "REJECT" (--reject-with). The IPv6 words are those of ip6tables; see backend for the mapping.
struct RejectTarget {
  enum class With : std::uint8_t {
    NetUnreachable,
    HostUnreachable,
    ProtoUnreachable,
    PortUnreachable,
    NetProhibited,
    HostProhibited,
    AdminProhibited,
    TcpReset
  };
  With with = With::PortUnreachable;
  auto operator<=>(const RejectTarget&) const = default;
};

/// Target "NFLOG".
struct NflogTarget {
  static constexpr std::size_t kMaxPrefix = 63;  ///< bytes; xt_NFLOG.h has 64 with the final NUL
  std::uint16_t group = 0;
  std::string prefix{};
  auto operator<=>(const NflogTarget&) const = default;
};

/// Target "NFQUEUE" revision 3: queues first..last, balanced over by address pair when there are several.
struct NfqueueTarget {
  std::uint16_t first = 0, last = 0;
  bool bypass = false;      ///< --queue-bypass: nobody listens, so accept
  bool cpu_fanout = false;  ///< --queue-cpu-fanout
  auto operator<=>(const NfqueueTarget&) const = default;
};

/// Target "CONNMARK --set-xmark value/mask" revision 2: the bits of mask in the connection mark become those of value.
struct ConnmarkTarget {
  std::uint32_t value = 0, mask = 0;
  auto operator<=>(const ConnmarkTarget&) const = default;
};

/// Target "MARK --set-xmark value/mask" revision 2: the same for the packet mark.
struct MarkTarget {
  std::uint32_t value = 0, mask = 0xffffffff;
  auto operator<=>(const MarkTarget&) const = default;
};

/// Target "DNAT --to-destination ADDRESS[:PORTS]" (table nat).
struct DnatTarget {
  net::Address address{};
  std::optional<net::PortRange> ports{};
  bool random = false;
  auto operator<=>(const DnatTarget&) const = default;
};

/// Target "SNAT --to-source ADDRESS" (table nat).
struct SnatTarget {
  net::Address address{};
  bool random = false;
  auto operator<=>(const SnatTarget&) const = default;
};

/// Target "MASQUERADE" (table nat).
struct MasqueradeTarget {
  bool random = false;
  auto operator<=>(const MasqueradeTarget&) const = default;
};

/// Target "REDIRECT --to-ports PORT" (table nat).
struct RedirectTarget {
  std::uint16_t port = 0;
  bool random = false;
  auto operator<=>(const RedirectTarget&) const = default;
};

/// Target "CT --helper NAME" (table raw).
struct CtHelperTarget {
  std::string helper{};
  auto operator<=>(const CtHelperTarget&) const = default;
};

/// Target "TCPMSS --clamp-mss-to-pmtu".
struct TcpmssTarget {
  auto operator<=>(const TcpmssTarget&) const = default;
};

using Target = std::variant<AcceptTarget, DropTarget, JumpTarget, GotoTarget, RejectTarget, NflogTarget, NfqueueTarget,
                            ConnmarkTarget, MarkTarget, DnatTarget, SnatTarget, MasqueradeTarget, RedirectTarget,
                            CtHelperTarget, TcpmssTarget>;

}  // namespace vuurmuur::ir
