// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <sys/types.h>

#include <vector>

#include "base/result.h"

namespace vuurmuur::ipc {

/// Who is at the other end of a Unix socket, as he was when he connected (SO_PEERCRED, SO_PEERGROUPS: unix(7), socket(7)).
struct Peer {
  pid_t pid = 0;
  uid_t uid = 0;
  std::vector<gid_t> groups;  ///< his group and the supplementary ones
  bool operator==(const Peer&) const = default;
};

[[nodiscard]] base::Result<Peer> peer_of(int socket);

}  // namespace vuurmuur::ipc
