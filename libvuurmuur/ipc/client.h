// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "ipc/varlink.h"

namespace vuurmuur::ipc {

/// One who asks a Server, and waits for each answer.
class Client {
 public:
  /// Error code ENOENT or ECONNREFUSED: nobody listens there.
  [[nodiscard]] static base::Result<Client> connect(const std::string& path);

  /// Sends a call and waits for its reply, at most so long.
  [[nodiscard]] base::Result<Reply> call(const Call& call, std::chrono::milliseconds at_most);

 private:
  explicit Client(base::UniqueFd socket) : socket_(std::move(socket)) {}

  base::UniqueFd socket_;
  MessageReader reader_{64u << 20};
};

}  // namespace vuurmuur::ipc
