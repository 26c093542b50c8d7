// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string_view>

#include "analyse/time_limit.h"
#include "diag/diagnostic.h"
#include "model/policy.h"
#include "sema/policy.h"

namespace vuurmuur::analyse {

struct DeepOptions {
  /// What is told of rules that overlap with another verdict (overlaps.h).
  enum class Overlaps : std::uint8_t {
    Counted,  ///< one line about all rules that refuse what others before them let through
    Some,     ///< the first few of these, with their packets
    All,      ///< all, also rules that let through what others before them refuse
  };
  Overlaps overlaps = Overlaps::Some;
  /// Statements that shall be true (assertion_syntax.h), for what they say is meant so.
  std::string_view assertions{};
  TimeLimit limit{};
};

/// Holds the rules of a policy against each other and tells what comes out of it, all as warnings:
///  - "never-matches", "redundant-rule": the rules before leave a rule nothing, and do otherwise or the same; or, unless
///    overlaps are only counted, those behind it do the same with all that it takes;
///  - "matches-nothing": there is no packet that a rule asks for;
///  - "overlap": a rule does not refuse all that it says, though none of those before it is an exception from it;
///  - "translation-taken", "translation-refused": a rule translates nothing, or nothing that is let through;
///  - "chain-never-entered": all rules that lead to a chain of the user's never match;
///  - "ssh-unreachable": nobody can reach the SSH of this machine;
///  - those of check_impossible_objects();
///  - "not-finished": one of these questions was not answered within its budget, or all of them in the time there was.
/// `model` is what the policy was resolved from, and has no errors.
void check_deep(const model::Policy& model, const sema::Policy& policy, const DeepOptions& options, diag::Sink& sink);

}  // namespace vuurmuur::analyse
