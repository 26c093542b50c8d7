// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "log/entry.h"

namespace vuurmuur::test {

using ByteVector = std::vector<std::uint8_t>;

/// Bytes written in hex, blanks in between as one likes.
[[nodiscard]] ByteVector hex(std::string_view text);
[[nodiscard]] ByteVector operator+(ByteVector a, const ByteVector& b);

/// Headers of packets with what the tests look at.
[[nodiscard]] ByteVector ipv4(std::uint8_t protocol, const ByteVector& payload);
[[nodiscard]] ByteVector ipv6(std::uint8_t next, const ByteVector& payload);
[[nodiscard]] ByteVector tcp(std::uint16_t source, std::uint16_t destination, std::uint8_t flags);

/// An attribute of netlink, padded.
[[nodiscard]] ByteVector attribute(std::uint16_t type, const ByteVector& value);
[[nodiscard]] ByteVector attribute(std::uint16_t type, std::string_view text);
/// A message of NFLOG behind its netlink header.
[[nodiscard]] ByteVector message(std::uint16_t group, const std::vector<ByteVector>& attributes);

/// The line that the original's documentation shows, as an entry.
[[nodiscard]] log::Entry ssh_entry();

}  // namespace vuurmuur::test
