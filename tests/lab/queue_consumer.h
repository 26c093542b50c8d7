// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "lab/namespace.h"
#include "lab/packet.h"

namespace vuurmuur::lab {

/// A packet that waits in an NFQUEUE queue for a verdict.
struct Queued {
  std::uint16_t queue = 0;
  std::uint32_t id = 0;
  std::uint32_t mark = 0;  ///< packet mark
  Packet packet;
};

/// A program behind NFQUEUE queues, made with libnetfilter_queue.
class QueueConsumer {
 public:
  explicit QueueConsumer(const NetNamespace& firewall);
  ~QueueConsumer();
  QueueConsumer(QueueConsumer&&) noexcept;

  /// Begins to serve a queue; one that is served already stays so.
  void bind(std::uint16_t queue);
  /// Stops serving it.
  void unbind(std::uint16_t queue);
  /// Packets that wait now; each needs a verdict.
  [[nodiscard]] std::vector<Queued> pending();
  void accept(const Queued& packet);
  /// The same, and the packet goes on with another mark.
  void accept_with_mark(const Queued& packet, std::uint32_t mark);
  void drop(const Queued& packet);
  /// Readable when something waits.
  [[nodiscard]] int fd() const;

 private:
  struct Socket;
  void command(std::uint16_t queue, int what);
  void verdict(const Queued& packet, int what, std::optional<std::uint32_t> mark = {});
  std::unique_ptr<Socket> socket_;
  std::set<std::uint16_t> bound_;
};

}  // namespace vuurmuur::lab
