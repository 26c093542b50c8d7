// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <span>

#include "dns/answer.h"

namespace vuurmuur::dns {

/// The addresses in a packet (RFC 1035 4.1) that the other side made up at will; a failure when it is none.
[[nodiscard]] Answer read_answer(net::Family family, std::span<const std::uint8_t> packet);

/// The answer without addresses that a status of c-ares (ares.h) means.
[[nodiscard]] Answer no_addresses(int status);

}  // namespace vuurmuur::dns
