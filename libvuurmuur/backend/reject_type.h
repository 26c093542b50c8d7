// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "ir/target.h"
#include "net/address.h"

namespace vuurmuur::backend {

/// How a family's REJECT target names and numbers an answer.
struct RejectType {
  std::string_view word;  ///< of --reject-with
  std::uint32_t number;   ///< enum ipt_reject_with or ip6t_reject_with
};

/// IPv6 has fewer answers: those of IPv4 that it lacks become the nearest it has.
[[nodiscard]] RejectType reject_type(net::Family family, ir::RejectTarget::With with);

/// The code of the ICMP message "destination unreachable" that the answer is (RFC 792, RFC 1812 or RFC 4443); not for
/// TcpReset.
[[nodiscard]] std::uint8_t unreachable_code(net::Family family, ir::RejectTarget::With with);

/// The answer behind a number of the kernel's; nothing when Vuurmuur never sends it. Where several answers share a
/// number, the first of them.
[[nodiscard]] std::optional<ir::RejectTarget::With> reject_of_number(net::Family family, std::uint32_t number);

}  // namespace vuurmuur::backend
