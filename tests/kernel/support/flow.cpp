// SPDX-License-Identifier: GPL-2.0-or-later
#include "support/flow.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "ir/marks.h"
#include "lab/run.h"
#include "support/engine.h"

namespace vuurmuur::kernel_test {
namespace {

using reference::Answer;
using reference::Verdict;

/// Group to which a foreign rule in table mangle reports what leaves, to see the packet mark.
constexpr std::uint16_t kMarkWatch = 900;
/// Ports that probes use: the kernel's own reset would end a connection before it could be looked at.
constexpr std::uint16_t kTcpPorts[] = {21, 22, 53, 80, 443, 2222, 3128, 8005, 8080, 8443, 9000, 9001};
constexpr std::uint8_t kSyn = 2, kRst = 4, kAck = 16;

bool is_icmp(net::Protocol protocol) { return protocol == net::Protocol::Icmp || protocol == net::Protocol::Icmpv6; }

bool is_icmp_error(const lab::Packet& packet) {
  if (packet.protocol == net::Protocol::Icmp) return packet.icmp_type == 3;
  return packet.protocol == net::Protocol::Icmpv6 && packet.icmp_type == 1;
}

bool is_echo_request(const lab::Packet& packet) {
  return (packet.protocol == net::Protocol::Icmp && packet.icmp_type == 8) ||
         (packet.protocol == net::Protocol::Icmpv6 && packet.icmp_type == 128);
}

/// Whether one is the other on its way, whatever was translated: each probe has a payload or sequence number of its
/// own.
bool is_same(const lab::Packet& sent, const lab::Packet& seen) {
  if (sent.protocol != seen.protocol) return false;
  if (sent.protocol == net::Protocol::Tcp) return sent.sequence == seen.sequence && sent.tcp_flags == seen.tcp_flags;
  if (is_icmp_error(sent)) return is_icmp_error(seen);
  if (is_icmp(sent.protocol) && sent.icmp_type != seen.icmp_type) return false;
  return sent.payload == seen.payload;
}

bool is_refusal_of(const lab::Packet& sent, const lab::Packet& seen) {
  if (seen.destination != sent.source) return false;
  if (seen.protocol == net::Protocol::Tcp && sent.protocol == net::Protocol::Tcp)
    return (seen.tcp_flags & kRst) != 0 && seen.destination_port == sent.source_port;
  return is_icmp_error(seen) && !is_icmp_error(sent);
}

/// The code of an IPv4 destination unreachable message (RFC 792, RFC 1812).
std::optional<std::uint8_t> icmp_code(model::RejectType type) {
  using enum model::RejectType;
  switch (type) {
    case NetUnreachable: return 0;
    case HostUnreachable: return 1;
    case ProtoUnreachable: return 2;
    case PortUnreachable: return 3;
    case NetProhibited: return 9;
    case HostProhibited: return 10;
    case AdminProhibited: return 13;
    case TcpReset: return std::nullopt;
  }
  return std::nullopt;
}

std::string name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::Accept: return "accept";
    case Verdict::Drop: return "drop";
    case Verdict::Reject: return "reject";
    case Verdict::Queue: return "queue";
  }
  return "?";
}

std::string text_of(const Answer& answer) {
  std::string text = name_of(answer.verdict);
  if (answer.verdict == Verdict::Queue) text += fmt::format(" {}:{}", answer.queue.first, answer.queue.last);
  if (answer.destination) text += " to " + answer.destination->address.to_string();
  if (answer.source) text += " as from " + answer.source->to_string();
  if (answer.packet_mark)
    text += fmt::format(" packet mark {:#x}/{:#x}", answer.packet_mark->value, answer.packet_mark->mask);
  for (const reference::Record& record : answer.records)
    text += fmt::format(" record({} '{}')", record.group, record.prefix);
  return text + " (" + answer.why + ") out " + answer.out_device;
}

bool lets_through(Verdict verdict) { return verdict == Verdict::Accept || verdict == Verdict::Queue; }

/// A multicast or broadcast destination has nobody who answers as it.
bool is_one_machine(const lab::Packet& packet, const reference::World& world) {
  if (!world.is_local(packet.destination)) return true;
  for (const auto& [device, addresses] : world.devices)
    for (const net::Prefix& own : addresses)
      if (own.address == packet.destination) return true;
  return false;
}

