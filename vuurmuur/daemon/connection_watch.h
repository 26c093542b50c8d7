// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apply/conntrack_events.h"
#include "apply/kernel.h"
#include "base/poll_loop.h"
#include "control/checked_policy.h"
#include "control/connection_event.h"
#include "control/connection_ledger.h"
#include "control/rule_numbers.h"

namespace vuurmuur::daemon {

/// Hears from the kernel which connections begin and end, and tells it in the words of the policy in force, with the
/// rule that admitted each. Every turn of the loop takes up so many and no more. When the kernel had more to tell than
/// its socket holds, that is counted and told, and all live connections are looked at, in pieces: those that had begun
/// unseen are told then, and how many had ended. Memory: some 50 bytes for each live connection, three times that
/// while all are looked at.
class ConnectionWatch {
 public:
  struct Tell {
    std::function<void(const control::ConnectionEvent& event)> event;  ///< what it refers to is there during the call
    std::function<void(std::string_view note)> note;                   ///< what is missing among the events, for people
    std::function<void()> turn_ended;  ///< after some of these: what was gathered can be written
  };

  ConnectionWatch(base::PollLoop& loop, Tell tell);
  ~ConnectionWatch();
  ConnectionWatch(const ConnectionWatch&) = delete;
  ConnectionWatch& operator=(const ConnectionWatch&) = delete;

  /// The policy that is in force from now on, and in which engine; null: none. Nothing is asked of the kernel while
  /// nobody wants to know. The policy is not needed afterwards.
  void follow(const control::CheckedPolicy* checked, std::string_view engine, bool is_wanted);

  /// Events that are taken up in a turn.
  static constexpr std::size_t kTurn = 1000;
  /// How long after a loss all are looked at: what was lost in one flood is looked for once.
  static constexpr std::chrono::milliseconds kSettle{250};
  static constexpr std::chrono::seconds kNextTry{30};
  /// How long addresses of this machine and routes hold: they change without a word to us.
  static constexpr std::chrono::seconds kFresh{1};

 private:
  using What = control::ConnectionEvent::What;
  /// What is not told yet.
  struct Waiting {
    What what = What::Begun;
    std::uint32_t rule = control::RuleNumbers::kUnasked;
    std::optional<std::chrono::seconds> duration{};
    apply::TrackedConnection tracked;
  };
  /// What tells names and rules.
  struct Words;

  void open();
  void close();
  void open_later();
  void complain(const base::Error& error);
  void refresh();
  void on_events();
  void take(apply::ConntrackEvents::What what, const apply::TrackedConnection& tracked);
  void find_rules();
  void finish_turn();
  void note(const std::string& text);

  void look_at_all_after(std::chrono::nanoseconds rest);
  void look_at_all();
  void on_listed();
  void end_looking();
  void stop_listing();
  void forget_old_rules();

  base::PollLoop& loop_;
  Tell tell_;
  std::unique_ptr<apply::Kernel> kernel_;
  std::unique_ptr<Words> words_;
  std::optional<apply::ConntrackEvents> events_;
  std::optional<apply::ConntrackListing> listing_;
  std::optional<base::PollLoop::TimerId> next_try_, next_look_;
  control::ConnectionLedger ledger_;
  control::RuleNumbers rules_;
  std::vector<Waiting> waiting_;
  std::vector<apply::TrackedConnection> asked_;
  std::int64_t refreshed_ = 0, look_began_ = 0, look_took_ = 0;  ///< nanoseconds, on CLOCK_BOOTTIME
  bool is_first_look_ = true, was_lost_again_ = false;
  std::uint64_t lost_ = 0, missed_ = 0;  ///< events, not told yet; beginnings, in this look
  std::string complaint_;                ///< the last one: each is told once
};

}  // namespace vuurmuur::daemon
