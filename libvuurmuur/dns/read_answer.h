// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "dns/answer.h"

namespace vuurmuur::dns {

/// The addresses in a packet (RFC 1035 4.1) that the other side made up at will; a failure when it is none.
[[nodiscard]] Answer read_answer(net::Family family, std::span<const std::uint8_t> packet);

/// The answer without addresses that a status of c-ares (ares.h) means.
[[nodiscard]] Answer no_addresses(int status);

/// The first name in an answer to a question for the name of an address; empty when there is none, and when it is no name that a
/// host can have (RFC 1123 2.1, and '_'): whoever answers could write anything into a terminal else.
[[nodiscard]] std::string read_name(std::span<const std::uint8_t> packet);

/// "7.2.0.192.in-addr.arpa" of 192.0.2.7, and the same below ip6.arpa in hexadecimal digits.
[[nodiscard]] std::string reverse_name(const net::Address& address);

}  // namespace vuurmuur::dns
