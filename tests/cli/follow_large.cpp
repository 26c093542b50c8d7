// SPDX-License-Identifier: GPL-2.0-or-later
// From an event to packets that the rules take otherwise, with many rules in force: a delegated prefix that comes, another answer of
// DNS. Times are printed, not judged: VUURMUUR_FOLLOW_RULES rules, 10,000 as a rule.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "helpers/daemon_fixture.h"
#include "helpers/udp.h"
#include "lab/dns_server.h"
#include "lab/run.h"
#include "support/catch.h"
#include "support/number_from.h"

using namespace vuurmuur;
using namespace vuurmuur::test;

namespace {

using Clock = std::chrono::steady_clock;

unsigned rule_count() { return number_from("VUURMUUR_FOLLOW_RULES", 10'000); }

/// That many rules, each of its own pair of host and service, and in front of them one for the host "follower".
void write_tree(const Firewall& firewall, const std::string& engine, const std::string& server) {
  constexpr unsigned kServices = 20;
  const std::string world = "zones/inet/networks/world/hosts/";
  firewall.tree.write("config.conf",
                      "BACKEND=\"" + engine + "\"\nDNS_SERVER=\"" + server + "\"\nDNS_TTL_MIN=\"1\"\nUSE_UDP_LIMIT=\"No\"\n");
  firewall.tree.write(world + "follower.host", "ACTIVE=\"Yes\"\nIPV6ADDRESS=\"::25/suffix\"\nIPADDRESS=\"name.example\"\n");
  firewall.tree.write("services/any-udp", "ACTIVE=\"Yes\"\nRANGE=\"17;1:65535\"\n");
  for (unsigned i = 0; i < kServices; ++i)
    firewall.tree.write(fmt::format("services/s{}", i), fmt::format("ACTIVE=\"Yes\"\nRANGE=\"6;{}\"\n", 1000 + i));
  std::string rules = "accept service any-udp from follower.world.inet to firewall(any)\n";
  for (unsigned i = 0; i < rule_count(); ++i) {
    const unsigned host = i / kServices;
    if (i % kServices == 0)
      firewall.tree.write(fmt::format("{}h{}.host", world, host),
                          fmt::format("ACTIVE=\"Yes\"\nIPADDRESS=\"10.{}.{}.7\"\n", host / 250, host % 250));
    rules += fmt::format("{} service s{} from h{}.world.inet to firewall\n", i % 3 == 0 ? "drop" : "accept", i % kServices, host);
  }
  firewall.tree.rules(rules);
}

/// Milliseconds from `begin` until a packet from an address of the peer arrives, sent a thousand times a second.
double until_arrival(const Firewall& firewall, const std::string& from, const std::string& to, Clock::time_point begin) {
  std::optional<UdpSocket> there;
  {
    const lab::Inside inside(firewall.peer());
    there.emplace(from);
  }
  const UdpSocket here(to);
  pollfd ready{.fd = here.fd.get(), .events = POLLIN, .revents = 0};
  bool has_arrived = false;
  while (!has_arrived && Clock::now() - begin < std::chrono::seconds(20)) {
    static_cast<void>(::sendto(there->fd.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&here.name), here.size));
    has_arrived = ::poll(&ready, 1, 1) > 0;
  }
  CHECK(has_arrived);
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

}  // namespace

TEST_CASE("many rules follow an event soon") {
  const std::string engine = GENERATE("xtables", "nft");
  DaemonFixture fixture;
  lab::DnsServer server;
  server.set("name.example", {"198.51.100.1"}, 1);
  write_tree(fixture.firewall, engine, server.place());
  lab::ip("addr add 2001:db8::1/64 dev eth0 nodad\naddr add 2001:db8:1::1/64 dev eth0 nodad\n");
  {
    const lab::Inside inside(fixture.firewall.peer());
    std::string lines = "addr add 2001:db8::2/64 dev far0 nodad\nroute add 2001:db8::/32 dev far0\n";
    for (int i = 2; i < 7; ++i)
      lines += fmt::format("addr add 2001:db8:{0}::25/128 dev far0 nodad\naddr add 198.51.100.{0}/32 dev far0\n", i);
    lab::ip(lines);
  }
  fixture.start();
  const auto begin = Clock::now();
  const auto applied = fixture.call("Apply");
  INFO(applied.parameters.dump());
  REQUIRE(applied.error.empty());
  std::printf("%s, %u rules: apply by the daemon %.0f ms\n", engine.c_str(), rule_count(),
              std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  for (int i = 2; i < 7; ++i) {
    const auto event = Clock::now();
    lab::ip(fmt::format("addr add 2001:db8:{}::1/64 dev eth0 nodad\n", i));
    const double took = until_arrival(fixture.firewall, fmt::format("2001:db8:{}::25", i), "2001:db8::1", event);
    std::printf("%s, %u rules: a prefix is in force after %.0f ms\n", engine.c_str(), rule_count(), took);
  }
  for (int i = 2; i < 5; ++i) {
    server.set("name.example", {fmt::format("198.51.100.{}", i)}, 1);
    const std::size_t asked = server.asked("name.example", net::Family::Ipv4);
    while (server.asked("name.example", net::Family::Ipv4) == asked) ::usleep(500);
    const auto event = Clock::now();
    const double took = until_arrival(fixture.firewall, fmt::format("198.51.100.{}", i), "192.0.2.1", event);
    std::printf("%s, %u rules: an answer of DNS is in force after %.0f ms\n", engine.c_str(), rule_count(), took);
  }
  CHECK(fixture.firewall.json({"history"}).size() == 1);
}
