// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/file_system.h"
#include "base/poll_loop.h"
#include "base/unique_fd.h"
#include "control/checked_policy.h"
#include "history/journal.h"

namespace vuurmuur::daemon {

/// Sees when devices and addresses change so that the generation in force means something else: a delegated prefix, a
/// device with settings that comes. Events are taken together for kSettle, however many they are.
class SurroundingsWatch {
 public:
  /// Whether the generation could be loaded again. When it could not, it is asked anew soon.
  using Reload = std::function<bool()>;

  SurroundingsWatch(base::PollLoop& loop, base::FileSystem& files, Reload reload)
      : loop_(loop), files_(files), reload_(std::move(reload)) {}

  [[nodiscard]] base::Result<void> begin();

  /// The generation that was loaded just now; nothing when none is in force.
  void follow(const std::string& state_directory, const history::Generation* generation);

  static constexpr std::chrono::milliseconds kSettle{30}, kNextTry{100};

 private:
  void plan_look(std::chrono::nanoseconds after);
  void look();

  base::PollLoop& loop_;
  base::FileSystem& files_;
  Reload reload_;
  base::UniqueFd events_;
  std::optional<base::PollLoop::TimerId> look_;
  std::optional<history::Number> number_;
  std::unique_ptr<control::CheckedPolicy> policy_;
  std::string loaded_with_;  ///< control::what_matters() of then
};

}  // namespace vuurmuur::daemon
