// SPDX-License-Identifier: GPL-2.0-or-later
#include "ruleset_walk.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/overloaded.h"

namespace vuurmuur::test {
namespace {

bool meets(const std::string& condition, const std::string& interface) {
  if (condition.empty()) return true;
  if (condition.ends_with('+')) return interface.starts_with(condition.substr(0, condition.size() - 1));
  return condition == interface;
}

/// What a bucket of that name says to a packet.
bool has_luck(const std::string& bucket, std::uint32_t luck) {
  return (std::hash<std::string>{}(bucket) ^ luck * 0x9e3779b1u) % 3 != 0;
}

std::string target_text(const ir::Table& table, const ir::Target& target) {
  if (const auto* next = std::get_if<ir::JumpTarget>(&target)) return "jump " + table.chain(next->chain).name;
  if (const auto* next = std::get_if<ir::GotoTarget>(&target)) return "goto " + table.chain(next->chain).name;
  if (const auto* log = std::get_if<ir::NflogTarget>(&target)) return "log " + log->prefix;
  if (const auto* mark = std::get_if<ir::ConnmarkTarget>(&target)) return fmt::format("connmark {}", mark->value);
  if (const auto* queue = std::get_if<ir::NfqueueTarget>(&target)) return fmt::format("queue {}", queue->first);
  return fmt::format("target {}", target.index());
}

bool goes_on(const ir::Target& target) {
  return std::holds_alternative<ir::NflogTarget>(target) || std::holds_alternative<ir::ConnmarkTarget>(target) ||
         std::holds_alternative<ir::MarkTarget>(target) || std::holds_alternative<ir::CtHelperTarget>(target) ||
         std::holds_alternative<ir::TcpmssTarget>(target);
}

}  // namespace

Walker::Walker(const ir::Ruleset& ruleset, const ir::Table& table, std::size_t known_origins)
    : ruleset_(ruleset), table_(table), known_origins_(known_origins) {
  for (const ir::Set& set : ruleset.sets) sets_[set.name] = &set;
}

Walk Walker::run(std::string_view chain, const Packet& packet) const {
  Walk walk;
  follow(*table_.find(chain), packet, walk);
  return walk;
}

bool Walker::matches(const ir::Match& match, const ir::Rule& rule, const Packet& packet, Walk& walk,
                     ir::OriginId& counted) const {
  return std::visit(
      base::Overloaded{
          [&](const ir::TcpMatch& tcp) {
            return !packet.is_fragment && tcp.source.contains(packet.source_port) &&
                   tcp.destination.contains(packet.destination_port) &&
                   ((packet.tcp_flags & tcp.flags.mask) == tcp.flags.wanted) != tcp.flags_inverted;
          },
          [&](const ir::UdpMatch& udp) {
            return !packet.is_fragment && udp.source.contains(packet.source_port) &&
                   udp.destination.contains(packet.destination_port);
          },
          [&](const ir::IcmpMatch& icmp) { return !packet.is_fragment && icmp.type == packet.icmp_type; },
          [&](const ir::ConntrackMatch& conntrack) { return (conntrack.states & packet.state) != 0; },
          [&](const ir::ConnmarkMatch& mark) { return ((packet.connmark & mark.mask) == mark.value) != mark.inverted; },
          [&](const ir::MarkMatch& mark) { return mark.value == 0; },
          [&](const ir::ClusterMatch& share) {
            return packet.luck % share.total >= share.first && packet.luck % share.total <= share.last;
          },
          [&](const ir::LimitMatch& limit) {
            const std::string bucket = fmt::format("{} {}/{}", static_cast<unsigned>(rule.origin), limit.count,
                                                   static_cast<unsigned>(limit.unit));
            walk.events.push_back("asks limit " + bucket);
            return has_luck(bucket, packet.luck);
          },
          [&](const ir::HashlimitMatch& limit) {
            walk.events.push_back("asks hashlimit " + limit.name);
            return has_luck(limit.name, packet.luck);
          },
          [&](const ir::MacMatch& mac) { return mac.source == packet.mac; },
          [&](const ir::RpfilterMatch&) { return packet.luck % 2 == 0; },
          [&](const ir::FragmentHeaderMatch&) { return packet.is_fragment; },
          [&](const ir::AddrtypeMatch& type) {
            const net::Address& address =
                type.side == ir::AddrtypeMatch::Side::Source ? packet.source : packet.destination;
            return address.bytes[15] % 2 == 0 && address.bytes[3] % 2 == 0;
          },
          [&](const ir::SetMatch& match_set) {
            const ir::Set& set = *sets_.at(match_set.set);
            for (const ir::SetElement& element : set.elements) {
              if (element.source && !element.source->contains(packet.source)) continue;
              if (element.destination && !element.destination->contains(packet.destination)) continue;
              if (element.port && (packet.is_fragment || element.port->protocol != packet.protocol ||
                                   element.port->port != packet.destination_port))
                continue;
              if (set.is_counted) counted = element.origin;
              return !match_set.inverted;
            }
            return match_set.inverted;
          },
      },
      match);
}

bool Walker::matches(const ir::Rule& rule, const Packet& packet, Walk& walk, ir::OriginId& counted) const {
  if (!meets(rule.in_interface, packet.in) || !meets(rule.out_interface, packet.out)) return false;
  if (rule.source && !rule.source->contains(packet.source)) return false;
  if (rule.destination && !rule.destination->contains(packet.destination)) return false;
  if (rule.protocol && *rule.protocol != packet.protocol) return false;
  if (rule.fragment && !packet.is_fragment) return false;
  counted = rule.origin;
  for (const ir::Match& match : rule.matches)
    if (!matches(match, rule, packet, walk, counted)) return false;
  return true;
}

Walker::End Walker::follow(ir::ChainId chain, const Packet& packet, Walk& walk) const {
  for (const ir::Rule& rule : table_.chain(chain).rules) {
    ++walk.asked;
    ir::OriginId counted{};
    if (!matches(rule, packet, walk, counted)) continue;
    const std::string target = target_text(table_, rule.target);
    if (static_cast<std::size_t>(counted) < known_origins_)
      walk.events.push_back(fmt::format("{}: {}", static_cast<unsigned>(counted), target));
    if (const auto* next = std::get_if<ir::JumpTarget>(&rule.target)) {
      if (follow(next->chain, packet, walk) == End::Verdict) return End::Verdict;
    } else if (const auto* go = std::get_if<ir::GotoTarget>(&rule.target)) {
      return follow(go->chain, packet, walk);
    } else if (!goes_on(rule.target)) {
      walk.verdict = target;
      return End::Verdict;
    }
  }
  return End::Fell;
}

std::string describe(const Packet& packet, const Walk& before, const Walk& after) {
  return fmt::format("packet in {} out {} {} -> {} protocol {} ports {} {}{}\nbefore: {}; {}\nafter:  {}; {}",
                     packet.in, packet.out, packet.source.to_string(), packet.destination.to_string(),
                     static_cast<unsigned>(packet.protocol), packet.source_port, packet.destination_port,
                     packet.is_fragment ? " fragment" : "", fmt::join(before.events, ", "), before.verdict,
                     fmt::join(after.events, ", "), after.verdict);
}

}  // namespace vuurmuur::test
