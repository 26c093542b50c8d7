// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "ir/ruleset.h"
#include "sema/policy.h"

namespace vuurmuur::compile {

/// A step of the compile, by name.
struct PassInfo {
  std::string_view name;  ///< "queue-dispatch"
  std::string_view what;  ///< one line for --list-passes
};

/// All passes in the order in which they run.
[[nodiscard]] std::vector<PassInfo> list_passes();

struct Options {
  /// Ways of queueing that live connections still use; those whose queue no rule of the policy uses keep their leaf.
  std::vector<ir::NfqueueTarget> live_queues;
  std::vector<std::string> disabled_passes;
  /// Name of the pass after which the ruleset is printed into Output::dump; empty for none.
  std::string dump_after;
  /// Run ir::verify after every pass, and stop with an assertion when it finds something.
  bool verify = false;
};

struct PassTiming {
  std::string_view name;
  std::chrono::nanoseconds duration{};
  std::size_t rules_after = 0;
};

struct Output {
  ir::Ruleset ruleset;
  std::vector<PassTiming> timings;
  std::string dump;
};

/// Compiles a policy: a pure function of its arguments, the same bytes each time.
[[nodiscard]] Output compile(const sema::Policy& policy, const Options& options = {});

}  // namespace vuurmuur::compile
