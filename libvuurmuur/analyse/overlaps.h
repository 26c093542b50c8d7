// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "analyse/diff.h"
#include "analyse/never_matching.h"
#include "analyse/time_limit.h"
#include "sema/policy.h"

namespace vuurmuur::analyse {

/// Two rules of opposite action, one that refuses and one that does not, that some packets meet both.
struct Overlap {
  std::size_t first = 0, second = 0;  ///< places in Policy::rules
  Witness example;                    ///< a packet that the first one decides, and the second one would otherwise
};

/// The packets of an overlap that the first rule decides.
struct OverlapTraffic {
  std::vector<Traffic> traffic;
  bool is_outline = false;  ///< these packets are in `traffic`, and not all of what is in it is one
  Witness example;
};

/// Finds rules that overlap with another verdict, and neither is a special case of the other. A rule that refuses a
/// part of what a later one accepts is an exception from it and meant so, and the other way round; that is no finding.
class OverlapSearch {
 public:
  /// The policy must outlive it.
  explicit OverlapSearch(const sema::Policy& policy);
  ~OverlapSearch();
  OverlapSearch(const OverlapSearch&) = delete;
  OverlapSearch& operator=(const OverlapSearch&) = delete;

  /// Looks for all pairs for which in one of both families
  ///  - the first one decides a packet that the second one would take, and
  ///  - it decides one that the second one would not take, and
  ///  - the second one is left some packet.
  /// Rules that may let a packet go on (limits, chains, logs) are not among them and take nothing from others. False
  /// when the budget or the time ran out: there may be more.
  [[nodiscard]] bool find(const TimeLimit& limit);

  /// What was found, by the later rule and then by the first one.
  [[nodiscard]] const std::vector<Overlap>& found() const { return found_; }
  /// Of a pair that was found.
  [[nodiscard]] OverlapTraffic traffic_of(const Overlap& overlap) const;

 private:
  class FamilySearch;
  std::array<std::unique_ptr<FamilySearch>, 2> families_;
  std::vector<Overlap> found_;
};

}  // namespace vuurmuur::analyse
