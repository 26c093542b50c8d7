// SPDX-License-Identifier: GPL-2.0-or-later
// Section "names": what an address or a service is called, asked of an index of so many hosts (a fifth of them IPv6 as
// well) in 50 networks of different lengths, with 300 services; each question is another one, so that nothing of the
// table is near by chance.
#include <fmt/format.h>

#include <random>

#include "diag/source.h"
#include "names/index.h"
#include "process.h"
#include "samples.h"
#include "section.h"
#include "sema/resolve.h"
#include "table.h"

namespace vuurmuur::bench {
namespace {

constexpr std::size_t kQuestions = 1 << 20;
constexpr std::uint32_t kNetworks = 50, kServices = 300;

/// Hosts of 10.0.0.0/8 in networks of 12 to 28 bits, several of which hold others.
model::Policy make_policy(std::uint32_t hosts, std::vector<net::Address>& addresses) {
  model::Policy policy;
  model::Interface& interface = policy.interfaces.emplace_back();
  interface.name = std::string("lan");
  interface.device = std::string("eth0");
  interface.addresses = {net::Address::ipv4(0x0a000001)};
  policy.zones.emplace_back().name = std::string("home");
  for (std::uint32_t i = 0; i < kNetworks; ++i) {
    model::Network& network = policy.networks.emplace_back();
    network.name = fmt::format("net{}", i);
    network.zone = "home";
    network.interfaces = {std::string("lan")};
    const net::Prefix prefix{net::Address::ipv4(0x0a000000 + i * 0x00051000), static_cast<std::uint8_t>(12 + i % 17)};
    network.prefixes = {prefix.network(), *net::Prefix::parse(fmt::format("2001:db8:{:x}::/{}", i, 40 + i % 24))};
  }
  for (std::uint32_t i = 0; i < hosts; ++i) {
    model::Host& host = policy.hosts.emplace_back();
    host.name = fmt::format("host{}", i);
    host.network = fmt::format("net{}", i % kNetworks);
    host.zone = "home";
    host.addresses = {net::Address::ipv4(0x0a000002 + i * 31)};
    if (i % 5 == 0)
      host.addresses.emplace_back(
          *net::Address::parse(fmt::format("2001:db8:{:x}::{:x}:{:x}", i % kNetworks, i >> 16, i & 0xffff)));
    for (const auto& address : host.addresses) addresses.push_back(*address);
  }
  for (std::uint32_t i = 0; i < kServices; ++i) {
    model::Service& service = policy.services.emplace_back();
    service.name = fmt::format("service{}", i);
    const auto port = static_cast<std::uint16_t>(20 + i * 7);
    service.port_sets = {model::PortSet{.protocol = i % 3 == 0 ? net::Protocol::Udp : net::Protocol::Tcp,
                                        .destination = {port, static_cast<std::uint16_t>(port + i % 4 * 100)}}};
  }
  return policy;
}

/// Nanoseconds of one of so many questions; how many had an answer goes into `found`.
template <class Ask>
double nanoseconds(std::size_t& found, Ask ask) {
  Stopwatch watch;
  for (std::size_t i = 0; i < kQuestions; ++i) found += ask(i) ? 1u : 0u;
  return watch.lap() * 1e6 / static_cast<double>(kQuestions);
}

base::Result<void> measure(std::uint32_t hosts, unsigned runs) {
  std::vector<net::Address> known;
  const model::Policy model = make_policy(hosts, known);
  diag::Sink sink;
  const diag::SourceMap sources;
  const sema::Policy policy = sema::resolve(model, sources, sink);
  std::mt19937 random(20260101);
  std::vector<net::Address> asked(kQuestions), unknown(kQuestions);
  std::vector<std::uint16_t> ports(kQuestions);
  for (std::size_t i = 0; i < kQuestions; ++i) {
    asked[i] = known[random() % known.size()];
    unknown[i] = net::Address::ipv4(static_cast<std::uint32_t>(random()) | 0x80000000);
    ports[i] = static_cast<std::uint16_t>(random() % 3000);
  }
  Samples build, host, zone, other, service;
  for (unsigned i = 0; i < runs; ++i) {
    Stopwatch watch;
    const names::Index index = names::Index::build(model, policy);
    build.add(watch.lap());
    std::size_t hosts_found = 0, zones_found = 0, others_found = 0, services_found = 0;
    host.add(nanoseconds(hosts_found, [&](std::size_t at) { return index.address(asked[at]).has_value(); }));
    zone.add(nanoseconds(zones_found, [&](std::size_t at) { return index.zone(asked[at]).has_value(); }));
    other.add(nanoseconds(others_found, [&](std::size_t at) { return index.zone(unknown[at]).has_value(); }));
    service.add(nanoseconds(services_found, [&](std::size_t at) {
      return index.service(net::Protocol::Tcp, 40000, ports[at]).has_value();
    }));
    if (hosts_found != kQuestions || zones_found != kQuestions || others_found != 0 || services_found == 0)
      return base::failure("the index does not know its own policy");
  }
  print_row({std::to_string(hosts), build.to_string(), host.to_string(), zone.to_string(), other.to_string(),
             service.to_string()});
  return {};
}

}  // namespace

base::Result<void> run_names(const Settings& settings) {
  print_header({"hosts", "index made, ms", "name of a host, ns", "its zone, ns", "zone of an address that has none, ns",
                "service, ns"});
  bool good = true;
  for (const std::uint32_t hosts : settings.sizes)
    good = in_child("names", [&] { return measure(hosts, settings.runs_or(9)); }) && good;
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
