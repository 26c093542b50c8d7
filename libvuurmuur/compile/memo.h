// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstddef>
#include <vector>

#include "compile/compile.h"
#include "compile/lowered_rules.h"
#include "ir/ruleset.h"
#include "sema/policy.h"

namespace vuurmuur::compile {

/// What was compiled last, and of what: the same rules with other addresses are compiled again only where these are
/// another family's, or another rule's. compile() keeps nothing; whoever compiles again and again has one of these.
class Memo {
 public:
  /// What the last compile did.
  struct Work {
    std::vector<net::Family> families;  ///< that were compiled; the rules and sets of others are as before
    std::size_t rules = 0;              ///< of the policy that were lowered into table filter, counted in each family
  };

  /// The ruleset of a policy, the same as compile() makes of it. It stays until the next call. All policies that one memo
  /// gets are resolved from one model, whose rules stay where they are and as they are; `can_hold` answers the same each
  /// time, and `dump_after` is empty.
  const ir::Ruleset& compile(const sema::Policy& policy, const Options& options);

  [[nodiscard]] const Work& work() const { return work_; }

 private:
  /// What of a ruleset is a family's own.
  struct Part {
    ir::FamilyRules rules;
    std::vector<ir::Set> sets;
    std::vector<ir::Origin> origins;
    std::size_t first_origin = 0;
  };
  /// How much of the ruleset's lists is a family's own.
  struct Share {
    std::size_t sets = 0, origins = 0;
  };

  void begin_anew(const sema::Policy& policy, std::array<bool, 2>& is_same);
  void take_over(const sema::Policy& policy, std::array<bool, 2>& is_same);
  [[nodiscard]] std::array<Part, 2> take_apart();
  void put_back(net::Family family, Part part);

  bool is_empty_ = true;
  sema::Policy policy_;  ///< what the ruleset is of
  Options options_;
  ir::Ruleset ruleset_;
  std::array<Share, 2> shares_;
  std::array<LoweredRules, 2> lowered_;
  Work work_;
};

}  // namespace vuurmuur::compile
