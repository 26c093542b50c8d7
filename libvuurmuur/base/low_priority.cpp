// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/low_priority.h"

#include <sys/resource.h>
#include <unistd.h>

namespace vuurmuur::base {

void lower_priority() {
  constexpr int kNice = 10;
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
}

}  // namespace vuurmuur::base
