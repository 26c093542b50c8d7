// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace vuurmuur::apply {

/// The process that holds a lock of flock(2) on a file, from the text of /proc/locks (proc(5)); nothing when no line
/// has it, as for a process in another process namespace. `device` and `inode` are the file's, as stat(2) has them.
[[nodiscard]] std::optional<pid_t> lock_holder(std::string_view locks, dev_t device, ino_t inode);

/// Who holds the lock on a file that is open here: "iptables-legacy (process 4711)", or "another program".
[[nodiscard]] std::string describe_lock_holder(int fd);

}  // namespace vuurmuur::apply
