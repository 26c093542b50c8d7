// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <sys/types.h>

#include <string>

namespace vuurmuur::apply {

/// What a process calls itself, which can be anything (prctl(2), PR_SET_NAME), without control characters; empty when
/// there is no such process, or none that may be seen from here.
[[nodiscard]] std::string process_name(pid_t process);

}  // namespace vuurmuur::apply