lab::Packet answer_to(const lab::Packet& first) {
  lab::Packet reply = first.reversed();
  reply.payload = first.payload;
  reply.payload.push_back('r');
  if (first.protocol != net::Protocol::Tcp) return reply;
  reply.payload.clear();
  reply.tcp_flags = kSyn | kAck;
  reply.sequence = first.sequence ^ 0x5a5a5a5a;
  reply.acknowledgement = first.sequence + 1;
  return reply;
}

lab::Packet continued(const lab::Packet& first) {
  lab::Packet more = first;
  more.payload.push_back('m');
  if (first.protocol != net::Protocol::Tcp) return more;
  more.payload.clear();
  more.tcp_flags = kAck;
  more.acknowledgement = (first.sequence ^ 0x5a5a5a5a) + 1;
  more.sequence = first.sequence + 1;
  return more;
}

}  // namespace

std::string Probe::to_string() const {
  const char* states[] = {"new", "invalid", "untracked"};
  return fmt::format("{} {} by {}{}", states[static_cast<int>(state)], packet.to_string(),
                     in_device.empty() ? "the firewall" : in_device,
                     from == lab::Wire::kHostMac ? "" : " from " + from.to_string());
}

reference::Packet for_reference(const Probe& probe, const reference::World& world) {
  reference::Packet packet;
  packet.in_device = probe.in_device;
  if (probe.in_device.empty()) packet.out_device = world.device_towards(probe.packet.destination);
  packet.source = probe.packet.source;
  packet.destination = probe.packet.destination;
  packet.protocol = probe.packet.protocol;
  packet.source_port = probe.packet.source_port;
  packet.destination_port = probe.packet.destination_port;
  packet.tcp_flags = probe.packet.tcp_flags;
  packet.icmp_type = probe.packet.icmp_type;
  packet.icmp_code = probe.packet.icmp_code;
  if (!probe.in_device.empty()) packet.source_mac = probe.from;
  return packet;
}

std::uint32_t connection_field(const reference::Answer& answer, const ir::MarkLayout& layout) {
  ir::MarkField field{static_cast<ir::MarkKind>(answer.memory.kind), answer.memory.number};
  if (field.kind == ir::MarkKind::Marked)
    field.number = ir::packet_mark_number(answer.packet_mark->value, answer.packet_mark->mask);
  return layout.encode(field);
}

std::string Outcome::to_string() const {
  std::string text = name_of(verdict);
  if (queue) text += fmt::format(" {}", *queue);
  if (lets_through(verdict)) text += " out " + out_device + " as " + packet.to_string();
  if (packet_mark != 0) text += fmt::format(" packet mark {:#x}", packet_mark);
  for (const lab::LogRecord& record : records) text += fmt::format(" record({} '{}')", record.group, record.prefix);
  return text;
}

Matrix::Matrix() : world_(gateway_world()) {
  const lab::Inside there(gateway_.firewall());
  const std::string text = fmt::format(
      "*mangle\n-A POSTROUTING -j NFLOG --nflog-group {}\nCOMMIT\n"
      "*filter\n:my-empty -\n:my-accept -\n:my-drop -\n-A my-accept -j ACCEPT\n-A my-drop -j DROP\nCOMMIT\n",
      kMarkWatch);
  lab::run_ok({"iptables-legacy-restore"}, text);
  lab::run_ok({"ip6tables-legacy-restore"}, text);
  if (engine_under_test() == apply::Backend::Nft)
    for (const char* family : {"ip", "ip6"})
      lab::run_ok({"nft", "-f", "-"}, fmt::format("table {} vuurmuur {{ chain filter_my-accept {{ accept; }}; chain "
                                                  "filter_my-drop {{ drop; }}; }}\n",
                                                  family));
  gateway_.logs.bind(kMarkWatch);
  for (const std::uint16_t port : kTcpPorts) gateway_.stack.swallow(port);
  for (std::uint16_t group = kLogGroup; group <= kLastLogGroup; ++group) gateway_.logs.bind(group);
  for (const std::uint16_t queue : kQueues) gateway_.queues.bind(queue);
  for (std::uint16_t queue = kFirstOfRange; queue <= kLastOfRange; ++queue) gateway_.queues.bind(queue);
}

void Matrix::use(const Policy& policy) {
  {
    const lab::Inside there(gateway_.firewall());
    for (const auto& [device, addresses] : world_.devices)
      lab::write_setting("net/ipv4/conf/" + device + "/rp_filter", "0");
  }
  load(gateway_, policy);
  policy_ = &policy;
  reference_.emplace(policy.model(), world_);
}

