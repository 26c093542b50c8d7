// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <optional>
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

  /// Sends a call whose replies are fetched with next().
  [[nodiscard]] base::Result<void> send(const Call& call);
  /// The next reply, waiting for it at most so long; nothing when none came.
  [[nodiscard]] base::Result<std::optional<Reply>> next(std::chrono::milliseconds at_most);
  /// Readable when something came, for who waits for other things as well; next() is then to be called until it gives
  /// nothing.
  [[nodiscard]] int descriptor() const { return socket_.get(); }

 private:
  explicit Client(base::UniqueFd socket) : socket_(std::move(socket)) {}

  base::UniqueFd socket_;
  MessageReader reader_{64u << 20};
};

}  // namespace vuurmuur::ipc
