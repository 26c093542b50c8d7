// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <string>

#include "apply/kernel.h"
#include "base/file_system.h"
#include "cli/command.h"
#include "cli/state_directory.h"
#include "control/manager.h"
#include "history/store.h"
#include "history/store_lock.h"

namespace vuurmuur::cli {

/// The turn to change what is in force, with all that takes part in it. Ends with the turn.
class Session {
 public:
  /// Fails when another process has its turn and this one does not wait.
  [[nodiscard]] static base::Result<std::unique_ptr<Session>> open(Context& context, const Arguments& arguments,
                                                                   history::Wait wait = history::Wait::No);

  [[nodiscard]] apply::Kernel& kernel() { return *kernel_; }
  [[nodiscard]] history::Store& store() { return store_; }
  [[nodiscard]] control::Manager& manager() { return manager_; }
  [[nodiscard]] const control::Clock& clock() const { return clock_; }

 private:
  Session(base::UniqueFd turn, base::FileSystem& files, const std::string& directory, apply::Options load)
      : turn_(std::move(turn)),
        kernel_(apply::make_kernel()),
        store_(files, directory),
        manager_(*kernel_, store_, clock_, std::move(load)) {}

  base::UniqueFd turn_;
  std::unique_ptr<apply::Kernel> kernel_;
  history::Store store_;
  control::SystemClock clock_;
  control::Manager manager_;
};

/// "generation 12", or "an open firewall" for none.
[[nodiscard]] std::string name_of(std::optional<history::Number> generation);

/// Says what was taken back and what is in force now.
void print_went_back(Context& context, const control::WentBack& back);

}  // namespace vuurmuur::cli