Outcome Matrix::send(const Probe& probe) {
  if (probe.in_device.empty())
    // A bound socket's device also routes the reset of a REJECT: only broadcasts, which have no answer, need one.
    gateway_.stack.send(probe.packet,
                        is_one_machine(probe.packet, world_) ? "" : world_.device_towards(probe.packet.destination));
  else
    gateway_.wire.send(probe.in_device, probe.packet, probe.from);
  return watch(probe.packet);
}

Outcome Matrix::watch(const lab::Packet& sent) {
  Outcome outcome;
  std::vector<lab::Seen> seen = gateway_.wire.settle();
  for (auto waiting = gateway_.queues.pending(); !waiting.empty(); waiting = gateway_.queues.pending()) {
    for (const lab::Queued& queued : waiting) {
      if (!outcome.queue && is_same(sent, queued.packet)) {
        outcome.verdict = Verdict::Queue;
        outcome.queue = queued.queue;
        outcome.packet_mark = queued.mark;
      }
      gateway_.queues.accept(queued);
    }
    const auto more = gateway_.wire.settle();
    seen.insert(seen.end(), more.begin(), more.end());
  }
  bool arrived = false, refused = false;
  for (const lab::Seen& frame : seen) {
    if (is_same(sent, frame.packet)) {
      arrived = true;
      outcome.out_device = frame.device;
      outcome.packet = frame.packet;
    } else if (!arrived && is_refusal_of(sent, frame.packet)) {
      refused = true;
      outcome.packet = frame.packet;
    }
  }
  for (const lab::Packet& packet : gateway_.stack.received()) {
    if (is_same(sent, packet)) {
      arrived = true;
      outcome.packet = packet;
    } else if (!arrived && is_refusal_of(sent, packet)) {
      refused = true;
      outcome.packet = packet;
    }
  }
  if (arrived && !outcome.queue) outcome.verdict = Verdict::Accept;
  if (!arrived && refused && !outcome.queue) outcome.verdict = Verdict::Reject;
  if (!arrived && outcome.queue) outcome.out_device = "nowhere";
  for (lab::LogRecord& record : gateway_.logs.records()) {
    if (!is_same(sent, record.packet)) continue;
    if (record.group == kMarkWatch)
      outcome.packet_mark = record.mark;
    else
      outcome.records.push_back(std::move(record));
  }
  return outcome;
}

void Matrix::compare(const std::string& what, const Answer& expected, const Outcome& seen,
                     std::vector<std::string>& out) {
  ++compared_;
  std::vector<std::string> wrong;
  const auto check = [&](bool right, const char* part) {
    if (!right) wrong.emplace_back(part);
  };
  check(expected.verdict == seen.verdict, "verdict");
  if (expected.verdict == Verdict::Queue && seen.queue)
    check(expected.queue.first <= *seen.queue && *seen.queue <= expected.queue.last, "queue");
  if (expected.verdict == seen.verdict && lets_through(seen.verdict)) {
    check(expected.out_device == seen.out_device, "way out");
    const std::uint32_t mark = expected.packet_mark ? expected.packet_mark->value : 0;
    // What is delivered here has left table mangle behind when it is marked: only a queue shows the mark then.
    if (!seen.out_device.empty() || seen.queue) check(seen.packet_mark == mark, "packet mark");
  }
  if (expected.verdict == Verdict::Reject && seen.verdict == Verdict::Reject) {
    const bool reset = seen.packet.protocol == net::Protocol::Tcp;
    if (expected.reject != model::RejectType::TcpReset) check(!reset, "kind of refusal");
    if (seen.packet.protocol == net::Protocol::Icmp)
      check(seen.packet.icmp_code == icmp_code(expected.reject).value_or(3), "kind of refusal");
  }
  bool same_records = expected.records.size() == seen.records.size();
  for (std::size_t i = 0; same_records && i < seen.records.size(); ++i)
    same_records = expected.records[i].group == seen.records[i].group &&
                   seen.records[i].prefix.find(expected.records[i].prefix) != std::string::npos;
  if (!expected.by_protection) check(same_records, "records");
  if (wrong.empty()) return;
  out.push_back(fmt::format("{}\n    differs in {}\n    expected {}\n    seen     {}", what, fmt::join(wrong, ", "),
                            text_of(expected), seen.to_string()));
}

