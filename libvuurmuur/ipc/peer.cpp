// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/peer.h"

#include <sys/socket.h>

#include <cerrno>

namespace vuurmuur::ipc {

base::Result<Peer> peer_of(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    return base::system_error("ask who is at the other end", errno);
  Peer peer{.pid = credentials.pid, .uid = credentials.uid, .groups = {}};
  socklen_t bytes = 0;
  // With no room the kernel tells how much it needs.
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, nullptr, &bytes) != 0 && errno == ERANGE) {
    peer.groups.resize(bytes / sizeof(gid_t));
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, peer.groups.data(), &bytes) != 0) peer.groups.clear();
  }
  peer.groups.push_back(credentials.gid);
  return peer;
}

}  // namespace vuurmuur::ipc
