// SPDX-License-Identifier: GPL-2.0-or-later
// Random values of everything that files can say, for property tests.
#pragma once
#include <algorithm>
#include <cstdlib>
#include <random>

#include "config/rule_syntax.h"
#include "model/policy.h"

namespace vuurmuur::test {

/// A new seed each time, or that of the environment to repeat a failure.
inline unsigned seed() {
  const char* given = std::getenv("VUURMUUR_SEED");
  return given ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
}

class RandomPolicy {
 public:
  explicit RandomPolicy(unsigned seed) : engine_(seed) {}

  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(engine_); }
  bool chance(unsigned percent) { return below(100) < percent; }

  /// Most are short, some longer than any limit of older programs.
  std::string name() {
    constexpr std::string_view kLetters = "abcXYZ019_-";
    std::string text(1, static_cast<char>('a' + below(26)));
    for (std::size_t left = chance(5) ? below(600) : below(8); left > 0; --left)
      text += kLetters[below(kLetters.size())];
    return text;
  }
  std::string unique_name() { return name() + std::to_string(++counter_); }

  std::string text() {
    constexpr std::string_view kPieces[] = {"a", "Z", " ",  "\"", "\\", "#",    "=",
                                            ",", ";", "\t", "ä",  "日", "\\\"", "$x"};
    std::string result;
    for (std::size_t left = below(12); left > 0; --left) result += kPieces[below(std::size(kPieces))];
    // A remark of blanks alone counts as none.
    return result.find_first_not_of(" \t") == std::string::npos ? "" : result;
  }

  net::Address address(net::Family family) {
    net::Address result{.family = family};
    for (std::size_t i = 0; i < net::address_bits(family) / 8; ++i)
      result.bytes[i] = static_cast<std::uint8_t>(chance(40) ? 0 : below(256));
    return result;
  }
  net::Family family() { return chance(50) ? net::Family::Ipv4 : net::Family::Ipv6; }
  net::Prefix prefix() {
    const net::Family of = family();
    return net::Prefix{address(of), static_cast<std::uint8_t>(below(net::address_bits(of) + 1))}.network();
  }
  net::PortRange ports() {
    if (chance(30)) return net::PortRange::any();
    const auto first = static_cast<std::uint16_t>(1 + below(65535));
    if (chance(50)) return net::PortRange::one(first);
    return {first, static_cast<std::uint16_t>(first + below(65536u - first))};
  }

  model::Interface interface() {
    model::Interface result;
    result.name = unique_name();
    result.active = chance(80);
    result.device = "eth" + std::to_string(below(1000)) + (chance(10) ? ":1" : "");
    result.is_virtual = chance(20);
    for (std::size_t left = below(4); left > 0; --left) result.addresses.emplace_back(address(family()));
    result.dynamic_ipv4 = chance(30);
    result.dynamic_ipv6 = chance(30);
    result.protections = {chance(50), chance(50), chance(50), chance(50), chance(50)};
    result.shaping.enabled = chance(30);
    if (chance(30)) result.shaping.in_rate = engine_();
    if (chance(30)) result.shaping.out_rate = engine_();
    if (chance(30)) result.shaping.in_unit = "kbit";
    if (chance(30)) result.shaping.out_unit = "mbit";
    result.clamp_mss = chance(30);
    result.comment = text();
    return result;
  }

  model::Network network(const std::string& zone) {
    model::Network result;
    result.name = unique_name();
    result.zone = zone;
    result.active = chance(80);
    for (std::size_t left = below(5); left > 0; --left) result.prefixes.emplace_back(prefix());
    for (std::size_t left = below(3); left > 0; --left) result.interfaces.emplace_back(name());
    for (std::size_t left = below(4); left > 0; --left)
      result.spoof_protections.emplace_back(static_cast<model::Spoof>(below(11)));
    if (chance(20)) result.dynamic_ipv4.emplace(true);
    if (chance(20)) result.dynamic_ipv6.emplace(true);
    result.dhcp_client = chance(30);
    result.dhcp_server = chance(30);
    result.comment = text();
    return result;
  }

  model::Host host(const model::Network& network) {
    model::Host result;
    result.name = unique_name();
    result.network = *network.name;
    result.zone = network.zone;
    result.active = chance(80);
    for (std::size_t left = below(4); left > 0; --left) result.addresses.emplace_back(address(family()));
    for (std::size_t left = below(3); left > 0; --left) {
      net::Address part{.family = net::Family::Ipv6};
      part.bytes[8] = static_cast<std::uint8_t>(below(256));
      part.bytes[15] = static_cast<std::uint8_t>(1 + below(255));
      result.suffixes.emplace_back(part);
    }
    for (const auto& [ipv4, ipv6] : {std::pair{true, true}, std::pair{true, false}, std::pair{false, true}})
      if (chance(20)) {
        const std::string dns = "n" + std::to_string(below(1000)) + (chance(50) ? ".example" : "");
        result.dns_names.emplace_back(model::DnsName{.name = dns, .ipv4 = ipv4, .ipv6 = ipv6});
      }
    if (chance(50)) {
      result.mac.emplace();
      for (auto& byte : result.mac->bytes) byte = static_cast<std::uint8_t>(below(256));
    }
    result.comment = text();
    return result;
  }

