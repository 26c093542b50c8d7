// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apply/queue_statistics.h"
#include "model/rule.h"
#include "sema/policy.h"

namespace vuurmuur::control {

/// A rule that sends connections to queues.
struct QueueRule {
  model::QueueRange range;
  bool bypass = false;  ///< what it sends passes where nobody listens, and is dropped else
  std::string rule;     ///< "rule 3: nfqueue http from lan to inet"
  std::string place;    ///< "rules/rules.conf:3"
};

/// The rules of a policy that send to queues, in their order.
[[nodiscard]] std::vector<QueueRule> queue_rules(const sema::Policy& policy);

/// How a queue is.
enum class QueueHealth : std::uint8_t {
  Well,
  Unattended,  ///< nobody listens
  Dropping,    ///< packets found it, or its program's socket, full
  Stuck,       ///< packets wait, and no verdict comes
};

/// "well", "unattended", "dropping", "stuck".
[[nodiscard]] std::string_view to_string(QueueHealth health);

/// Whether packets that are sent there get verdicts. A program that is stuck gives none, like one that is gone.
[[nodiscard]] bool is_served(QueueHealth health);

/// A queue that somebody listens to, or queues first to last of the same rules that nobody listens to.
struct QueueRow {
  std::uint16_t first = 0, last = 0;
  std::vector<const QueueRule*> rules;  ///< that send there; none: of rules of others, or of no rule any more
  std::optional<apply::QueueStatistics> consumer;

  /// Whether all rules let pass what nobody listens to.
  [[nodiscard]] bool passes_unattended() const;
};

/// All queues that rules or programs use, by number. Refers to the rules. Takes time in proportion to rules and queues
/// together, not to the numbers that a rule balances over.
[[nodiscard]] std::vector<QueueRow> queue_report(std::span<const QueueRule> rules,
                                                 std::span<const apply::QueueStatistics> statistics);

/// "5" or "0-3".
[[nodiscard]] std::string queue_numbers(std::uint16_t first, std::uint16_t last);

/// A row as type Queue of config/org.vuurmuur.Manager.varlink.
[[nodiscard]] nlohmann::ordered_json json_of(const QueueRow& row, QueueHealth health);

}  // namespace vuurmuur::control
