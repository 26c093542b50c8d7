// SPDX-License-Identifier: GPL-2.0-or-later
#include "lab/requirement.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/unique_fd.h"
#include "lab/error.h"

namespace vuurmuur::lab {

bool kernel_has(std::string_view what, bool has) {
  if (has) return true;
  const std::string text = "this kernel has no " + std::string(what);
  const char* const all = std::getenv("VUURMUUR_TEST_ALL");
  if (all && std::string_view(all) == "1") throw LabError(text + ", and VUURMUUR_TEST_ALL asks for everything");
  std::fprintf(stderr, "%s: cases with it are left out\n", text.c_str());
  return false;
}

bool can_send(std::size_t bytes) {
  // Asked of a socket: in a network namespace of its own a process may not see net.core.wmem_max (Linux 6.1).
  const base::UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
  if (!fd) throw LabError::from_errno("open a netlink socket");
  const int wanted = static_cast<int>(bytes);
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUFFORCE, &wanted, sizeof wanted) != 0)
    ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &wanted, sizeof wanted);
  int given = 0;
  socklen_t size = sizeof given;
  if (::getsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &given, &size) != 0) throw LabError::from_errno("ask a socket");
  return kernel_has("room for messages of " + std::to_string(bytes) + " bytes (net.core.wmem_max)", given >= wanted);
}

}  // namespace vuurmuur::lab
