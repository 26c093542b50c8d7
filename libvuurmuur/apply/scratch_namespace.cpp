// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/scratch_namespace.h"

#include <sched.h>

#include <cerrno>
#include <thread>

namespace vuurmuur::apply {

base::Result<void> run_in_scratch_namespace(const std::function<void()>& work) {
  int code = 0;
  std::thread([&] {
    if (::unshare(CLONE_NEWNET) == 0)
      work();
    else
      code = errno;
  }).join();
  if (code != 0) return base::system_error("make a network namespace to try rules in", code);
  return {};
}

}  // namespace vuurmuur::apply
