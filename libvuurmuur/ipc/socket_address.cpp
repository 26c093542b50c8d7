// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/socket_address.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace vuurmuur::ipc {

base::Result<sockaddr_un> socket_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return base::system_error("use the socket '" + path + "'", ENAMETOOLONG);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

}  // namespace vuurmuur::ipc
