// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>

#include "apply/kernel.h"
#include "control/blocks.h"
#include "daemon/manager_service.h"

namespace vuurmuur::daemon {

/// Who is blocked, kept from call to call: a file of a million lines is read once.
struct ManagerService::BlockList {
  BlockList(base::FileSystem& files, const std::string& directory)
      : kernel(apply::make_kernel()), blocks(*kernel, files, directory, clock) {}

  control::SystemClock clock;
  std::unique_ptr<apply::Kernel> kernel;
  control::Blocks blocks;
};

}  // namespace vuurmuur::daemon
