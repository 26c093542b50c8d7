// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/low_priority.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "support/catch.h"

TEST_CASE("a thread that gives way does so alone") {
  const auto nice = [] { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid())); };
  const int before = nice();
  int inside = 0;
  std::thread([&] {
    vuurmuur::base::lower_priority();
    inside = nice();
  }).join();
  CHECK(inside == std::max(before, 10));
  CHECK(nice() == before);
}
