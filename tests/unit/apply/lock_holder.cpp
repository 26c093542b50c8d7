// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/lock_holder.h"

#include <sys/sysmacros.h>

#include "support/catch.h"

using namespace vuurmuur::apply;

namespace {

// As Linux prints them (fs/locks.c): POSIX locks and leases stand between, and one who waits has an arrow.
constexpr std::string_view kLocks =
    "1: POSIX  ADVISORY  WRITE 100 00:1a:1234 0 EOF\n"
    "2: FLOCK  ADVISORY  WRITE 200 00:1a:12345 0 EOF\n"
    "3: FLOCK  ADVISORY  WRITE 300 fe:11:1234 0 EOF\n"
    "4: OFDLCK ADVISORY  READ  -1 00:1a:1234 0 EOF\n"
    "5: FLOCK  ADVISORY  WRITE 4711 00:1a:1234 0 EOF\n"
    "5: -> FLOCK  ADVISORY  WRITE 500 00:1a:1234 0 EOF\n"
    "6: LEASE  ACTIVE    READ  600 00:1a:1234 0 EOF\n";

}  // namespace

TEST_CASE("the holder of a lock is the process of the flock on the same device and inode") {
  CHECK(lock_holder(kLocks, makedev(0, 0x1a), 1234) == 4711);
  CHECK(lock_holder(kLocks, makedev(0, 0x1a), 12345) == 200);
  CHECK(lock_holder(kLocks, makedev(0xfe, 0x11), 1234) == 300);
}

TEST_CASE("a lock that no line tells of, and lines that are none, have no holder") {
  CHECK_FALSE(lock_holder(kLocks, makedev(0, 0x1a), 1));
  CHECK_FALSE(lock_holder(kLocks, makedev(0, 0x1b), 1234));
  CHECK_FALSE(lock_holder("", 0, 0));
  CHECK_FALSE(
      lock_holder("1: FLOCK  ADVISORY  WRITE 4711 00:1a 0 EOF\n1: FLOCK ADVISORY\nx\n", makedev(0, 0x1a), 1234));
  // A process of another namespace has no number here.
  CHECK_FALSE(lock_holder("1: FLOCK  ADVISORY  WRITE 0 00:1a:1234 0 EOF\n", makedev(0, 0x1a), 1234));
}
