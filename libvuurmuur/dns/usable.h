// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "net/address.h"

namespace vuurmuur::dns {

/// Whether a rule may be made of an address that DNS gave. Whoever answers for a name must not be able to speak of this
/// machine itself or of everybody: no unspecified, loopback, link-local, multicast, reserved or mapped IPv4 address (RFC
/// 6890, RFC 4291).
[[nodiscard]] bool is_usable(const net::Address& address);

}  // namespace vuurmuur::dns
