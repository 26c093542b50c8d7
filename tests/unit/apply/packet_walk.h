// SPDX-License-Identifier: GPL-2.0-or-later
// What the tables of a fake kernel do with the first packet of a connection: the kernel's walk over rules, done on
// their text, so that it shares no code with what is tested.
#pragma once
#include <cstdint>
#include <string>

#include "fake_kernel.h"

namespace vuurmuur::apply::test {

/// The first packet of a connection through the machine.
struct Packet {
  std::string destination = "203.0.113.1";
  std::uint16_t port = 0;  ///< TCP destination
  std::uint32_t mark = 0;  ///< of its connection
};

struct Fate {
  bool is_accepted = false;
  std::string destination;  ///< behind NAT; empty when not accepted
  bool operator==(const Fate&) const = default;
};

/// Through raw, nat and filter of a family: PREROUTING, PREROUTING, INPUT.
[[nodiscard]] Fate fate_of(const FakeKernel& kernel, net::Family family, Packet packet);

}  // namespace vuurmuur::apply::test
