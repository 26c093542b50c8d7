// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "lab/namespace.h"

namespace vuurmuur::bench {

/// A UDP packet of 60 bytes on the wire without its checksum (RFC 894: the least that Ethernet carries), the Ethernet
/// header included.
using Frame = std::array<std::uint8_t, 60>;

/// What one spell of sending cost.
struct Spell {
  double ns_per_packet = 0;  ///< processor time, from the sender's system call to the packet's end
  std::uint64_t sent = 0, delivered = 0;
};

/// A router in a network namespace of its own between a sender and a sink:
///
///     sender ══ eth0 [router: 10.0.0.1/24, 10.1.1.1/24] eth1 ══ sink
///
/// Far ends of all paths are in one further namespace; the sink has another Ethernet address than what comes to it
/// names, so that its IP stack throws packets away at once. Sender, router and sink work on one processor, in the
/// sender's own system call: a device pair hands a frame over by a soft interrupt, which runs before the call goes on.
/// So the processor time of the sending thread is that of the whole way.
class PacketPath {
 public:
  /// `number` tells the paths of one `hosts` apart.
  PacketPath(const lab::NetNamespace& hosts, unsigned number);

  [[nodiscard]] const lab::NetNamespace& router() const { return router_; }

  /// Sends the frames, again from the first one behind the last, until so much processor time is used up; each spell
  /// goes on where the last one ended.
  [[nodiscard]] Spell send(std::span<const Frame> frames, std::chrono::nanoseconds processor_time);
  /// Sends each frame once, then from the sink's side an answer to each.
  void open_flows(std::span<const Frame> frames);

  /// Frames from the probe source to the probe destination, one a source port and destination port, so many source
  /// ports each, destination ports taking turns.
  [[nodiscard]] std::vector<Frame> frames(std::span<const std::uint16_t> destination_ports,
                                          unsigned source_ports) const;

 private:
  [[nodiscard]] base::UniqueFd open_socket(const std::string& device) const;
  [[nodiscard]] std::uint64_t count_delivered() const;

  const lab::NetNamespace& hosts_;
  std::string sender_, sink_;  ///< devices in `hosts`
  lab::NetNamespace router_;
  base::UniqueFd sender_socket_, sink_socket_;
  std::array<std::uint8_t, 6> eth0_{}, eth1_{};  ///< the router's Ethernet addresses
  std::size_t next_ = 0;
};

}  // namespace vuurmuur::bench
