// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <vector>

#include "compile/context.h"
#include "compile/lowered_rules.h"
#include "ir/marks.h"
#include "ir/ruleset.h"
#include "sema/policy.h"

namespace vuurmuur::compile {

/// The passes, to be run for one family after the other.
class Pipeline {
 public:
  /// A ruleset without rules: what the families have in common.
  [[nodiscard]] static ir::Ruleset begin(const sema::Policy& policy);

  Pipeline(const sema::Policy& policy, const Options& options);

  /// Appends the rules, sets and origins of a family to a ruleset that has none of that family, up to the pass
  /// Options::dump_after. `kept` holds what was lowered before and takes what is now; null to keep nothing.
  void run_family(net::Family family, ir::Ruleset& ruleset, LoweredRules* kept);

  /// Makes what of a ruleset belongs to no family. To be called behind the families.
  void finish(ir::Ruleset& ruleset);

  /// Of the passes that ran, in their order.
  [[nodiscard]] const std::vector<PassTiming>& timings() const { return timings_; }

 private:
  void run(Context context, Pass::Scope scope);

  const sema::Policy& policy_;
  const Options& options_;
  ir::MarkLayout layout_;
  std::vector<PassTiming> timings_;
  bool is_stopped_ = false;  ///< behind the pass after which the ruleset is wanted
};

}  // namespace vuurmuur::compile
