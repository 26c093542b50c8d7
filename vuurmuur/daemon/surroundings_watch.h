// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/poll_loop.h"
#include "base/unique_fd.h"
#include "control/checked_policy.h"
#include "control/plan.h"
#include "daemon/name_watch.h"
#include "history/journal.h"

namespace vuurmuur::daemon {

/// Sees when devices, addresses and what DNS tells change so that the generation in force means something else: a
/// delegated prefix, another address of a name, a device with settings that comes. Events are taken together for
/// kSettle, however many they are. The policy stays in memory: an event reads no file.
class SurroundingsWatch {
 public:
  enum class Tried : std::uint8_t {
    Yes,
    NotYet,   ///< to be asked anew soon
    Waiting,  ///< look() is called when it can be tried
  };
  /// Loads the policy of a generation as it is by now. `memo` is of the last load of that generation.
  using Reload = std::function<Tried(history::Number generation, const sema::Policy& policy, control::PlanMemo& memo)>;

  SurroundingsWatch(base::PollLoop& loop, base::FileSystem& files, const std::string& state_directory, Reload reload)
      : loop_(loop),
        files_(files),
        directory_(state_directory),
        reload_(std::move(reload)),
        names_(loop, files, state_directory, [this] { on_event(); }) {}

  [[nodiscard]] base::Result<void> begin();

  /// The generation that was loaded just now; nothing when none is in force. Whether it is another than before.
  bool follow(const history::Generation* generation);
  /// What it means where we are, valid until the next follow() or look(); null: none.
  [[nodiscard]] const control::CheckedPolicy* policy() const { return policy_.get(); }

  /// Whether anything changed that matters, which is loaded then.
  void look();

  /// These queues get no connections from now on, whichever generation is in force (compile::Options).
  void leave_out(std::vector<std::uint16_t> queues);
  /// The generation was loaded again by somebody who does not know of them.
  void loaded_by_others();

  static constexpr std::chrono::milliseconds kSettle{30}, kNextTry{100};
  /// How long a load may have taken at most that saw nothing of an event in its midst.
  static constexpr std::chrono::seconds kLongestLoad{10};

 private:
  void on_event();
  void plan_look(std::chrono::nanoseconds after);

  base::PollLoop& loop_;
  base::FileSystem& files_;
  std::string directory_;
  Reload reload_;
  NameWatch names_;
  base::UniqueFd events_;
  std::optional<base::PollLoop::TimerId> look_;
  std::optional<history::Number> number_;
  std::unique_ptr<control::CheckedPolicy> policy_;
  control::PlanMemo memo_;  ///< of policy_
  std::vector<std::uint16_t> left_out_;
  std::optional<std::string> loaded_with_;  ///< control::what_matters() of then, when that is known
  std::optional<std::int64_t> last_event_;  ///< on CLOCK_BOOTTIME
};

}  // namespace vuurmuur::daemon
