// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/entry_question.h"

#include <algorithm>

namespace vuurmuur::control {
namespace {

using sema::End;

bool is_static(const sema::Policy& policy, const net::Address& address) {
  return std::ranges::any_of(policy.interfaces, [&](const sema::Interface& interface) {
    return std::ranges::find(interface.addresses, address) != interface.addresses.end();
  });
}

bool is_dynamic(const sema::Policy& policy, const std::string& device, net::Family family) {
  return std::ranges::any_of(policy.interfaces, [&](const sema::Interface& interface) {
    const bool stands_for = interface.is_wildcard()
                                ? device.starts_with(interface.device.substr(0, interface.device.size() - 1))
                                : interface.device == device;
    return stands_for && interface.is_dynamic(family);
  });
}

analyse::AskedEnd end_of(const net::Address& address, End::Kind kind) {
  return {.text = address.to_string(), .end = {.kind = kind, .peers = {}}, .address = net::Prefix::host(address)};
}

/// This machine's: where an address is given by others, whoever it was that had it was this machine.
End::Kind own_kind(const sema::Policy& policy, const net::Address& address, const std::string& device) {
  return !is_static(policy, address) && is_dynamic(policy, device, address.family) ? End::Kind::Firewall
                                                                                   : End::Kind::FirewallAny;
}

}  // namespace

analyse::Question question_of(const log::Entry& entry, const sema::Policy& policy) {
  const log::Packet& packet = entry.packet;
  const bool is_input = entry.out_device.empty() && !entry.in_device.empty(), is_output = entry.in_device.empty();
  analyse::Question question{
      .from = end_of(packet.source, is_output ? own_kind(policy, packet.source, entry.out_device) : End::Kind::Any),
      .to = end_of(packet.destination,
                   is_input ? own_kind(policy, packet.destination, entry.in_device) : End::Kind::Any)};
  question.chain = is_input ? 0 : is_output ? 2 : 1;
  if (!is_output) question.in = {entry.in_device};
  if (!is_input) question.out = {entry.out_device};
  if (!is_output) question.source_mac = entry.source_mac;
  question.any_service = false;
  model::PortSet set{.protocol = packet.protocol};
  if (packet.ports) {
    set.source = net::PortRange::one(packet.ports->source);
    set.destination = net::PortRange::one(packet.ports->destination);
  }
  if (packet.icmp) {
    set.icmp_type = packet.icmp->type;
    set.icmp_code = packet.icmp->code;
  }
  question.port_sets.push_back(set);
  question.is_translated = true;
  return question;
}

}  // namespace vuurmuur::control
