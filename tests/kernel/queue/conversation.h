// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "lab/gateway.h"

namespace vuurmuur::kernel_test {

/// The one gateway of this program, made at the first call.
[[nodiscard]] lab::Gateway& gateway();

/// A TCP connection between two hosts behind the gateway, played packet by packet with right sequence numbers. Each
/// packet goes in, gets the verdict ACCEPT wherever it is queued, and is expected to come out.
class Conversation {
 public:
  struct Step {
    std::vector<lab::Queued> queued;  ///< as consumers saw it, in order
    bool arrived = false;             ///< came out towards the other end
  };

  Conversation(const char* client_device, const char* client, const char* server_device, const char* server,
               std::uint16_t client_port, std::uint16_t server_port);

  /// SYN, SYN and ACK, ACK.
  std::vector<Step> open();
  Step client_says(std::string_view text);
  Step server_says(std::string_view text);
  /// An ICMP error of the server's about what the client sent last.
  Step server_refuses();

  /// The firewall resets the connection in the name of the server, and of the client.
  Step reset_to_client();
  Step reset_to_server();
  /// A byte of urgent data of the client's.
  Step client_urges();

  /// From now on packets leave queues with such bits in their mark as well; 0: as they were.
  void mark_verdicts(std::uint32_t bits) { verdict_bits_ = bits; }

  [[nodiscard]] const lab::Packet& first() const { return first_; }

 private:
  /// From the far end of a device; empty: from the firewall itself.
  Step deliver(const std::string& device, const lab::Packet& packet, const std::string& towards);
  lab::Packet from_client(std::uint8_t flags, std::string_view text);
  lab::Packet from_server(std::uint8_t flags, std::string_view text);

  std::string client_device_, server_device_;
  lab::Packet first_, last_of_client_;
  std::uint32_t client_next_ = 1000, server_next_ = 5000;
  std::uint32_t verdict_bits_ = 0;
};

}  // namespace vuurmuur::kernel_test
