// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/published_ports.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <variant>

#include "apply/apply.h"
#include "apply/foreign_rules.h"
#include "apply/kernel_table.h"
#include "base/strings.h"
#include "saved/condition.h"
#include "saved/target.h"
#include "saved/walk.h"

namespace vuurmuur::doctor {
namespace {

constexpr std::uint8_t kTcp = 6, kUdp = 17;

/// A port that packets are translated from, by a rule of somebody else.
struct Published {
  std::uint8_t protocol = kTcp;
  std::uint16_t port = 0;
  std::optional<net::Address> at;  ///< the address it is published on; nothing: all of this machine
  net::Address to;
  std::uint16_t to_port = 0;
  std::string program;                 ///< "docker"; empty when names tell none
  std::string bridge;                  ///< the device towards `to`; empty when rules tell none
  std::vector<std::string> not_from;   ///< devices whose packets are not translated
  std::vector<std::string> only_from;  ///< and those whose packets alone are, when there are any

  auto key() const { return std::tuple(protocol, port, at, to, to_port); }
};

/// From where a port is tried.
struct Outside {
  const sema::Network* network = nullptr;
  std::string device;
  net::Address source, destination;
};

/// An address of a prefix that is likely nobody's in particular.
net::Address some_address(const net::Prefix& prefix) {
  if (prefix.is_any())
    return *net::Address::parse(prefix.family() == net::Family::Ipv4 ? "9.10.11.12" : "2a00:1234::77");
  net::Address address = prefix.network().address;
  const std::size_t last = prefix.family() == net::Family::Ipv4 ? 3 : 15;
  if (net::address_bits(prefix.family()) - prefix.length >= 2) address.bytes[last] |= 2;
  return address;
}

std::vector<Outside> outsides(const sema::Policy& policy, net::Family family) {
  std::vector<Outside> all;
  const net::Address unknown = *net::Address::parse(family == net::Family::Ipv4 ? "192.0.2.1" : "2001:db8::1");
  for (const sema::Network& network : policy.networks) {
    const auto prefix = std::ranges::find(network.prefixes, family, &net::Prefix::family);
    if (prefix == network.prefixes.end()) continue;
    for (const sema::InterfaceId id : network.interfaces) {
      const sema::Interface& interface = policy.interface(id);
      std::string device = interface.device;
      if (interface.is_wildcard()) device.back() = '0';
      const auto own = std::ranges::find(interface.addresses, family, &net::Address::family);
      all.push_back({.network = &network,
                     .device = std::move(device),
                     .source = some_address(*prefix),
                     .destination = own == interface.addresses.end() ? unknown : *own});
    }
  }
  return all;
}

/// Whether a condition on the connection of a packet that came to a port holds, as far as the port tells.
std::optional<bool> holds_of(std::string_view condition, std::uint16_t port) {
  const auto words = base::split(condition, ' ');
  if (words.front() != "conntrack" || words.size() % 2 == 0) return std::nullopt;
  bool all = true;
  for (std::size_t i = 1; i < words.size(); i += 2) {
    if (words[i] == "--ctdir")
      all &= words[i + 1] == "ORIGINAL";
    else if (words[i] == "--ctorigdstport")
      all &= base::parse_number<std::uint16_t>(words[i + 1]) == port;
    else
      return std::nullopt;
  }
  return all;
}

/// What the list of rules prints of matches that this program does not write, "-m recent [rev 1]", as words that can be
/// read: a condition that is not known.
std::string readable(std::string text) {
  constexpr std::string_view kBegin = "[rev ";
  for (std::size_t at = text.find(kBegin); at != std::string::npos; at = text.find(kBegin, at)) {
    const std::size_t end = text.find(']', at);
    if (end != std::string::npos) text.erase(end, 1);
    text.replace(at, kBegin.size(), "--rev ");
  }
  return text;
}

class Search {
 public:
  Search(const saved::Ruleset& ruleset, const sema::Policy& policy, const ServiceNames& services)
      : ruleset_(ruleset), policy_(policy), services_(services), family_(ruleset.family()) {}

