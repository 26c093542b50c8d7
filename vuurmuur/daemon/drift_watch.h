// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "apply/nft_events.h"
#include "apply/rule_engine.h"
#include "apply/rule_print.h"
#include "base/poll_loop.h"
#include "base/unique_fd.h"
#include "control/blocks.h"
#include "net/address.h"

namespace vuurmuur::daemon {

/// Finds out that another program changed rules or sets of ours. nf_tables tells of each change and who made it, also of
/// those between a load and the begin of the watch. xtables and ip_set tell nothing: the tables are read when another program
/// lets go of the lock that iptables programs take, when their sizes change, and in between as often as costs a fiftieth of
/// a processor, at most every two seconds; so are the sets, whose names and the list of who is blocked tell what they shall
/// hold.
class DriftWatch {
 public:
  struct Drift {
    std::string program;  ///< as far as it is known; "another program" else
    std::string what;     ///< empty: all is as it was again
    /// What is to be done with who is blocked when it is repaired.
    control::TimedSets sets = control::TimedSets::Keep;
  };
  using OnDrift = std::function<void(const Drift&)>;
  /// Blocks::changed_sets().
  using WhoIsBlocked = std::function<base::Result<std::vector<std::string>>()>;

  DriftWatch(base::PollLoop& loop, WhoIsBlocked blocked, OnDrift on_drift)
      : loop_(loop), blocked_(std::move(blocked)), on_drift_(std::move(on_drift)) {}
  ~DriftWatch();
  DriftWatch(const DriftWatch&) = delete;
  DriftWatch& operator=(const DriftWatch&) = delete;

  /// From now on changes of nf_tables are noted, whichever engine is in force.
  [[nodiscard]] base::Result<void> listen();

  /// What is in the kernel now is what shall be there, in this engine: from now on it is held against that. To be
  /// called after each load of ours.
  [[nodiscard]] base::Result<void> begin(apply::Backend engine);
  /// The same for some families, where a load left the others alone: these are held against what was there before.
  [[nodiscard]] base::Result<void> go_on(apply::Backend engine, std::span<const net::Family> families);
  void stop();

 private:
  [[nodiscard]] base::Result<void> watch_xtables();
  [[nodiscard]] base::Result<void> go_on_in_xtables(std::span<const net::Family> families);
  void look_at_sets();
  void tell_xtables();
  void look_at_sizes();
  void look_at_rules();
  void plan_look(std::chrono::nanoseconds after);
  void read_nft_events();
  void take(const apply::NftChange& change);

  base::PollLoop& loop_;
  WhoIsBlocked blocked_;
  OnDrift on_drift_;
  std::unique_ptr<apply::Kernel> kernel_;
  apply::RulePrint shall_, seen_;
  std::vector<std::uint64_t> sizes_;
  base::UniqueFd lock_watch_;
  std::string rules_text_, sets_text_;  ///< what is not as it shall be
  std::optional<base::PollLoop::TimerId> look_, sizes_look_, sets_look_;
  std::int64_t last_look_ = 0, next_look_ = 0;  ///< on CLOCK_BOOTTIME
  std::chrono::nanoseconds cost_{0};            ///< of the last look at all rules
  std::optional<apply::NftEvents> events_;
  bool is_nft_ = false;           ///< nf_tables is what is watched
  /// Of nf_tables by others, in each family since the last load of ours.
  std::map<net::Family, Drift> changes_;
};

}  // namespace vuurmuur::daemon