  model::Group group(const model::Network& network) {
    model::Group result;
    result.name = unique_name();
    result.network = *network.name;
    result.zone = network.zone;
    result.active = chance(80);
    for (std::size_t left = below(6); left > 0; --left) result.members.emplace_back(name());
    result.comment = text();
    return result;
  }

  model::PortSet port_set() {
    model::PortSet result{.protocol = static_cast<net::Protocol>(below(256)), .icmp_type = {}, .icmp_code = {}};
    if (chance(60)) result.protocol = chance(50) ? net::Protocol::Tcp : net::Protocol::Udp;
    if (chance(20)) result.protocol = chance(50) ? net::Protocol::Icmp : net::Protocol::Icmpv6;
    if (net::has_ports(result.protocol)) {
      result.destination = ports();
      result.source = ports();
    }
    if ((result.protocol == net::Protocol::Icmp || result.protocol == net::Protocol::Icmpv6) && chance(80)) {
      result.icmp_type = static_cast<std::uint8_t>(below(256));
      if (chance(80)) result.icmp_code = static_cast<std::uint8_t>(below(256));
    }
    return result;
  }

  model::Service service() {
    model::Service result;
    result.name = unique_name();
    result.active = chance(80);
    for (std::size_t left = below(6); left > 0; --left) result.port_sets.emplace_back(port_set());
    if (chance(30)) result.helper = name();
    for (std::size_t i = 0; chance(40) && i < 3; ++i) result.categories.emplace_back("x-" + name());
    for (std::size_t i = 0; chance(40) && i < 3; ++i) result.aliases.emplace_back(name());
    result.broadcast = chance(30);
    result.comment = text();
    return result;
  }

  model::Endpoint endpoint() {
    using Kind = model::Endpoint::Kind;
    const auto kind = static_cast<Kind>(below(7));
    std::string full = name();
    const int dots = kind == Kind::Zone ? 0 : kind == Kind::Member ? 2 : 1;
    for (int i = 0; i < dots; ++i) full += "." + name();
    const bool is_named = kind != Kind::Any && kind != Kind::Firewall && kind != Kind::FirewallAny;
    return {.kind = kind, .name = is_named ? full : ""};
  }

  std::vector<net::PortRange> port_list() {
    std::vector<net::PortRange> result{ports()};
    while (chance(40)) result.push_back(ports());
    return result;
  }

  template <class T>
  void maybe(std::optional<model::Located<T>>& option, T value) {
    if (chance(20)) option = model::Located<T>(std::move(value));
  }

  model::Options options() {
    model::Options result;
    maybe(result.log, true);
    maybe(result.log_limit, static_cast<std::uint32_t>(below(10001)));
    maybe(result.log_prefix, text());
    maybe(result.limit,
          model::RateLimit{static_cast<std::uint32_t>(below(10001)), static_cast<model::RateLimit::Unit>(below(4))});
    maybe(result.burst, static_cast<std::uint32_t>(1 + below(10000)));
    maybe(result.comment, text());
    maybe(result.listen_ports, port_list());
    maybe(result.remote_ports, port_list());
    maybe(result.redirect_port, static_cast<std::uint16_t>(1 + below(65535)));
    maybe(result.in_interface, name());
    maybe(result.out_interface, name());
    maybe(result.via_interface, name());
    maybe(result.reject_type, static_cast<model::RejectType>(below(8)));
    maybe(result.nfmark, model::PacketMark{static_cast<std::uint32_t>(engine_()),
                                           chance(50) ? 0xffffffff : static_cast<std::uint32_t>(engine_())});
    maybe(result.chain, name());
    const auto first = static_cast<std::uint16_t>(below(65536));
    maybe(result.queue, model::QueueRange{first, static_cast<std::uint16_t>(first + below(65536u - first))});
    maybe(result.queue_bypass, true);
    maybe(result.queue_fanout, true);
    maybe(result.queue_release, model::PacketMark{.value = 0x10, .mask = 0xf0});
    maybe(result.queue_drop_urgent, true);
    maybe(result.log_group, static_cast<std::uint16_t>(below(65536)));
    maybe(result.random, true);
    maybe(result.in_min, model::Rate{engine_(), "kbit"});
    maybe(result.in_max, model::Rate{engine_(), "mbit"});
    maybe(result.out_min, model::Rate{engine_(), "kbps"});
    maybe(result.out_max, model::Rate{engine_(), "mbps"});
    maybe(result.priority, static_cast<std::uint8_t>(1 + below(255)));
    if (chance(10)) result.others.emplace_back("x_" + name(), std::nullopt);
    if (chance(10)) result.others.emplace_back("x_" + name(), text());
    return result;
  }

