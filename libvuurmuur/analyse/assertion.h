// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "analyse/assertion_syntax.h"
#include "analyse/question.h"
#include "analyse/rule_search.h"
#include "analyse/sample.h"

namespace vuurmuur::analyse {

/// Whether a statement is true of a policy.
struct Finding {
  enum class Kind : std::uint8_t {
    Holds,         ///< for all packets
    Fails,         ///< `packet` is one of which it is not true
    NotFinished,   ///< it was not found out
    AboutNothing,  ///< there is no packet that it is about: it holds
    Unreadable,    ///< it names something that there is not, which was reported
  };
  Kind kind = Kind::NotFinished;
  std::optional<Sample> packet{};
  std::size_t rule = kNoRule;  ///< of Fails: the one that decides the packet, or may; kNoRule: none does
};

/// One for each statement. Exact for all first packets of connections that filter sees, in both families, with the
/// assumptions of reach_of_rules(): destinations are those behind translation. Names that there are not are reported.
[[nodiscard]] std::vector<Finding> check(std::span<const Assertion> assertions, const Configuration& configuration,
                                         diag::Sink& sink);

/// Reads the text of a file of statements and tells of each that does not hold ("assertion-failed") or was not found to
/// hold
/// ("assertion-not-finished"): errors; and of such that are about no packet at all: warnings. Gives all that could be
/// read.
struct CheckedAssertions {
  std::vector<Assertion> assertions;
  std::vector<Finding> findings;
};
CheckedAssertions check_assertions(std::string_view text, diag::FileId file, const Configuration& configuration,
                                   diag::Sink& sink);

}  // namespace vuurmuur::analyse
