// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <sys/un.h>

#include <string>

#include "base/result.h"

namespace vuurmuur::ipc {

/// The address of a Unix socket in the file system; fails when the path is longer than unix(7) allows.
[[nodiscard]] base::Result<sockaddr_un> socket_address(const std::string& path);

}  // namespace vuurmuur::ipc
