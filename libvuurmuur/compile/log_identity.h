// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <vector>

#include "sema/policy.h"

namespace vuurmuur::compile {

/// What a log record says of where it comes from.
struct LogIdentity {
  std::string identity;  ///< as in the prefix (ir/log_prefix.h)
  std::string label;     ///< "rule 12: accept http from lan to inet" or "protection: invalid packets"
  std::string place;     ///< "rules/rules.conf:12"; empty: no line of the configuration
  bool operator==(const LogIdentity&) const = default;
};

/// Everything of a policy that can write log records, each identity once. A rule's identity is made of what it says
/// without its number: it stays the same when rules come and go around it, and in the next generation. Of rules that
/// say the same, the second has another than the first.
[[nodiscard]] std::vector<LogIdentity> log_identities(const sema::Policy& policy);

/// What a rule is called: "rule 12: accept http from lan to inet".
[[nodiscard]] std::string rule_label(const model::Rule& rule);

}  // namespace vuurmuur::compile
