// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apply/nft_events.h"
#include "apply/rule_engine.h"
#include "apply/rule_print.h"
#include "base/poll_loop.h"
#include "base/unique_fd.h"
#include "control/blocks.h"

namespace vuurmuur::daemon {

/// Finds out that another program changed rules of ours. nf_tables tells of each change and who made it. xtables tells
/// nothing: the tables are read when another program lets go of the lock that iptables programs take, when their sizes
/// change, and in between as often as costs a fiftieth of a processor, at most every two seconds.
class DriftWatch {
 public:
  struct Drift {
    std::string program;  ///< as far as it is known; "another program" else
    std::string what;     ///< empty: all is as it was again
    /// What is to be done with who is blocked when it is repaired.
    control::TimedSets sets = control::TimedSets::Keep;
  };
  using OnDrift = std::function<void(const Drift&)>;

  DriftWatch(base::PollLoop& loop, OnDrift on_drift) : loop_(loop), on_drift_(std::move(on_drift)) {}
  ~DriftWatch() { stop(); }
  DriftWatch(const DriftWatch&) = delete;
  DriftWatch& operator=(const DriftWatch&) = delete;

  /// What is in the kernel now is what shall be there, in this engine: from now on it is held against that. To be
  /// called after each load of ours.
  [[nodiscard]] base::Result<void> begin(apply::Backend engine);
  void stop();

 private:
  [[nodiscard]] base::Result<void> watch_xtables();
  [[nodiscard]] base::Result<void> watch_nft();
  void look_at_sizes();
  void look_at_rules();
  void plan_look(std::chrono::nanoseconds after);
  void read_nft_events();

  base::PollLoop& loop_;
  OnDrift on_drift_;
  std::unique_ptr<apply::Kernel> kernel_;
  apply::RulePrint shall_, seen_;
  std::vector<std::uint64_t> sizes_;
  base::UniqueFd lock_watch_;
  std::optional<base::PollLoop::TimerId> look_, sizes_look_;
  std::int64_t last_look_ = 0, next_look_ = 0;  ///< on CLOCK_BOOTTIME
  std::chrono::nanoseconds cost_{0};            ///< of the last look at all rules
  std::optional<apply::NftEvents> events_;
};

}  // namespace vuurmuur::daemon
