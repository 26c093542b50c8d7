// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "apply/connection_judge.h"
#include "apply/kernel.h"
#include "apply/live_connection.h"
#include "apply/rule_engine.h"
#include "base/result.h"
#include "ir/marks.h"
#include "ir/ruleset.h"

namespace vuurmuur::apply {

/// What an apply does with connections that live when its rules come into force.
enum class LiveConnections : std::uint8_t {
  Keep,     ///< they go on as they are
  List,     ///< they go on; those that the new rules would treat otherwise are told
  Enforce,  ///< those that the new rules refuse end, those with another queue, log group or packet mark change to it
};

/// A connection that the rules would treat otherwise, or of which that cannot be said.
struct ReviewedConnection {
  LiveConnection connection;
  Judgement judgement;
  ir::MarkField has, shall;  ///< what the mark says; `shall` of a judgement Remark
  std::string rule, place;   ///< the origin of the judgement as text; empty: none
  int error = 0;             ///< the errno with which the kernel refused to change it
};

struct ConnectionReport {
  bool enforced = false;     ///< whether anything was changed, or only looked at
  std::size_t kept = 0;      ///< as the rules want them
  std::size_t ended = 0;     ///< refused by the rules, and ended if enforced
  std::size_t remarked = 0;  ///< with another field, and changed if enforced
  std::size_t undecided = 0;
  std::size_t failed = 0;  ///< that the kernel refused to change; not in `ended` and `remarked`
  /// All but the kept ones: to end, to mark, undecided, each in the order of their tuples.
  std::vector<ReviewedConnection> connections;
};

/// Holds every live connection against a ruleset, which is in force or shall come into force, and with `enforce` makes
/// them what it says, as far as the kernel lets: what it refuses is counted, and the others are done. Connections that
/// end by themselves meanwhile are left out.
///
/// With `enforce` it looks again until it finds nothing more to do, three times at most: what a rule of before has let
/// in while the table was read may be missing in the first list.
[[nodiscard]] base::Result<ConnectionReport> review_connections(Kernel& kernel, const ir::Ruleset& ruleset,
                                                                Backend backend, bool enforce,
                                                                const Progress& progress = {});

/// Holds one connection against a ruleset, whether the kernel knows it or not; changes nothing.
[[nodiscard]] base::Result<ReviewedConnection> review_connection(Kernel& kernel, const ir::Ruleset& ruleset,
                                                                 Backend backend, const LiveConnection& connection);

/// Why it is what it is: "refused by rule 3: drop …", "queue 7 instead of queue 3, by …", "it is not known by which
/// device it came: no route leads back to its source". Without the place.
[[nodiscard]] std::string explain(const ReviewedConnection& reviewed);

/// "plain", "queue 3", "log group 2", "packet mark 5" (the number that stands for it).
[[nodiscard]] std::string to_string(const ir::MarkField& field);

}  // namespace vuurmuur::apply
