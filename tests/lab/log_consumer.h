// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lab/namespace.h"
#include "lab/packet.h"

namespace vuurmuur::lab {

/// A record that the NFLOG target wrote.
struct LogRecord {
  std::uint16_t group = 0;
  std::string prefix;
  std::uint32_t mark = 0;  ///< packet mark
  Packet packet;
};

/// A program behind NFLOG groups, made with libnetfilter_log.
class LogConsumer {
 public:
  explicit LogConsumer(const NetNamespace& firewall);
  ~LogConsumer();

  /// Begins to receive a group; once more changes nothing.
  void bind(std::uint16_t group);
  /// Records that came since the last call.
  [[nodiscard]] std::vector<LogRecord> records();

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace vuurmuur::lab