  std::vector<Finding> run() {
    collect();
    const auto from = outsides(policy_, family_);
    for (const Published& port : ports_) tell(port, from);
    return std::move(findings_);
  }

 private:
  void collect() {
    const saved::Table* nat = ruleset_.find("nat");
    if (nat == nullptr) return;
    for (const saved::Chain& chain : nat->chains) {
      if (apply::is_own_chain(chain.name)) continue;
      for (const saved::Rule& rule : chain.rules) read(*nat, chain, rule);
    }
  }

  void read(const saved::Table& table, const saved::Chain& chain, const saved::Rule& rule) {
    const saved::Target target = saved::target_of(rule, table, ignored_);
    const auto* nat = std::get_if<saved::NatTarget>(&target);
    if (nat == nullptr || !nat->is_destination || nat->is_to_itself || !nat->first) return;
    Published found{.to = *nat->first, .program = std::string(apply::program_of(chain.name))};
    std::vector<net::PortRange> ranges;
    for (const saved::Condition& condition : saved::conditions_of(rule, family_, ignored_)) {
      if (const auto* protocol = std::get_if<saved::ProtocolCondition>(&condition.what))
        found.protocol = protocol->protocol;
      if (const auto* ports = std::get_if<saved::PortCondition>(&condition.what))
        if (ports->which == saved::PortCondition::Which::Destination && !condition.is_inverted) ranges = ports->ranges;
      if (const auto* address = std::get_if<saved::AddressCondition>(&condition.what))
        if (address->is_destination && !condition.is_inverted && address->first == address->last)
          found.at = address->first;
      if (const auto* device = std::get_if<saved::DeviceCondition>(&condition.what); device && !device->is_out)
        (condition.is_inverted ? found.not_from : found.only_from).push_back(device->name);
    }
    if (found.protocol != kTcp && found.protocol != kUdp) return;
    found.bridge = bridge_to(found.to);
    if (found.bridge.empty() && found.not_from.size() == 1) found.bridge = found.not_from.front();
    for (const net::PortRange& range : ranges) {
      found.port = range.first;
      found.to_port = nat->ports ? nat->ports->first : range.first;
      if (seen_.insert(found.key()).second) ports_.push_back(found);
    }
  }

  /// The device towards an address, as rules name it: a rule of filter for packets to it, or one that translates what
  /// leaves its network by another.
  std::string bridge_to(const net::Address& address) {
    std::string by_network;
    for (const char* name : {"filter", "nat"}) {
      const saved::Table* table = ruleset_.find(name);
      if (table == nullptr) continue;
      for (const saved::Chain& chain : table->chains) {
        if (apply::is_own_chain(chain.name)) continue;
        for (const saved::Rule& rule : chain.rules) {
          bool is_to = false, is_from = false;
          std::string out, not_out;
          for (const saved::Condition& condition : saved::conditions_of(rule, family_, ignored_)) {
            if (const auto* range = std::get_if<saved::AddressCondition>(&condition.what);
                range && !condition.is_inverted)
              if (range->first <= address && address <= range->last) (range->is_destination ? is_to : is_from) = true;
            if (const auto* device = std::get_if<saved::DeviceCondition>(&condition.what);
                device && device->is_out && !device->is_beginning)
              (condition.is_inverted ? not_out : out) = device->name;
          }
          if (is_to && !out.empty()) return out;
          if (is_from && !not_out.empty()) by_network = not_out;
        }
      }
    }
    return by_network;
  }

  [[nodiscard]] saved::Walker walker(const Published& port) {
    if (port.bridge.empty()) return {ruleset_, family_, ignored_};
    return {ruleset_, family_, ignored_, {.route = [to = port.to, bridge = port.bridge](const net::Address& address) {
              return address == to ? bridge : std::string();
            }}};
  }

  static bool translates_from(const Published& port, const std::string& device) {
    const auto is = [&](const std::string& name) { return name == device; };
    if (std::ranges::any_of(port.not_from, is) || device == port.bridge) return false;
    return port.only_from.empty() || std::ranges::any_of(port.only_from, is);
  }

