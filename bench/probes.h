// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <vector>

#include "base/memory_file_system.h"
#include "generate.h"

namespace vuurmuur::bench {

/// Where probes come from and go to: the first host of a network behind eth0 and one behind eth1 of the generated
/// objects, IPv4, host byte order.
inline constexpr std::uint32_t kProbeSource = 0x0a00000a;       // 10.0.0.10, host0.net0.zone0
inline constexpr std::uint32_t kProbeDestination = 0x0a01010a;  // 10.1.1.10, host0.net1.zone1

/// A policy with rules that UDP packets between the probe hosts meet, told apart by their destination port.
struct ProbedPolicy {
  base::MemoryFileSystem tree;
  std::vector<std::uint16_t> ports;  ///< in the order of their rules
  /// A port that an accept rule in front of all others takes.
  std::uint16_t accepted_port = 0;
};

/// A generated policy of so many rules in which up to 16 at even distances are rules that drop a probe, the last one
/// being the last of the policy. A dropped packet leaves no connection behind, so each one is as new as the first.
[[nodiscard]] ProbedPolicy walked_policy(std::uint32_t rules, const Mix& mix);

/// A policy that sends connections to so many different queues, numbered from 0 (65,536 at most), each by a rule of its
/// own with `bypass`, so that packets pass where nobody listens. Up to 64 of the rules, at even distances, take a
/// probe.
[[nodiscard]] ProbedPolicy queue_policy(std::uint32_t queues);

}  // namespace vuurmuur::bench
