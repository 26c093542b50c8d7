// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "campaign.h"
#include "policies.h"

namespace vuurmuur::kernel_test {

/// The rule for the port that is in front of the many, when nothing stands before it in the policy.
inline constexpr const char* kFirstRule = "rule 4:";

/// Packets that have met it: all that arrived of the streams that only it lets pass.
[[nodiscard]] inline std::uint64_t sent_to_first(const TrafficPlan& plan, const TrafficCount& count) {
  std::uint64_t sent = 0;
  for (std::size_t i = 0; i < plan.streams.size(); ++i)
    if (plan.streams[i].first.destination_port == ports::kFirst && plan.streams[i].fate == Stream::Fate::Arrives)
      sent += count.streams[i].arrived;
  return sent;
}

}  // namespace vuurmuur::kernel_test
