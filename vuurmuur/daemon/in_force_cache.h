// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "apply/kernel.h"
#include "base/file_system.h"
#include "control/in_force.h"

namespace vuurmuur::daemon {

/// The policy in force in names, read anew when it is another one: another generation, another address of this machine,
/// or other surroundings (control/surroundings.h) of a policy that follows them.
class InForceCache {
 public:
  InForceCache(base::FileSystem& files, std::string state_directory)
      : files_(files), directory_(std::move(state_directory)), kernel_(apply::make_kernel()) {}

  /// What is in force now. Who got it before keeps what he got.
  [[nodiscard]] base::Result<std::shared_ptr<const control::InForce>> get();

  [[nodiscard]] apply::Kernel& kernel() { return *kernel_; }

 private:
  [[nodiscard]] base::Result<bool> is_as_before() const;

  base::FileSystem& files_;
  std::string directory_;
  std::unique_ptr<apply::Kernel> kernel_;
  std::shared_ptr<const control::InForce> found_;
  std::string surroundings_;  ///< control::what_matters() of then
};

}  // namespace vuurmuur::daemon
