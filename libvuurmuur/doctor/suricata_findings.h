// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "doctor/finding.h"
#include "doctor/queue_need.h"
#include "doctor/suricata_config.h"
#include "doctor/suricata_start.h"
#include "ir/marks.h"

namespace vuurmuur::doctor {

/// Suricata as it is set up, and what the policy wants of it.
struct SuricataSubject {
  const SuricataConfig& config;
  std::span<const QueueNeed> needs;  ///< of the policy
  std::optional<SuricataStart> start = {};
  ir::MarkLayout layout = {};
  /// Bits of packet marks that rules of others copy into ours of the connection mark.
  std::uint32_t saved_marks = 0;
};

/// What is wrong between them. Queues that Suricata does not read, as far as its start tells which it reads, are no
/// matter of its configuration. What Suricata does by default is that of 7; where 6 or 8 differ it is said.
[[nodiscard]] std::vector<Finding> suricata_findings(const SuricataSubject& subject);

}  // namespace vuurmuur::doctor
