// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/rule.h"

#include <array>

namespace vuurmuur::model {

std::string_view to_string(Action action) {
  switch (action) {
    case Action::Accept: return "accept";
    case Action::Drop: return "drop";
    case Action::Reject: return "reject";
    case Action::Log: return "log";
    case Action::Portfw: return "portfw";
    case Action::Redirect: return "redirect";
    case Action::Snat: return "snat";
    case Action::Masq: return "masq";
    case Action::Dnat: return "dnat";
    case Action::Bounce: return "bounce";
    case Action::Chain: return "chain";
    case Action::Nfqueue: return "nfqueue";
    case Action::Nflog: return "nflog";
    case Action::Separator: return "separator";
  }
  return {};
}

std::string to_string(const Endpoint& endpoint) {
  switch (endpoint.kind) {
    case Endpoint::Kind::Any: return "any";
    case Endpoint::Kind::Firewall: return "firewall";
    case Endpoint::Kind::FirewallAny: return "firewall(any)";
    case Endpoint::Kind::Broadcast: return endpoint.name + "(broadcast)";
    case Endpoint::Kind::Zone:
    case Endpoint::Kind::Network:
    case Endpoint::Kind::Member: return endpoint.name;
  }
  return {};
}

std::string_view to_string(RejectType type) {
  switch (type) {
    case RejectType::NetUnreachable: return "icmp-net-unreachable";
    case RejectType::HostUnreachable: return "icmp-host-unreachable";
    case RejectType::ProtoUnreachable: return "icmp-proto-unreachable";
    case RejectType::PortUnreachable: return "icmp-port-unreachable";
    case RejectType::NetProhibited: return "icmp-net-prohibited";
    case RejectType::HostProhibited: return "icmp-host-prohibited";
    case RejectType::AdminProhibited: return "icmp-admin-prohibited";
    case RejectType::TcpReset: return "tcp-reset";
  }
  return {};
}

std::string summary(const Rule& rule) {
  if (rule.action.value == Action::Separator) return "separator";
  std::string text(to_string(rule.action.value));
  text += ' ';
  text += rule.service.value;
  text += " from ";
  text += to_string(rule.from.value);
  text += " to ";
  text += to_string(rule.to.value);
  return text;
}

}  // namespace vuurmuur::model
