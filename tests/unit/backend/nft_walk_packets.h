// SPDX-License-Identifier: GPL-2.0-or-later
// What a program does with a packet, rule by rule: slow and plain, to hold its shorter forms against.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "backend/nft_program.h"

namespace vuurmuur::backend_test {

struct NftPacket {
  std::string in = "eth0", out = "eth1";
  net::Address source{}, destination{};
  std::uint32_t protocol = 6;
  std::uint16_t source_port = 0, destination_port = 0;
  std::optional<std::uint32_t> mark;  ///< of its connection; nothing: it has none
};

/// Everything that is counted and logged on its way, in order, and how it ends: "count 3, log 5, goto.., drop". The
/// first chain is where it begins; falling off it is "policy".
[[nodiscard]] std::vector<std::string> walk(const backend::nft::Program& program, const NftPacket& packet);

}  // namespace vuurmuur::backend_test
