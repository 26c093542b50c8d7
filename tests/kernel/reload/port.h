// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/unique_fd.h"
#include "lab/packet.h"
#include "road.h"

namespace vuurmuur::kernel_test {

/// Which packet of which stream a payload says it is.
struct Number {
  std::uint16_t stream = 0;
  bool is_answer = false;
  std::uint64_t sequence = 0;
};

[[nodiscard]] lab::Bytes encode_number(const Number& number);
[[nodiscard]] std::optional<Number> decode_number(std::span<const std::uint8_t> payload);

/// Where one side of the road sends packets made by hand and sees the UDP packets that come out of the firewall.
class Port {
 public:
  Port(const Road& road, Side side);

  /// Sends packets in order, as fast as it goes. Gives how many of them the device took: the rest it lost itself.
  std::size_t send(std::span<const lab::Packet> packets);
  /// Hands over all that waits.
  void receive(const std::function<void(const Number&, const lab::Packet&)>& take);
  /// Packets that came and found no room in the socket since the last call.
  [[nodiscard]] std::uint64_t overflowed();
  [[nodiscard]] int fd() const { return socket_.get(); }

 private:
  base::UniqueFd socket_;
  lab::Bytes header_[2];  ///< Ethernet, by family
};

}  // namespace vuurmuur::kernel_test
