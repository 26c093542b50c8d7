// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/file_system.h"
#include "base/poll_loop.h"
#include "control/known_names.h"
#include "dns/resolver.h"
#include "model/policy.h"

namespace vuurmuur::daemon {

/// Asks DNS for the names of the policy in force, again and again as their answers run out. What was told last holds until
/// something else is told, and is written down; nobody waits for DNS, and no failure of it changes a rule.
class NameWatch {
 public:
  using OnChange = std::function<void()>;

  NameWatch(base::PollLoop& loop, base::FileSystem& files, std::string state_directory, OnChange on_change)
      : loop_(loop), files_(files), directory_(std::move(state_directory)), on_change_(std::move(on_change)) {}

  /// The policy that is in force; null when none is.
  void follow(const model::Policy* policy);

  /// Devices or addresses changed: names that nobody could tell are asked for again soon.
  void network_changed();

  [[nodiscard]] const control::KnownNames& known() const { return known_; }

  /// Answers are taken together for kGather, and changes are kBetweenChanges apart: names by the thousand whose addresses
  /// take turns are no reason to load all the time. After a failure a name is asked for again after kFirstPause, twice as long
  /// each time, at most kLongestPause.
  static constexpr std::chrono::milliseconds kGather{20}, kBetweenChanges{1000};
  static constexpr std::chrono::seconds kFirstPause{1}, kLongestPause{60};

 private:
  struct State {
    bool is_on_way = false;
    std::int64_t asked = 0;  ///< on CLOCK_BOOTTIME, as the next
    std::int64_t next = 0;   ///< when it is asked for
    unsigned failures = 0;   ///< since the last answer
    bool is_told = false;    ///< the log says that it fails
  };
  using Question = control::NameQuestion;

  void use_servers(const model::Settings& settings);
  void plan_asking(std::int64_t at);
  void ask_due();
  void take(const Question& question, const dns::Answer& answer);
  void take_failure(const Question& question, State& state, const dns::Answer& answer);
  void tell_change(const Question& question, const dns::Answer& answer);
  void write_down();

  base::PollLoop& loop_;
  base::FileSystem& files_;
  std::string directory_;
  OnChange on_change_;
  std::vector<model::Located<model::DnsServer>> servers_;
  std::chrono::seconds shortest_{0}, longest_{0};  ///< that an answer holds
  std::unique_ptr<dns::Resolver> resolver_;
  std::map<Question, State> states_;
  control::KnownNames known_;
  control::KnownNames fresh_;  ///< answers that are not written down yet
  std::size_t failing_ = 0;    ///< names without an answer
  std::optional<base::PollLoop::TimerId> asking_, writing_;
  std::int64_t asking_at_ = 0;
  std::optional<std::int64_t> last_change_;
};

}  // namespace vuurmuur::daemon