  model::Rule rule(std::uint32_t number) {
    model::Rule result;
    result.number = number;
    result.active = chance(80);
    result.action = static_cast<model::Action>(below(14));
    if (*result.action != model::Action::Separator) {
      result.service = chance(20) ? "any" : name();
      result.from = endpoint();
      result.to = endpoint();
    }
    result.options = options();
    return result;
  }

  model::Settings settings() {
    model::Settings result;
    result.log_policy = chance(50);
    result.log_policy_limit = static_cast<std::uint32_t>(below(10001));
    result.log_blocklist = chance(50);
    result.log_invalid = chance(50);
    result.log_no_syn = chance(50);
    result.log_probes = chance(50);
    result.log_fragments = chance(50);
    result.drop_invalid = chance(50);
    result.conntrack_accounting = chance(50);
    result.syn_limit = {chance(50), static_cast<std::uint32_t>(1 + below(1000000)),
                        static_cast<std::uint32_t>(1 + below(1000000))};
    result.udp_limit = {chance(50), static_cast<std::uint32_t>(1 + below(1000000)),
                        static_cast<std::uint32_t>(1 + below(1000000))};
    result.protect_syncookie = chance(50);
    result.protect_echo_broadcast = chance(50);
    result.log_group = static_cast<std::uint16_t>(below(65536));
    result.log_traffic = chance(50);
    result.log_journal = chance(50);
    result.log_new_connections = chance(50);
    result.log_connections = chance(50);
    result.log_format = static_cast<model::LogFormat>(below(2));
    result.log_size = static_cast<std::uint32_t>(below(1000));
    result.log_kept = static_cast<std::uint32_t>(below(100));
    result.connmark_mask = static_cast<std::uint32_t>(1 + engine_() % 0xffffffff);
    for (std::size_t left = below(3); left > 0; --left)
      result.foreign_connmarks.emplace_back(static_cast<std::uint32_t>(1 + engine_() % 0xffffffff));
    result.max_permission = static_cast<std::uint32_t>(below(01000));
    result.backend = static_cast<model::Backend>(below(3));
    result.drift = static_cast<model::Drift>(below(2));
    for (std::size_t left = below(3); left > 0; --left) {
      model::BaitHost bait{.host = name() + "." + name() + "." + name(), .port = {}};
      if (chance(50)) bait.port = static_cast<std::uint16_t>(1 + below(65535));
      result.baits.emplace_back(std::move(bait));
    }
    for (std::size_t left = below(3); left > 0; --left)
      result.dns_servers.emplace_back(
          model::DnsServer{.address = address(family()), .port = static_cast<std::uint16_t>(1 + below(65535))});
    result.dns_ttl_min = static_cast<std::uint32_t>(1 + below(1000));
    result.dns_ttl_max = static_cast<std::uint32_t>(1000 + below(1000));
    result.log_directory = "/var/log/" + name();
    result.dynamic_interface_check = chance(50);
    result.dynamic_interface_interval = static_cast<std::uint32_t>(1 + below(1000));
    result.load_modules = chance(50);
    result.modules_wait_time = static_cast<std::uint32_t>(below(1000));
    return result;
  }

  model::BlockEntry block_entry() {
    model::BlockEntry result;
    result.active = chance(80);
    if (chance(50)) {
      result.prefix = prefix();
      result.text = result.prefix->to_string();
    } else {
      result.text = name() + "." + name() + "." + name();
    }
    return result;
  }

  /// Objects stand in the order in which a tree is read: by name within what they are in.
  model::Policy policy() {
    model::Policy result;
    if (chance(80)) result.settings = settings();
    fill(result.interfaces, [&] { return interface(); });
    fill(result.services, [&] { return service(); });
    fill(result.zones, [&] { return model::Zone{.name = unique_name(), .active = chance(80), .comment = text()}; });
    for (const auto& zone : result.zones) {
      std::vector<model::Network> networks;
      fill(networks, [&] { return network(*zone.name); });
      for (const auto& network : networks) {
        std::vector<model::Host> hosts;
        fill(hosts, [&] { return host(network); });
        std::ranges::move(hosts, std::back_inserter(result.hosts));
        std::vector<model::Group> groups;
        fill(groups, [&] { return group(network); });
        std::ranges::move(groups, std::back_inserter(result.groups));
      }
      std::ranges::move(networks, std::back_inserter(result.networks));
    }
    for (std::size_t left = below(5); left > 0; --left) result.blocklist.push_back(block_entry());
    const auto rules = static_cast<std::uint32_t>(below(12));
    for (std::uint32_t number = 1; number <= rules; ++number) result.rules.push_back(rule(number));
    return result;
  }

 private:
  template <class T, class Make>
  void fill(std::vector<T>& list, Make make) {
    for (std::size_t left = below(4); left > 0; --left) list.push_back(make());
    std::ranges::sort(list, {}, [](const T& object) { return object.name.value; });
  }

  std::mt19937_64 engine_;
  unsigned counter_ = 0;
};

}  // namespace vuurmuur::test
