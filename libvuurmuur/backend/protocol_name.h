// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>

namespace vuurmuur::backend {

/// A protocol as iptables-save names it: by Debian's /etc/protocols (package netbase, which iptables depends on), or
/// its number. The names are built in so that the text does not depend on the machine that compiles.
[[nodiscard]] std::string protocol_name(std::uint8_t protocol);

}  // namespace vuurmuur::backend
