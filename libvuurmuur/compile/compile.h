// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <functional>
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

/// From what size on the passes that change the shape of chains do so. Small numbers are for tests.
struct Shape {
  std::size_t set_elements = 16;    ///< more rules than this that differ in addresses and port only become a set
  std::size_t dispatch_rules = 32;  ///< chains with more rules are taken apart by interface
  std::size_t tree_rules = 64;      ///< chains with more rules are taken apart by address, protocol and port
  std::size_t leaf_rules = 20;      ///< so many rules may stand in a leaf of a tree
  /// How many rules dispatch by interface and trees may each make of one: replicas and rules that lead on are counted.
  double growth = 1.4;
  bool operator==(const Shape&) const = default;
};

struct Options {
  /// Ways of queueing that live connections still use; those whose queue no rule of the policy uses keep their leaf.
  std::vector<ir::NfqueueTarget> live_queues;
  /// Queues that get no connections, in their order: a rule that balances over several leaves them out, as long as it
  /// has others.
  std::vector<std::uint16_t> left_out_queues{};
  std::vector<std::string> disabled_passes;
  /// Name of the pass after which the ruleset is printed into Output::dump; empty for none.
  std::string dump_after;
  Shape shape{};
  /// Whether the kernel that the ruleset is for can hold a set; empty: any set.
  std::function<bool(const ir::Set&)> can_hold;
  /// Whether rules ask for addresses that are blocked for a time while the ruleset is in force (ir::SetUse). Text for
  /// other programs has nobody who would do so.
  bool timed_blocks = false;
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
