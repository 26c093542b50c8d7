// SPDX-License-Identifier: GPL-2.0-or-later
#include "generate.h"

#include <fmt/format.h>

#include <random>

namespace vuurmuur::bench {
namespace {

constexpr std::uint32_t kNetworks = 50, kInterfaces = 8, kHostsPerNetwork = 20, kServices = 40;

std::string network_name(std::uint32_t n) { return fmt::format("net{}.zone{}", n, n % kInterfaces); }

std::string host_name(std::uint32_t network, std::uint32_t host) {
  return fmt::format("host{}.{}", host, network_name(network));
}

void add_objects(base::MemoryFileSystem& tree) {
  auto& files = tree.files;
  files["/tree/config.conf"] = "LOG_POLICY=\"Yes\"\nNFGRP=\"9\"\n";
  files["/tree/rules/blocklist.conf"] = "";
  for (std::uint32_t i = 0; i < kInterfaces; ++i) {
    files[fmt::format("/tree/interfaces/if{}.conf", i)] = fmt::format(
        "ACTIVE=\"Yes\"\nDEVICE=\"eth{}\"\nIPADDRESS=\"10.{}.0.1\"\nIPV6ADDRESS=\"2001:db8:{:x}::1\"\n", i, i, i);
    files[fmt::format("/tree/zones/zone{}/zone.config", i)] = "ACTIVE=\"Yes\"\n";
  }
  for (std::uint32_t n = 0; n < kNetworks; ++n) {
    const std::string directory = fmt::format("/tree/zones/zone{}/networks/net{}", n % kInterfaces, n);
    files[directory + "/network.config"] = fmt::format(
        "ACTIVE=\"Yes\"\nNETWORK=\"10.{}.{}.0\"\nNETMASK=\"255.255.255.0\"\nIPV6NETWORK=\"2001:db8:{:x}:{:x}::"
        "\"\nIPV6CIDR=\"64\"\nINTERFACE=\"if{}\"\n",
        n % kInterfaces, n, n % kInterfaces, n, n % kInterfaces);
    for (std::uint32_t h = 0; h < kHostsPerNetwork; ++h)
      files[fmt::format("{}/hosts/host{}.host", directory, h)] =
          fmt::format("ACTIVE=\"Yes\"\nIPADDRESS=\"10.{}.{}.{}\"\nIPV6ADDRESS=\"2001:db8:{:x}:{:x}::{:x}\"\n",
                      n % kInterfaces, n, 10 + h, n % kInterfaces, n, 10 + h);
  }
  for (std::uint32_t s = 0; s < kServices; ++s)
    files[fmt::format("/tree/services/svc{}", s)] =
        s % 8 == 7 ? fmt::format("ACTIVE=\"Yes\"\nTCP=\"{0}\"\nUDP=\"{0}\"\n", 1000 + s)
                   : fmt::format("ACTIVE=\"Yes\"\nTCP=\"{}*1024:65535\"\n", 1000 + s);
}

/// The kind of a rule is that of its number in a mix of twenty; kinds that are not wanted are accept rules.
std::string rule_text(std::mt19937& random, std::uint32_t number, const Mix& mix) {
  const auto pick = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  const std::uint32_t from = pick(kNetworks);
  std::uint32_t to = pick(kNetworks);
  if (to % kInterfaces == from % kInterfaces) to = (to + 1) % kNetworks;
  const std::string source = pick(3) == 0 ? network_name(from) : host_name(from, pick(kHostsPerNetwork));
  const std::string target = pick(3) == 0 ? network_name(to) : host_name(to, pick(kHostsPerNetwork));
  const std::string service = fmt::format("svc{}", pick(kServices));
  std::uint32_t kind = number % 20;
  if ((kind == 16 && !mix.queues) || (kind >= 18 && !mix.nat)) kind = 0;
  switch (kind) {
    case 13: return fmt::format("drop service {} from {} to {}", service, source, target);
    case 14: return fmt::format("reject service {} from {} to {} options log", service, source, target);
    case 15:
      return fmt::format("accept service {} from {} to {} options log,loglimit=\\\"5\\\"", service, source, target);
    case 16:
      return fmt::format("nfqueue service {} from {} to {} options nfqueuenum=\\\"{}\\\"", service, source, target,
                         pick(8));
    case 17: return fmt::format("accept service {} from {} to firewall", service, source);
    case 18:
      return fmt::format("portfw service {} from {} to {}", service, source, host_name(to, pick(kHostsPerNetwork)));
    case 19: return fmt::format("masq service any from {} to {}", source, target);
    default: return fmt::format("accept service {} from {} to {}", service, source, target);
  }
}

}  // namespace

std::vector<std::string> generate_rules(std::uint32_t rules, const Mix& mix) {
  std::mt19937 random(20260101);
  std::vector<std::string> texts;
  texts.reserve(rules);
  for (std::uint32_t i = 0; i < rules; ++i) texts.push_back(rule_text(random, i, mix));
  return texts;
}

base::MemoryFileSystem tree_of(const std::vector<std::string>& rules) {
  base::MemoryFileSystem tree;
  add_objects(tree);
  std::string text;
  for (const std::string& rule : rules) text += fmt::format("RULE=\"{}\"\n", rule);
  tree.files["/tree/rules/rules.conf"] = std::move(text);
  return tree;
}

base::MemoryFileSystem host_pairs_tree(std::uint32_t pairs) {
  base::MemoryFileSystem tree;
  auto& files = tree.files;
  files["/tree/config.conf"] = "";
  files["/tree/rules/blocklist.conf"] = "";
  files["/tree/services/web"] = "ACTIVE=\"Yes\"\nTCP=\"80*1024:65535\"\n";
  std::uint32_t hosts = 1;
  while (hosts * hosts < pairs) ++hosts;
  for (std::uint32_t side = 0; side < 2; ++side) {
    const std::string zone = fmt::format("/tree/zones/zone{}", side), network = zone + "/networks/net";
    files[fmt::format("/tree/interfaces/if{}.conf", side)] =
        fmt::format("ACTIVE=\"Yes\"\nDEVICE=\"eth{0}\"\nIPADDRESS=\"10.{0}.0.1\"\n", side);
    files[zone + "/zone.config"] = "ACTIVE=\"Yes\"\n";
    files[network + "/network.config"] = fmt::format(
        "ACTIVE=\"Yes\"\nNETWORK=\"10.{0}.0.0\"\nNETMASK=\"255.255.0.0\"\nIPV6NETWORK=\"2001:db8:{0}::\"\n"
        "IPV6CIDR=\"64\"\nINTERFACE=\"if{0}\"\n",
        side);
    for (std::uint32_t host = 0; host < hosts; ++host)
      files[fmt::format("{}/hosts/host{}.host", network, host)] =
          fmt::format("ACTIVE=\"Yes\"\nIPADDRESS=\"10.{0}.{1}.{2}\"\nIPV6ADDRESS=\"2001:db8:{0}::{1:x}:{2:x}\"\n", side,
                      1 + host / 250, 1 + host % 250);
  }
  std::string& rules = files["/tree/rules/rules.conf"];
  for (std::uint32_t i = 0; i < pairs; ++i)
    rules +=
        fmt::format("RULE=\"accept service web from host{}.net.zone0 to host{}.net.zone1\"\n", i / hosts, i % hosts);
  return tree;
}

base::MemoryFileSystem generate_tree(std::uint32_t rules) { return tree_of(generate_rules(rules)); }

}  // namespace vuurmuur::bench