void Matrix::compare_memory(const Probe& probe, const Answer& expected, std::vector<std::string>& out) {
  const auto connection = gateway_.conntrack.find(probe.packet);
  const bool wanted = lets_through(expected.verdict) && probe.state == reference::State::New;
  if (connection.has_value() != wanted) {
    out.push_back(fmt::format("{}\n    the connection is {}, expected {}", probe.to_string(),
                              connection ? "there" : "not there", text_of(expected)));
    return;
  }
  if (!connection) return;
  const std::uint32_t mark = connection_field(expected, policy_->layout());
  if (connection->mark != mark)
    out.push_back(fmt::format("{}\n    connection mark {:#x}, expected {:#x} for {}", probe.to_string(),
                              connection->mark, mark, text_of(expected)));
  const net::Address server = expected.destination ? expected.destination->address : probe.packet.destination;
  const net::Address client = expected.source.value_or(probe.packet.source);
  if (connection->reply.source != server || connection->reply.destination != client)
    out.push_back(fmt::format("{}\n    answers come from {} to {}, expected from {} to {} for {}", probe.to_string(),
                              connection->reply.source.to_string(), connection->reply.destination.to_string(),
                              server.to_string(), client.to_string(), text_of(expected)));
  if (expected.destination && !expected.destination->ports.empty() && net::has_ports(probe.packet.protocol)) {
    const auto& ports = expected.destination->ports;
    if (std::none_of(ports.begin(), ports.end(),
                     [&](net::PortRange range) { return range.contains(connection->reply.source_port); }))
      out.push_back(fmt::format("{}\n    went to port {}", probe.to_string(), connection->reply.source_port));
  }
}

void Matrix::follow(const Probe& probe, const Answer& began, const Outcome& first, std::vector<std::string>& out) {
  const net::Protocol protocol = probe.packet.protocol;
  const bool stays = first.out_device.empty();
  // Where answers go: to the source's own network, also when it wrote to us from elsewhere.
  const std::string home = world_.is_local(probe.packet.source) ? "" : world_.device_towards(probe.packet.source);
  if (!is_one_machine(probe.packet, world_) || (is_icmp(protocol) && !is_echo_request(probe.packet))) return;
  if (stays && is_icmp(protocol)) return;  // the machine has answered by itself

  const auto next = [&](const char* what, const Probe& later, const std::string& out_device) {
    Answer expected = reference_->later(for_reference(later, world_), began);
    expected.out_device = out_device;
    const Outcome seen = send(later);
    compare(fmt::format("{} of {}", what, probe.to_string()), expected, seen, out);
    // The address pair and the protocol choose among balanced queues, so an ICMP error may go to another one.
    const bool by_cpu = began.fanout || (is_icmp_error(later.packet) && began.queue.first != began.queue.last);
    if (first.queue && seen.queue && first.queue != seen.queue && !by_cpu)
      out.push_back(fmt::format("{} of {}\n    in queue {}, its connection in {}", what, probe.to_string(), *seen.queue,
                                *first.queue));
    if (lets_through(seen.verdict) && later.packet.destination != probe.packet.destination &&
        seen.packet.destination != probe.packet.source)
      out.push_back(fmt::format("{} of {}\n    arrived as {}", what, probe.to_string(), seen.packet.to_string()));
  };
  Probe back;
  back.in_device = first.out_device;
  back.packet = answer_to(first.packet);
  next("answer", back, home);
  Probe more = probe;
  more.packet = continued(probe.packet);
  next("further packet", more, first.out_device);
  if (stays) return;
  Probe error;
  error.in_device = first.out_device;
  error.packet = lab::port_unreachable(first.packet, first.packet.destination);
  next("ICMP error", error, home);
}

std::vector<std::string> Matrix::differences(const Probe& probe) {
  std::vector<std::string> out;
  Answer expected = reference_->first(for_reference(probe, world_), probe.state);
  // Nobody is refused who wrote to everybody (RFC 1122 section 3.2.2).
  if (expected.verdict == Verdict::Reject && !is_one_machine(probe.packet, world_)) expected.verdict = Verdict::Drop;
  Outcome seen = send(probe);
  // A broadcast that this machine sends comes back to it and is looked at once more.
  if (probe.in_device.empty() && !is_one_machine(probe.packet, world_)) {
    seen.records.clear();
    expected.records.clear();
  }
  compare(probe.to_string(), expected, seen, out);
  compare_memory(probe, expected, out);
  if (out.empty() && lets_through(expected.verdict) && probe.state == reference::State::New)
    follow(probe, expected, seen, out);
  gateway_.conntrack.remove(probe.packet);
  return out;
}

}  // namespace vuurmuur::kernel_test