  struct Fate {
    std::set<std::string> chains;  ///< of others, which accept
    std::vector<std::string> networks, devices, refused;
  };

  void tell(const Published& port, const std::vector<Outside>& from) {
    const saved::Walker walk = walker(port);
    Fate fate;
    for (const Outside& outside : from) {
      if (!translates_from(port, outside.device)) continue;
      const saved::Answer answer = walk.walk({.way = saved::Way::In,
                                              .in = outside.device,
                                              .source = outside.source,
                                              .destination = port.at.value_or(outside.destination),
                                              .protocol = port.protocol,
                                              .source_port = 40000,
                                              .destination_port = port.port});
      add(fate, outside, answer, port);
    }
    if (!fate.networks.empty()) findings_.push_back(around(port, fate));
    if (!fate.refused.empty()) findings_.push_back(closed(port, fate));
  }

  static void add(Fate& fate, const Outside& outside, const saved::Answer& answer, const Published& port) {
    bool is_refused = false;
    for (const saved::Outcome& outcome : answer.outcomes) {
      if (outcome.packet.destination != port.to) continue;
      const auto is_wrong = [&](const saved::Assumption& assumption) {
        const auto holds = holds_of(assumption.condition, port.port);
        return holds && *holds != assumption.holds;
      };
      if (std::ranges::any_of(outcome.assumed, is_wrong)) continue;
      const bool is_ours = outcome.decided.chain != nullptr && apply::is_own_chain(outcome.decided.chain->name);
      using Verdict = saved::Outcome::Verdict;
      if (outcome.verdict == Verdict::Accept && !is_ours) {
        fate.chains.insert(outcome.decided.chain == nullptr ? std::string("no table filter")
                                                            : outcome.decided.chain->name);
        fate.networks.push_back(outside.network->name);
        fate.devices.push_back(outside.device);
        return;
      }
      is_refused |= (outcome.verdict == Verdict::Drop || outcome.verdict == Verdict::Reject) && is_ours;
    }
    if (is_refused) fate.refused.push_back(outside.network->name);
  }

  static std::string joined(const auto& names) {
    std::string text;
    std::set<std::string> seen;
    for (const std::string& name : names)
      if (seen.insert(name).second) text += (text.empty() ? "" : ", ") + name;
    return text;
  }

  static std::string protocol_of(const Published& port) { return port.protocol == kTcp ? "tcp" : "udp"; }

  static std::string name_of(const Published& port) {
    const auto with_port = [](const net::Address& address, std::uint16_t number) {
      return address.family == net::Family::Ipv4 ? fmt::format("{}:{}", address.to_string(), number)
                                                 : fmt::format("[{}]:{}", address.to_string(), number);
    };
    return fmt::format("published port {} {}{} to {}", protocol_of(port),
                       port.at ? with_port(*port.at, port.port) : fmt::format("{}", port.port),
                       port.program.empty() ? "" : " (" + port.program + ")", with_port(port.to, port.to_port));
  }

  Finding around(const Published& port, const Fate& fate) {
    Finding finding{.severity = Severity::Warning,
                    .id = "published-around",
                    .what = fmt::format("{} goes around the policy", name_of(port)),
                    .why = fmt::format("{} accepts it from {} without a rule of ours having been asked",
                                       joined(fate.chains), joined(fate.networks))};
    const saved::Table* filter = ruleset_.find("filter");
    const bool has_user_chain = filter != nullptr && filter->find("DOCKER-USER");
    const std::string program = family_ == net::Family::Ipv4 ? "iptables" : "ip6tables";
    std::string lines;
    std::set<std::string> seen;
    for (const std::string& device : fate.devices)
      if (seen.insert(device).second)
        lines +=
            fmt::format("{}{} -I {} -i {} -d {} -p {} -m {} --dport {} -j DROP", lines.empty() ? "" : "\n", program,
                        has_user_chain ? "DOCKER-USER" : "FORWARD", device, net::Prefix::host(port.to).to_string(),
                        protocol_of(port), protocol_of(port), port.to_port);
    finding.changes.push_back({.place = "to close it", .to = std::move(lines)});
    if (port.program == "docker")
      finding.changes.push_back(
          {.place = "or where the container is started, so that it is published to this machine only",
           .from = fmt::format("-p {}:{}", port.port, port.to_port),
           .to = fmt::format("-p 127.0.0.1:{}:{}", port.port, port.to_port)});
    return finding;
  }

