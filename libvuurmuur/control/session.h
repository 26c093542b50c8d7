// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "apply/kernel.h"
#include "base/file_system.h"
#include "control/blocks.h"
#include "control/manager.h"
#include "history/store.h"
#include "history/store_lock.h"

namespace vuurmuur::control {

/// The turn to change what is in force, with all that takes part in it. Ends with the turn.
class Session {
 public:
  /// `directory`: of the store. `on_loading` is called when rules are about to be loaded, and the journal says so.
  /// Fails with EWOULDBLOCK when another process has its turn and this one does not wait.
  [[nodiscard]] static base::Result<std::unique_ptr<Session>> open(base::FileSystem& files,
                                                                   const std::string& directory, apply::Options load,
                                                                   history::Wait wait,
                                                                   std::function<void()> on_loading = {});

  [[nodiscard]] apply::Kernel& kernel() { return *kernel_; }
  [[nodiscard]] history::Store& store() { return store_; }
  [[nodiscard]] Manager& manager() { return manager_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }

 private:
  Session(base::UniqueFd turn, base::FileSystem& files, const std::string& directory, apply::Options load,
          std::function<void()> on_loading)
      : turn_(std::move(turn)),
        kernel_(apply::make_kernel()),
        store_(files, directory),
        blocks_(*kernel_, files, directory, clock_),
        beside_(blocks_, std::move(on_loading)),
        manager_(*kernel_, store_, clock_, std::move(load), &beside_) {}

  /// Who is blocked.
  class BlocksBeside final : public Beside {
   public:
    BlocksBeside(Blocks& blocks, std::function<void()> on_loading)
        : blocks_(blocks), on_loading_(std::move(on_loading)) {}
    [[nodiscard]] base::Result<void> prepare(const ir::Ruleset& ruleset, apply::Backend backend,
                                             TimedSets those_there) override {
      if (on_loading_) on_loading_();
      return blocks_.fill(ruleset, backend, those_there);
    }
    [[nodiscard]] base::Result<void> abandon(const ir::Ruleset& ruleset, apply::Backend backend) override {
      return blocks_.drop_unused(ruleset, backend);
    }

   private:
    Blocks& blocks_;
    std::function<void()> on_loading_;
  };

  base::UniqueFd turn_;
  std::unique_ptr<apply::Kernel> kernel_;
  history::Store store_;
  SystemClock clock_;
  Blocks blocks_;
  BlocksBeside beside_;
  Manager manager_;
};

}  // namespace vuurmuur::control
