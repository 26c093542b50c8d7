// SPDX-License-Identifier: GPL-2.0-or-later
#include "conversation.h"

#include <algorithm>

namespace vuurmuur::kernel_test {
namespace {

constexpr std::uint8_t kSyn = 2, kRst = 4, kPsh = 8, kAck = 16, kUrg = 32;

}  // namespace

lab::Gateway& gateway() {
  static lab::Gateway* const only = [] {
    lab::enter_laboratory();
    static lab::Gateway made;
    return &made;
  }();
  return *only;
}

Conversation::Conversation(const char* client_device, const char* client, const char* server_device, const char* server,
                           std::uint16_t client_port, std::uint16_t server_port)
    : client_device_(client_device), server_device_(server_device) {
  first_.source = *net::Address::parse(client);
  first_.destination = *net::Address::parse(server);
  first_.protocol = net::Protocol::Tcp;
  first_.source_port = client_port;
  first_.destination_port = server_port;
  first_.tcp_flags = kSyn;
  first_.sequence = client_next_;
}

lab::Packet Conversation::from_client(std::uint8_t flags, std::string_view text) {
  lab::Packet packet = first_;
  packet.tcp_flags = flags;
  packet.sequence = client_next_;
  packet.acknowledgement = (flags & kAck) != 0 ? server_next_ : 0;
  packet.payload.assign(text.begin(), text.end());
  client_next_ += static_cast<std::uint32_t>(text.size()) + ((flags & kSyn) != 0 ? 1 : 0);
  last_of_client_ = packet;
  return packet;
}

lab::Packet Conversation::from_server(std::uint8_t flags, std::string_view text) {
  lab::Packet packet = first_.reversed();
  packet.tcp_flags = flags;
  packet.sequence = server_next_;
  packet.acknowledgement = client_next_;
  packet.payload.assign(text.begin(), text.end());
  server_next_ += static_cast<std::uint32_t>(text.size()) + ((flags & kSyn) != 0 ? 1 : 0);
  return packet;
}

Conversation::Step Conversation::deliver(const std::string& device, const lab::Packet& packet,
                                         const std::string& towards) {
  lab::Gateway& bench = gateway();
  Step step;
  if (device.empty())
    bench.stack.send(packet, "");
  else
    bench.wire.send(device, packet);
  auto seen = bench.wire.settle();
  for (const lab::Queued& queued : bench.queues.pending()) {
    step.queued.push_back(queued);
    if (verdict_bits_ != 0)
      bench.queues.accept_with_mark(queued, queued.mark | verdict_bits_);
    else
      bench.queues.accept(queued);
  }
  const auto released = bench.wire.settle();
  seen.insert(seen.end(), released.begin(), released.end());
  step.arrived = std::any_of(seen.begin(), seen.end(), [&](const lab::Seen& frame) {
    return frame.device == towards && frame.packet.protocol == packet.protocol &&
           frame.packet.sequence == packet.sequence;
  });
  return step;
}

std::vector<Conversation::Step> Conversation::open() {
  std::vector<Step> steps;
  steps.push_back(deliver(client_device_, from_client(kSyn, ""), server_device_));
  steps.push_back(deliver(server_device_, from_server(kSyn | kAck, ""), client_device_));
  steps.push_back(deliver(client_device_, from_client(kAck, ""), server_device_));
  return steps;
}

Conversation::Step Conversation::client_says(std::string_view text) {
  return deliver(client_device_, from_client(kPsh | kAck, text), server_device_);
}

Conversation::Step Conversation::server_says(std::string_view text) {
  return deliver(server_device_, from_server(kPsh | kAck, text), client_device_);
}

Conversation::Step Conversation::reset_to_client() { return deliver("", from_server(kRst | kAck, ""), client_device_); }

Conversation::Step Conversation::reset_to_server() { return deliver("", from_client(kRst | kAck, ""), server_device_); }

Conversation::Step Conversation::client_urges() {
  return deliver(client_device_, from_client(kUrg | kPsh | kAck, "!"), server_device_);
}

Conversation::Step Conversation::server_refuses() {
  return deliver(server_device_, lab::port_unreachable(last_of_client_, first_.destination), client_device_);
}

}  // namespace vuurmuur::kernel_test
