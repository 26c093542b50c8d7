// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "lab/namespace.h"
#include "lab/packet.h"

namespace vuurmuur::lab {

/// A connection as the kernel remembers it.
struct TrackedConnection {
  std::uint32_t mark = 0;
  Packet reply;  ///< addresses and ports that answers have: shows what NAT rewrote
  std::string helper;
};

/// The connection table of a namespace.
class Conntrack {
 public:
  explicit Conntrack(const NetNamespace& where);
  ~Conntrack();

  /// The confirmed connection that a packet began.
  [[nodiscard]] std::optional<TrackedConnection> find(const Packet& first);
  /// Changes the bits of `mask` in a connection's mark to those of `value`.
  void set_mark(const Packet& first, std::uint32_t value, std::uint32_t mask);
  /// Forgets a connection, if there is one.
  void remove(const Packet& first);
  void flush();

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace vuurmuur::lab