  Finding closed(const Published& port, const Fate& fate) {
    const sema::Network* inside = nullptr;
    std::uint8_t length = 0;
    for (const sema::Network& network : policy_.networks)
      for (const net::Prefix& prefix : network.prefixes)
        if (!prefix.is_any() && prefix.contains(port.to) && prefix.length >= length)
          inside = &network, length = prefix.length;
    Finding finding{.severity = Severity::Advice,
                    .id = "published-closed",
                    .what = fmt::format("{} is refused by the policy", name_of(port)),
                    .why = fmt::format("nobody reaches it from {}", joined(fate.refused))};
    if (inside == nullptr) {
      finding.why +=
          fmt::format("; no network of the policy holds {}, which a rule that admits it needs", port.to.to_string());
      return finding;
    }
    std::string lines;
    std::set<std::string> seen;
    for (const std::string& network : fate.refused)
      if (seen.insert(network).second)
        lines += fmt::format("{}RULE=\"accept service {} from {} to {}\"", lines.empty() ? "" : "\n",
                             services_(port.protocol, port.to_port), network, inside->name);
    finding.changes.push_back({.place = "rules/rules.conf, to admit it", .to = std::move(lines)});
    return finding;
  }

  const saved::Ruleset& ruleset_;
  const sema::Policy& policy_;
  const ServiceNames& services_;
  net::Family family_;
  diag::Sink ignored_;
  std::vector<Published> ports_;
  std::set<std::tuple<std::uint8_t, std::uint16_t, std::optional<net::Address>, net::Address, std::uint16_t>> seen_;
  std::vector<Finding> findings_;
};

}  // namespace

ServiceNames services_of(const model::Policy& policy) {
  return [&policy](std::uint8_t protocol, std::uint16_t port) {
    for (const model::Service& service : policy.services) {
      if (!service.active || service.port_sets.size() != 1) continue;
      const model::PortSet& set = *service.port_sets.front();
      if (static_cast<std::uint8_t>(set.protocol) == protocol && set.destination == net::PortRange::one(port))
        return *service.name;
    }
    return std::string("any");
  };
}

std::vector<Finding> published_port_findings(const saved::Ruleset& ruleset, const sema::Policy& policy,
                                             const ServiceNames& services) {
  return Search(ruleset, policy, services).run();
}

base::Result<std::vector<std::pair<std::string, std::string>>> live_rules(apply::Kernel& kernel) {
  std::vector<std::pair<std::string, std::string>> texts;
  const auto tables = VM_TRY(apply::list(kernel, apply::Options().state_directory));
  for (const net::Family family : net::kFamilies) {
    std::string text;
    for (const apply::ListedTable& table : tables) {
      if (table.engine != apply::Backend::Xtables || table.family != family) continue;
      text += fmt::format("*{}\n", ir::to_string(table.table));
      for (const apply::ListedChain& chain : table.chains)
        text += fmt::format(":{} {} [0:0]\n", chain.name, chain.policy.empty() ? "-" : chain.policy);
      for (const apply::ListedChain& chain : table.chains)
        for (const apply::ListedRule& rule : chain.rules)
          text += fmt::format("-A {} {}\n", chain.name, readable(rule.text));
      text += "COMMIT\n";
    }
    if (!text.empty()) texts.emplace_back(family == net::Family::Ipv4 ? "iptables" : "ip6tables", std::move(text));
  }
  return texts;
}

}  // namespace vuurmuur::doctor
