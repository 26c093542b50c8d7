// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "lab/namespace.h"
#include "lab/packet.h"
#include "net/address.h"

namespace vuurmuur::lab {

/// A packet that came out of the firewall.
struct Seen {
  std::string device;  ///< of the firewall, by which it left
  Packet packet;
};

/// The far ends of all of a firewall's devices in one namespace without addresses of its own: what a test sends goes in
/// exactly as written, what the firewall sends is seen and nobody answers it.
///
/// Sending delivers on the processor's own backlog, first in, first out, so an answered ARP request behind a packet
/// tells that everything the packet caused has come out too: no time-outs are needed to see that nothing came.
class Wire {
 public:
  /// Makes the device pairs: `devices` in the firewall, their far ends here, and a further pair "sync0" for ARP.
  Wire(const NetNamespace& firewall, const std::vector<std::string>& devices);

  /// Lets a packet come in by a device of the firewall.
  void send(const std::string& device, const Packet& packet, const net::MacAddress& from = kHostMac);
  /// The same with the bytes of an IP packet.
  void send_bytes(const std::string& device, const Bytes& packet, const net::MacAddress& from = kHostMac);
  /// Returns when packets pass a device in both directions, which takes the kernel a moment after it was set up; `own`
  /// is an IPv4 address of the firewall on it.
  void wait_until_up(const std::string& device, const net::Address& own);
  /// Everything that came out since the last call and is no neighbour discovery or multicast listener report.
  [[nodiscard]] std::vector<Seen> settle();

  /// Address of all hosts that are not told another one.
  static constexpr net::MacAddress kHostMac{{0x02, 0, 0, 0, 0, 0x10}};

 private:
  struct End {
    int index = 0;
    net::MacAddress firewall_mac;
  };
  struct Frame {
    Bytes bytes;
    int index = 0;  ///< of the far end's device
  };
  /// The next frame, if one comes in time.
  std::optional<Frame> receive(int wait_ms);
  void send_frame(int index, const Bytes& frame);

  NetNamespace namespace_;
  base::UniqueFd socket_;
  std::map<std::string, End> ends_;
  std::map<int, std::string> names_;
  std::uint32_t serial_ = 0;
};

}  // namespace vuurmuur::lab
