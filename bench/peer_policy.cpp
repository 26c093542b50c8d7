// SPDX-License-Identifier: GPL-2.0-or-later
#include "peer_policy.h"

#include <fmt/format.h>

#include <random>
#include <set>
#include <tuple>

namespace vuurmuur::bench {
namespace {

std::string address(std::uint32_t zone, std::uint32_t host) { return fmt::format("10.{}.1.{}", zone, 1 + host); }

std::string source(const PeerRule& rule) { return address(rule.from_zone, rule.from_host); }
std::string destination(const PeerRule& rule) { return address(rule.to_zone, rule.to_host); }

/// Calls `each` with every two different zones and the rules from the one to the other.
template <class Each>
void for_each_pair(const std::vector<PeerRule>& rules, Each each) {
  std::vector<std::vector<const PeerRule*>> by_pair(kPeerZones * kPeerZones);
  for (const PeerRule& rule : rules) by_pair[rule.from_zone * kPeerZones + rule.to_zone].push_back(&rule);
  for (std::uint32_t from = 0; from < kPeerZones; ++from)
    for (std::uint32_t to = 0; to < kPeerZones; ++to)
      if (from != to) each(from, to, by_pair[from * kPeerZones + to]);
}

std::string nft_text(const std::vector<PeerRule>& rules, bool has_sets) {
  std::string map, chains;
  for_each_pair(rules, [&](std::uint32_t from, std::uint32_t to, const std::vector<const PeerRule*>& some) {
    map += fmt::format("{}\"eth{}\" . \"eth{}\" : goto z{}z{}", map.empty() ? "" : ", ", from, to, from, to);
    chains += fmt::format("  chain z{}z{} {{\n", from, to);
    std::string elements;
    for (const PeerRule* rule : some) {
      if (has_sets)
        elements +=
            fmt::format("{}{} . {} . {}", elements.empty() ? "" : ", ", source(*rule), destination(*rule), rule->port);
      else
        chains += fmt::format("    ip saddr {} ip daddr {} tcp dport {} counter accept\n", source(*rule),
                              destination(*rule), rule->port);
    }
    if (!elements.empty())
      chains += fmt::format("    ip saddr . ip daddr . tcp dport {{ {} }} counter accept\n", elements);
    chains += "  }\n";
  });
  return fmt::format(
      "table inet filter {{\n{}"
      "  chain input {{\n    type filter hook input priority 0; policy drop;\n"
      "    ct state established,related accept\n    iifname \"lo\" accept\n"
      "    tcp dport 22 accept\n    icmp type echo-request accept\n  }}\n"
      "  chain forward {{\n    type filter hook forward priority 0; policy drop;\n"
      "    ct state established,related accept\n    iifname . oifname vmap {{ {} }}\n  }}\n}}\n",
      chains, map);
}

}  // namespace

PeerPolicy::PeerPolicy(std::uint32_t rules) {
  std::mt19937 random(20260102);
  const auto pick = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  std::set<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint16_t>> seen;
  while (rules_.size() < rules) {
    PeerRule rule{.from_zone = pick(kPeerZones), .to_zone = pick(kPeerZones)};
    rule.from_host = pick(kPeerHosts);
    rule.to_host = pick(kPeerHosts);
    rule.port = static_cast<std::uint16_t>(1000 + pick(kPeerPorts));
    if (rule.from_zone == rule.to_zone) continue;
    if (seen.emplace(rule.from_zone, rule.to_zone, rule.from_host, rule.to_host, rule.port).second)
      rules_.push_back(rule);
  }
}

base::MemoryFileSystem PeerPolicy::vuurmuur() const {
  base::MemoryFileSystem tree;
  auto& files = tree.files;
  files["/tree/config.conf"] = "";
  files["/tree/rules/blocklist.conf"] = "";
  for (std::uint32_t zone = 0; zone < kPeerZones; ++zone) {
    const std::string directory = fmt::format("/tree/zones/z{}", zone);
    files[fmt::format("/tree/interfaces/if{}.conf", zone)] =
        fmt::format("ACTIVE=\"Yes\"\nDEVICE=\"eth{0}\"\nIPADDRESS=\"10.{0}.0.1\"\n", zone);
    files[directory + "/zone.config"] = "ACTIVE=\"Yes\"\n";
    files[directory + "/networks/net/network.config"] =
        fmt::format("ACTIVE=\"Yes\"\nNETWORK=\"10.{0}.0.0\"\nNETMASK=\"255.255.0.0\"\nINTERFACE=\"if{0}\"\n", zone);
    for (std::uint32_t host = 0; host < kPeerHosts; ++host)
      files[fmt::format("{}/networks/net/hosts/h{}.host", directory, host)] =
          fmt::format("ACTIVE=\"Yes\"\nIPADDRESS=\"{}\"\n", address(zone, host));
  }
  files["/tree/services/ssh"] = "ACTIVE=\"Yes\"\nTCP=\"22*1024:65535\"\n";
  files["/tree/services/ping"] = "ACTIVE=\"Yes\"\nICMP=\"8:0\"\n";
  for (std::uint32_t port = 1000; port < 1000 + kPeerPorts; ++port)
    files[fmt::format("/tree/services/p{}", port)] = fmt::format("ACTIVE=\"Yes\"\nTCP=\"{}*0:65535\"\n", port);
  std::string& text = files["/tree/rules/rules.conf"];
  text = "RULE=\"accept service ssh from any to firewall\"\nRULE=\"accept service ping from any to firewall\"\n";
  for (const PeerRule& rule : rules_)
    text += fmt::format("RULE=\"accept service p{} from h{}.net.z{} to h{}.net.z{}\"\n", rule.port, rule.from_host,
                        rule.from_zone, rule.to_host, rule.to_zone);
  return tree;
}

std::string PeerPolicy::iptables() const {
  std::string chains, jumps, lines;
  for_each_pair(rules_, [&](std::uint32_t from, std::uint32_t to, const std::vector<const PeerRule*>& some) {
    chains += fmt::format(":z{}z{} - [0:0]\n", from, to);
    jumps += fmt::format("-A FORWARD -i eth{} -o eth{} -g z{}z{}\n", from, to, from, to);
    for (const PeerRule* rule : some)
      lines += fmt::format("-A z{}z{} -s {}/32 -d {}/32 -p tcp -m tcp --dport {} -j ACCEPT\n", from, to, source(*rule),
                           destination(*rule), rule->port);
  });
  return "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n" + chains +
         "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -i lo -j ACCEPT\n"
         "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n-A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT\n"
         "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n" +
         jumps + lines + "COMMIT\n";
}

std::string PeerPolicy::nft() const { return nft_text(rules_, /*has_sets=*/false); }
std::string PeerPolicy::nft_sets() const { return nft_text(rules_, /*has_sets=*/true); }

std::string PeerPolicy::ferm() const {
  std::string jumps, chains;
  for_each_pair(rules_, [&](std::uint32_t from, std::uint32_t to, const std::vector<const PeerRule*>& some) {
    jumps += fmt::format("    interface eth{} outerface eth{} jump z{}z{};\n", from, to, from, to);
    chains += fmt::format("  chain z{}z{} {{\n", from, to);
    for (const PeerRule* rule : some)
      chains += fmt::format("    saddr {} daddr {} proto tcp dport {} ACCEPT;\n", source(*rule), destination(*rule),
                            rule->port);
    chains += "  }\n";
  });
  return "domain ip table filter {\n"
         "  chain INPUT {\n    policy DROP;\n    mod conntrack ctstate (ESTABLISHED RELATED) ACCEPT;\n"
         "    interface lo ACCEPT;\n    proto tcp dport 22 ACCEPT;\n    proto icmp icmp-type echo-request ACCEPT;\n  "
         "}\n"
         "  chain FORWARD {\n    policy DROP;\n    mod conntrack ctstate (ESTABLISHED RELATED) ACCEPT;\n" +
         jumps + "  }\n" + chains + "}\n";
}

base::MemoryFileSystem PeerPolicy::shorewall() const {
  base::MemoryFileSystem tree;
  auto& files = tree.files;
  files["/tree/zones"] = "fw firewall\n";
  files["/tree/interfaces"] = "?FORMAT 2\n";
  for (std::uint32_t zone = 0; zone < kPeerZones; ++zone) {
    files["/tree/zones"] += fmt::format("z{} ipv4\n", zone);
    files["/tree/interfaces"] += fmt::format("z{0} eth{0}\n", zone);
  }
  files["/tree/policy"] = "fw all ACCEPT\nall all DROP\n";
  std::string& text = files["/tree/rules"];
  text = "?SECTION NEW\nACCEPT all fw tcp 22\nACCEPT all fw icmp 8\n";
  for (const PeerRule& rule : rules_)
    text += fmt::format("ACCEPT z{}:{} z{}:{} tcp {}\n", rule.from_zone, source(rule), rule.to_zone, destination(rule),
                        rule.port);
  return tree;
}

}  // namespace vuurmuur::bench
