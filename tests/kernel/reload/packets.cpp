// SPDX-License-Identifier: GPL-2.0-or-later
#include "packets.h"

namespace vuurmuur::kernel_test {
namespace {

/// Ports that connections of a fresh stream come from: with all of them used in turn by each source, a port is free
/// again long after its connection is forgotten.
constexpr std::uint64_t kFirstPort = 1024, kPorts = 60000;

}  // namespace

lab::Packet packet_of(const Stream& stream, std::size_t number, std::uint64_t sequence) {
  lab::Packet packet = stream.first;
  if (stream.kind != Stream::Kind::Flow) {
    packet.source_port = static_cast<std::uint16_t>(kFirstPort + sequence % kPorts);
    const std::size_t last = packet.family() == net::Family::Ipv4 ? 3 : 15;
    packet.source.bytes[last] =
        static_cast<std::uint8_t>(packet.source.bytes[last] + sequence / kPorts % stream.sources);
  }
  packet.payload = encode_number({static_cast<std::uint16_t>(number), false, sequence});
  return packet;
}

lab::Packet answer_to(const lab::Packet& arrived, const Number& number) {
  lab::Packet packet = arrived.reversed();
  packet.payload = encode_number({number.stream, true, number.sequence});
  return packet;
}

}  // namespace vuurmuur::kernel_test
