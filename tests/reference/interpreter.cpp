// SPDX-License-Identifier: GPL-2.0-or-later
// The numbers in comments are the steps of doc/semantics.md section 1.
#include "reference/interpreter.h"

#include <algorithm>
#include <array>

#include "reference/endpoints.h"
#include "reference/objects.h"
#include "reference/services.h"

namespace vuurmuur::reference {
namespace {

constexpr std::uint32_t kDefaultBurst = 5;

Answer dropped(std::string why) {
  Answer answer;
  answer.why = std::move(why);
  return answer;
}

Answer dropped_by_protection(std::string why) {
  Answer answer = dropped(std::move(why));
  answer.by_protection = true;
  return answer;
}

Answer accepted(std::string why) {
  Answer answer;
  answer.verdict = Verdict::Accept;
  answer.why = std::move(why);
  return answer;
}

/// The addresses behind the words of "protect against spoofing from X": Vuurmuur's own for IPv4, their counterparts for
/// IPv6 where there are such (RFC 4193 for the private classes, RFC 3849 for the test network). Null for none.
struct SpoofRow {
  model::Spoof spoof;
  const char* ipv4;
  const char* ipv6;
};
constexpr std::array<SpoofRow, 11> kSpoofs{{{model::Spoof::Loopback, "127.0.0.0/8", "::1/128"},
                                            {model::Spoof::ClassA, "10.0.0.0/8", "fc00::/7"},
                                            {model::Spoof::ClassB, "172.16.0.0/12", "fc00::/7"},
                                            {model::Spoof::ClassC, "192.168.0.0/16", "fc00::/7"},
                                            {model::Spoof::ClassD, "224.0.0.0/4", "ff00::/8"},
                                            {model::Spoof::ClassE, "240.0.0.0/5", nullptr},
                                            {model::Spoof::TestNet, "192.0.2.0/24", "2001:db8::/32"},
                                            {model::Spoof::LinkLocal, "169.254.0.0/16", nullptr},
                                            {model::Spoof::Iana0, "0.0.0.0/8", nullptr},
                                            {model::Spoof::BroadcastSource, "0.0.0.0/32", nullptr},
                                            {model::Spoof::BroadcastDestination, "255.255.255.255/32", nullptr}}};

bool is_spoofed(model::Spoof spoof, const net::Address& address) {
  for (const SpoofRow& row : kSpoofs) {
    const char* prefix = address.family == net::Family::Ipv4 ? row.ipv4 : row.ipv6;
    if (row.spoof == spoof && prefix != nullptr && net::Prefix::parse(prefix)->contains(address)) return true;
  }
  return false;
}

bool is_network_device(const model::Policy& policy, const model::Network& network, const std::string& device) {
  for (const model::Interface* interface : interfaces_of(policy, network))
    if (stands_for(*interface, device)) return true;
  return false;
}

/// Whether an address cannot be behind a device because a network there is protected from it.
bool cannot_be_there(const model::Policy& policy, const std::string& device, const net::Address& address) {
  if (device.empty()) return false;
  for (const model::Network& network : policy.networks) {
    if (!is_active(policy, network) || !is_network_device(policy, network, device)) continue;
    for (const auto& spoof : network.spoof_protections)
      if (is_spoofed(spoof.value, address)) return true;
  }
  return false;
}

/// Flags that no TCP packet has (RFC 9293), as pairs of those looked at and those of them that are set.
bool has_impossible_flags(const Packet& packet) {
  constexpr std::uint8_t kFin = 1, kSyn = 2, kRst = 4, kPsh = 8, kAck = 16, kUrg = 32, kAll = 63;
  if (packet.protocol != net::Protocol::Tcp) return false;
  const std::uint8_t flags = packet.tcp_flags;
  const auto set = [&](unsigned looked_at, unsigned wanted) { return (flags & looked_at) == wanted; };
  return set(kAll, 0) || set(kSyn | kFin, kSyn | kFin) || set(kSyn | kRst, kSyn | kRst) ||
         set(kFin | kRst, kFin | kRst) || set(kAck | kFin, kFin) || set(kAck | kPsh, kPsh) || set(kAck | kUrg, kUrg);
}

bool opens_without_syn(const Packet& packet) {
  constexpr std::uint8_t kFinSynRstAck = 1 | 2 | 4 | 16, kSyn = 2;
  return packet.protocol == net::Protocol::Tcp && (packet.tcp_flags & kFinSynRstAck) != kSyn;
}

bool is_reset(const Packet& packet) {
  constexpr std::uint8_t kFin = 1, kSyn = 2, kRst = 4;
  return (packet.tcp_flags & (kFin | kSyn | kRst)) == kRst;
}

bool has_urgent_data(const Packet& packet) { return (packet.tcp_flags & 32) != 0; }

/// Neighbour discovery (133..137) and multicast listener messages (130..132, 143): RFC 4890 section 4.4.1.
bool is_neighbour_message(const Packet& packet) {
  if (packet.protocol != net::Protocol::Icmpv6) return false;
  return (packet.icmp_type >= 130 && packet.icmp_type <= 137) || packet.icmp_type == 143;
}

bool is_udp(const Packet& packet, std::uint16_t from, std::uint16_t to) {
  return packet.protocol == net::Protocol::Udp && packet.source_port == from && packet.destination_port == to;
}

/// DHCP's ports (RFC 2131 section 4.1, RFC 8415 section 7.2).
struct DhcpPorts {
  std::uint16_t server, client;
};

DhcpPorts dhcp_ports(const Packet& packet) {
  return packet.family() == net::Family::Ipv4 ? DhcpPorts{67, 68} : DhcpPorts{547, 546};
}

/// 1: DHCP that comes in by the interface of a network that asks for it, whatever its addresses.
bool passes_raw_as_dhcp(const model::Policy& policy, const Packet& packet) {
  const auto [server, client] = dhcp_ports(packet);
  for (const model::Network& network : policy.networks) {
    if (!is_active(policy, network) || !is_network_device(policy, network, packet.in_device)) continue;
    if (network.dhcp_client && is_udp(packet, server, client)) return true;
    if (network.dhcp_server && is_udp(packet, client, server)) return true;
  }
  return false;
}

bool is_everyone(const net::Address& address) { return address == net::Address::ipv4(0xffffffff); }
bool is_nobody(const net::Address& address) { return address == net::Address::ipv4(0); }

bool is_inside(const model::Network& network, const net::Address& address) {
  for (const auto& prefix : network.prefixes)
    if (prefix.value.family() == address.family && !prefix.value.is_any() && prefix.value.contains(address))
      return true;
  return false;
}

/// fe80::/10 (RFC 4291 section 2.5.6).
bool is_link_local(const net::Address& address) {
  return address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80;
}

/// What a DHCP server on this interface hears from its network and sends into it.
bool is_dhcp_of_server(const model::Network& network, const model::Interface& interface, const Packet& packet) {
  const auto [server, client] = dhcp_ports(packet);
  const bool in = !packet.in_device.empty();
  if (!(in ? is_udp(packet, client, server) : is_udp(packet, server, client))) return false;
  if (packet.family() == net::Family::Ipv6) return is_link_local(in ? packet.source : packet.destination);
  if (!in) return is_everyone(packet.destination) || is_inside(network, packet.destination);
  if (!is_nobody(packet.source) && !is_inside(network, packet.source)) return false;
  if (is_everyone(packet.destination)) return true;
  for (const auto& own : interface.addresses)
    if (own.value == packet.destination) return true;
  return false;
}

/// What this machine as a client of an interface with a dynamic address sends and hears.
bool is_dhcp_of_client(const model::Interface& interface, const Packet& packet) {
  const auto [server, client] = dhcp_ports(packet);
  const bool in = !packet.in_device.empty(), v4 = packet.family() == net::Family::Ipv4;
  if (!(v4 ? interface.dynamic_ipv4 : interface.dynamic_ipv6)) return false;
  if (!(in ? is_udp(packet, server, client) : is_udp(packet, client, server))) return false;
  return v4 || is_link_local(packet.source);
}

/// 10: DHCP of networks that ask for it, to and from the firewall.
bool is_wanted_dhcp(const model::Policy& policy, const Packet& packet) {
  if (chain_of(packet) == Chain::Forward) return false;
  const std::string& device = packet.in_device.empty() ? packet.out_device : packet.in_device;
  for (const model::Network& network : policy.networks) {
    if (!is_active(policy, network)) continue;
    for (const model::Interface* interface : interfaces_of(policy, network)) {
      if (!stands_for(*interface, device)) continue;
      if (network.dhcp_server && is_dhcp_of_server(network, *interface, packet)) return true;
      if (network.dhcp_client && is_dhcp_of_client(*interface, packet)) return true;
    }
  }
  return false;
}

/// Whether the way back to the source leaves by the interface that the packet came in by.
bool fails_reverse_path(const model::Policy& policy, const World& world, const Packet& packet) {
  for (const model::Interface& interface : policy.interfaces) {
    if (!interface.active || !interface.protections.rp_filter || !stands_for(interface, packet.in_device)) continue;
    if (world.device_towards(packet.source) != packet.in_device) return true;
  }
  return false;
}

bool is_blocked(const model::Policy& policy, const Packet& packet) {
  for (const net::Prefix& prefix : blocked(policy))
    if (prefix.family() == packet.family() && (prefix.contains(packet.source) || prefix.contains(packet.destination)))
      return true;
  return false;
}

/// Where an address translation leads the packet, and which way it then goes.
Packet after_translation(const World& world, Packet packet, const std::optional<NewDestination>& destination) {
  if (destination) {
    packet.destination = destination->address;
    if (!destination->ports.empty()) packet.destination_port = destination->ports.front().first;
  }
  if (!packet.in_device.empty())
    packet.out_device = world.is_local(packet.destination) ? "" : world.device_towards(packet.destination);
  return packet;
}

Record record_of(const model::Policy& policy, const model::Rule& rule) {
  return {policy.settings.log_group, rule.options.log_prefix ? rule.options.log_prefix->value : ""};
}

/// The verdict of a rule that takes a packet. Nothing when the rules go on behind it.
std::optional<Answer> verdict_of(const model::Rule& rule, const World& world) {
  Answer answer = accepted("rule " + std::to_string(rule.number));
  if (rule.options.nfmark) answer.packet_mark = rule.options.nfmark->value;
  if (answer.packet_mark) answer.memory.kind = Memory::Kind::Marked;
  switch (rule.action.value) {
    case model::Action::Accept:
    case model::Action::Portfw:
    case model::Action::Redirect:
    case model::Action::Bounce: return answer;
    case model::Action::Drop: return dropped(answer.why);
    case model::Action::Reject:
      answer = dropped(answer.why);
      answer.verdict = Verdict::Reject;
      if (rule.options.reject_type) answer.reject = rule.options.reject_type->value;
      return answer;
    case model::Action::Nfqueue:
      answer.verdict = Verdict::Queue;
      if (rule.options.queue) answer.queue = rule.options.queue->value;
      answer.bypass = rule.options.queue_bypass.has_value() && rule.options.queue_bypass->value;
      answer.fanout = rule.options.queue_fanout.has_value() && rule.options.queue_fanout->value;
      answer.drops_urgent = rule.options.queue_drop_urgent.has_value() && rule.options.queue_drop_urgent->value;
      answer.memory = {Memory::Kind::Queued, answer.queue.first};
      return answer;
    case model::Action::Nflog: {
      const std::uint16_t group = rule.options.log_group ? rule.options.log_group->value : 0;
      answer.memory = {Memory::Kind::Logged, group};
      answer.records.push_back({group, ""});
      return answer;
    }
    case model::Action::Chain: {
      const auto chain = world.chains.find(rule.options.chain->value);
      if (chain == world.chains.end() || !chain->second) return std::nullopt;
      answer = dropped(answer.why);
      answer.verdict = *chain->second;
      return answer;
    }
    default: return std::nullopt;
  }
}

/// The helper of the port set that takes the packet.
std::string helper_of(const model::Policy& policy, const model::Rule& rule) {
  const model::Service* service = find_service(policy, rule.service.value);
  return service == nullptr ? "" : service->helper.value;
}

}  // namespace

std::optional<Answer> Interpreter::before_connections(const Packet& packet) const {  // 1
  if (packet.in_device.empty() || passes_raw_as_dhcp(policy_, packet)) return std::nullopt;
  if (cannot_be_there(policy_, packet.in_device, packet.source)) return dropped_by_protection("anti-spoofing");
  if (fails_reverse_path(policy_, world_, packet)) return dropped_by_protection("rp-filter");
  return std::nullopt;
}

std::optional<Answer> Interpreter::before_rules(const Packet& packet, State state) const {
  if (packet.in_device == "lo" || packet.out_device == "lo") return accepted("loopback");  // 5
  if (has_impossible_flags(packet)) return dropped_by_protection("impossible TCP flags");  // 6
  if (state == State::New && opens_without_syn(packet)) return dropped_by_protection("no SYN");
  if (state == State::Invalid && policy_.settings.drop_invalid) return dropped_by_protection("invalid");
  if (chain_of(packet) != Chain::Forward && is_neighbour_message(packet)) return accepted("neighbour discovery");  // 7
  if (is_blocked(policy_, packet)) return dropped_by_protection("blocklist");                                      // 8
  if (cannot_be_there(policy_, packet.out_device, packet.destination))
    return dropped_by_protection("anti-spoofing, leaving");      // 9
  if (is_wanted_dhcp(policy_, packet)) return accepted("DHCP");  // 10
  return std::nullopt;
}

bool Interpreter::rule_takes(const model::Rule& rule, const Packet& packet) const {
  const Reading reading{policy_, world_, rule};
  const model::Action action = rule.action.value;
  if (action == model::Action::Snat || action == model::Action::Masq || action == model::Action::Dnat) return false;
  if (action == model::Action::Redirect) {
    return chain_of(packet) == Chain::Input && from_matches(reading, packet) && arrives_redirected(reading, packet) &&
           service_matches(policy_, rule, packet, {net::PortRange::one(rule.options.redirect_port->value)});
  }
  if (answers_broadcast(reading, packet) && service_matches_answer(policy_, rule, packet)) return true;
  if (!lands_in(rule, chain_of(packet))) return false;
  // portfw and bounce are for traffic that comes in: what the firewall itself sends they leave to other rules.
  const bool forwards = action == model::Action::Portfw || action == model::Action::Bounce;
  if (forwards && chain_of(packet) != Chain::Forward) return false;
  if (!from_matches(reading, packet) || !to_matches(reading, packet)) return false;
  if (!forwards) return service_matches(policy_, rule, packet);
  const auto remote = ports_of(rule.options.remote_ports);
  return service_matches(policy_, rule, packet, remote.empty() ? ports_of(rule.options.listen_ports) : remote);
}

bool Interpreter::over_limit(const model::Rule& rule, net::Family family) {
  if (!rule.options.limit || rule.options.limit->value.count == 0) return false;
  const std::uint32_t burst = rule.options.burst ? rule.options.burst->value : kDefaultBurst;
  std::uint32_t& taken = taken_[{rule.number, family}];
  if (taken >= burst) return true;
  ++taken;
  return false;
}

Answer Interpreter::ask_rules(const Packet& packet) {  // 12
  std::vector<Record> records;
  for (const model::Rule& rule : policy_.rules) {
    if (!is_in_force(policy_, rule) || !rule_takes(rule, packet) || over_limit(rule, packet.family())) continue;
    if (rule.options.log || rule.action.value == model::Action::Log) records.push_back(record_of(policy_, rule));
    auto answer = verdict_of(rule, world_);
    if (!answer) continue;
    answer->records.insert(answer->records.begin(), records.begin(), records.end());
    if (answer->verdict == Verdict::Accept || answer->verdict == Verdict::Queue)
      answer->helper = helper_of(policy_, rule);
    return *answer;
  }
  Answer answer = dropped("no rule");  // 13
  answer.records = records;
  return answer;
}

Answer Interpreter::first(Packet packet, State state) {
  if (auto answer = before_connections(packet)) return *answer;
  std::optional<NewDestination> destination;
  if (state == State::New && !packet.in_device.empty()) destination = new_destination(policy_, world_, packet);
  packet = after_translation(world_, packet, destination);
  auto early = before_rules(packet, state);
  Answer answer = early ? *early : state == State::New ? ask_rules(packet) : dropped("no state NEW");
  answer.destination = destination;
  answer.out_device = packet.out_device;
  if (state == State::New && !packet.out_device.empty()) answer.source = new_source(policy_, world_, packet);
  return answer;
}

Answer Interpreter::later(const Packet& packet, const Answer& began) const {
  if (auto answer = before_connections(packet)) return *answer;
  Answer answer = accepted("connection of " + began.why);  // 3
  answer.memory = began.memory;
  if (began.memory.kind == Memory::Kind::Plain) return answer;
  if (began.memory.kind == Memory::Kind::Queued && packet.protocol == net::Protocol::Tcp) {
    if (chain_of(packet) == Chain::Output && is_reset(packet)) return answer;
    if (began.drops_urgent && has_urgent_data(packet)) return dropped("urgent data in a queue");
  }
  answer.packet_mark = began.packet_mark;  // 4
  if (began.memory.kind == Memory::Kind::Logged) answer.records.push_back({began.memory.number, ""});
  if (began.memory.kind == Memory::Kind::Queued) {
    answer.verdict = Verdict::Queue;
    answer.queue = began.queue;
    answer.bypass = began.bypass;
    answer.fanout = began.fanout;
  }
  return answer;
}

}  // namespace vuurmuur::reference
