// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "model/rule.h"
#include "sema/policy.h"

namespace vuurmuur::judges {

/// What becomes of a packet that a rule takes, read from its line alone.
struct Treatment {
  std::string verdict = "drop";
  model::QueueRange queue{};
  bool bypass = false, fanout = false;
  std::optional<model::Located<model::PacketMark>> mark{};
  std::string helper{};
  bool is_logged = false;
  std::string prefix{};
  std::uint32_t log_limit = 0;
  std::optional<model::Located<std::uint16_t>> group{};
  bool operator==(const Treatment&) const = default;
};

/// Of a packet of TCP, or of another one, which cannot be answered by a reset. kNobody: the policy of the chain.
[[nodiscard]] Treatment treatment(const sema::Policy& policy, std::size_t rule, bool is_tcp);

}  // namespace vuurmuur::judges
