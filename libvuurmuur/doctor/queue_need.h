// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diag/source.h"
#include "doctor/finding.h"
#include "model/rule.h"
#include "sema/policy.h"

namespace vuurmuur::doctor {

/// Queues that rules send to, and what they ask of whoever listens there. Rules that name the same queue first agree in
/// all of it.
struct QueueNeed {
  model::QueueRange range;
  bool bypass = false;       ///< what is sent there passes where nobody listens
  bool drop_urgent = false;  ///< segments with the URG flag are dropped before
  std::optional<model::PacketMark> release = {};
  std::optional<model::PacketMark> nfmark = {};
  std::string rule = {};   ///< the first of the rules: "rule 3: nfqueue http from lan to inet"
  std::string place = {};  ///< "rules/rules.conf:3"
  std::string line = {};   ///< as it is written there: `RULE="nfqueue service http from lan to inet"`
  bool operator==(const QueueNeed&) const = default;
};

/// The change that gives the rule an option more: `bypass`, `release=\"0x1/0x1\"`.
[[nodiscard]] Change with_option(const QueueNeed& need, std::string_view option);

/// What the rules of a policy need, by the first queue. `sources` are those that the policy was read from.
[[nodiscard]] std::vector<QueueNeed> queue_needs(const sema::Policy& policy, const diag::SourceMap& sources);

/// "queue 3", "queues 4 to 7".
[[nodiscard]] std::string name_of(const model::QueueRange& range);

/// "0x1/0x1".
[[nodiscard]] std::string name_of(const model::PacketMark& mark);

}  // namespace vuurmuur::doctor
