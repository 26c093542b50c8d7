// SPDX-License-Identifier: GPL-2.0-or-later
// bait, unbait and list --baited on both engines, seen by who gets the packets that an attacker sends: the one that
// they are for, or the honeypot behind the firewall.
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "helpers/daemon_fixture.h"
#include "helpers/udp.h"
#include "lab/namespace.h"

namespace {

using namespace vuurmuur;
using namespace vuurmuur::test;

constexpr auto kAll =
    "accept service any from world.inet to firewall\naccept service any from world6.inet to firewall\n"
    "accept service any from world.inet to net.dmz\naccept service any from world6.inet to net.dmz\n"
    "accept service any from net.dmz to world.inet\naccept service any from net.dmz to world6.inet";
constexpr std::uint16_t kTrap = 2222;

bool is_ipv6(const std::string& address) { return address.contains(':'); }

/// A router between the internet, where 192.0.2.66 and .67 are, and a network with a honeypot (.10) and a server (.20),
/// in both families; everything may pass.
struct World : DaemonFixture {
  explicit World(std::string_view chosen) : engine(chosen) {
    firewall.tree.write("config.conf", "BAIT=\"honeypot.net.dmz:2222\"\nBAIT=\"old.net.dmz\"\nUSE_UDP_LIMIT=\"No\"\n");
    firewall.tree.write("interfaces/dmz.conf",
                        "ACTIVE=\"Yes\"\nDEVICE=\"eth1\"\nIPADDRESS=\"198.51.100.1\"\nIPV6ADDRESS=\"2001:db8:2::1\"\n");
    firewall.tree.write("zones/inet/networks/world6/network.config",
                        "ACTIVE=\"Yes\"\nIPV6NETWORK=\"::\"\nIPV6CIDR=\"0\"\nINTERFACE=\"nic\"\n");
    firewall.tree.write("zones/dmz/zone.config", "ACTIVE=\"Yes\"\n");
    const std::string net = "zones/dmz/networks/net/";
    firewall.tree.write(net + "network.config",
                        "ACTIVE=\"Yes\"\nNETWORK=\"198.51.100.0\"\nNETMASK=\"255.255.255.0\"\n"
                        "IPV6NETWORK=\"2001:db8:2::\"\nIPV6CIDR=\"64\"\nINTERFACE=\"dmz\"\n");
    firewall.tree.write(net + "hosts/honeypot.host",
                        "ACTIVE=\"Yes\"\nIPADDRESS=\"198.51.100.10\"\nIPV6ADDRESS=\"2001:db8:2::10\"\n");
    firewall.tree.write(net + "hosts/old.host", "ACTIVE=\"Yes\"\nIPADDRESS=\"198.51.100.20\"\n");
    firewall.tree.rules(kAll);
    // A neighbour is asked for in the name of the link's own address, as soon as that is usable.
    for (const char* const which : {"all", "default"})
      lab::write_setting(std::string("net/ipv6/conf/") + which + "/accept_dad", "0");
    lab::ip(
        fmt::format("addr add 2001:db8::1/64 dev eth0 nodad\n"
                    "link add eth1 type veth peer name trap0 netns /proc/{}/fd/{}\n"
                    "addr add 198.51.100.1/24 dev eth1\naddr add 2001:db8:2::1/64 dev eth1 nodad\nlink set eth1 up\n",
                    ::getpid(), dmz.fd()));
    for (const char* const setting : {"net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"})
      lab::write_setting(setting, "1");
    {
      const lab::Inside there(firewall.peer());
      lab::ip(
          "addr add 192.0.2.66/24 dev far0\naddr add 192.0.2.67/24 dev far0\naddr add 2001:db8::66/64 dev far0 nodad\n"
          "addr add 2001:db8::67/64 dev far0 nodad\nroute add 198.51.100.0/24 via 192.0.2.1\n"
          "route add 2001:db8:2::/64 via 2001:db8::1\n");
    }
    {
      const lab::Inside there(dmz);
      lab::ip(
          "link set trap0 up\naddr add 198.51.100.10/24 dev trap0\naddr add 198.51.100.20/24 dev trap0\n"
          "addr add 2001:db8:2::10/64 dev trap0 nodad\naddr add 2001:db8:2::20/64 dev trap0 nodad\n"
          "route add default via 198.51.100.1\nroute add default via 2001:db8:2::1\n");
      for (const bool ipv6 : {false, true}) {
        trap[ipv6].emplace(ipv6 ? "2001:db8:2::10" : "198.51.100.10", kTrap);
        server[ipv6].emplace(ipv6 ? "2001:db8:2::20" : "198.51.100.20");
      }
    }
    for (const bool ipv6 : {false, true}) here[ipv6].emplace(ipv6 ? "2001:db8::1" : "192.0.2.1");
    apply();
  }

  void apply() const {
    const Outcome done = firewall.apply({"--backend=" + engine});
    INFO(done.err);
    REQUIRE(done.status == 0);
  }
  nlohmann::ordered_json done(std::vector<std::string> words) const {
    words.push_back("--config=" + firewall.tree.path().string());
    return firewall.done(std::move(words));
  }
  [[nodiscard]] Outcome refused(std::vector<std::string> words) const {
    words.push_back("--config=" + firewall.tree.path().string());
    return firewall.run(std::move(words));
  }
  [[nodiscard]] Outcome respond(const std::string& alerts) const {
    return vuurmuur::test::vuurmuur(
        Call{.arguments = {"respond", "--input=-"},
             .input = alerts,
             .environment = {{"VUURMUUR_STATE_DIR", firewall.state().string()}, {"VUURMUUR_SOCKET", socket}}});
  }
  [[nodiscard]] UdpSocket from(const std::string& peer) const {
    const lab::Inside there(firewall.peer());
    return UdpSocket(peer);
  }
  /// Who gets what somebody sends to the firewall, or to the server behind it: "firewall", "server", "honeypot" or
  /// "nobody".
  [[nodiscard]] std::string who_gets(const UdpSocket& sender, const UdpSocket& meant) const {
    const bool ipv6 = sender.name.ss_family == AF_INET6;
    const UdpSocket* const all[] = {&*here[ipv6], &*server[ipv6], &*trap[ipv6]};
    for (int tries = 0; tries < 4; ++tries) {
      static_cast<void>(
          ::sendto(sender.fd.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&meant.name), meant.size));
      pollfd ready[3];
      for (int i = 0; i < 3; ++i) ready[i] = {.fd = all[i]->fd.get(), .events = POLLIN, .revents = 0};
      if (::poll(ready, 3, 100) <= 0) continue;
      for (int i = 0; i < 3; ++i) {
        if (ready[i].revents == 0) continue;
        char byte;
        sockaddr_storage name{};
        socklen_t size = sizeof name;
        while (::recvfrom(all[i]->fd.get(), &byte, 1, MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&name), &size) == 1)
          last = {name, size};
        return i == 0 ? "firewall" : i == 1 ? "server" : "honeypot";
      }
    }
    return "nobody";
  }
  [[nodiscard]] std::string to_firewall(const std::string& peer) const {
    return who_gets(from(peer), *here[is_ipv6(peer)]);
  }
  [[nodiscard]] std::string to_server(const std::string& peer) const {
    return who_gets(from(peer), *server[is_ipv6(peer)]);
  }

  std::string engine;
  lab::NetNamespace dmz;
  std::optional<UdpSocket> here[2], trap[2], server[2];   ///< by whether they are of IPv6
  mutable std::pair<sockaddr_storage, socklen_t> last{};  ///< from where the last packet seemed to come
};

}  // namespace

TEST_CASE("who is baited meets the honeypot whatever he asks for, at once and without a reload, until he is let go") {
  const World world(GENERATE("xtables", "nft"));
  CAPTURE(world.engine);
  for (const std::string base : {"192.0.2.", "2001:db8::"}) {
    CAPTURE(base);
    REQUIRE(world.to_firewall(base + "66") == "firewall");
    REQUIRE(world.to_server(base + "66") == "server");
    const UdpSocket flow = world.from(base + "66");
    REQUIRE(world.who_gets(flow, *world.server[is_ipv6(base)]) == "server");
    const auto baited = world.done({"bait", base + "66", "--to=honeypot.net.dmz", "--for=1h"});
    CHECK(baited.at("in_force") == true);
    CHECK(baited.at("to") == "honeypot.net.dmz:2222");
    CHECK(baited.at("ended_connections") > 0);
    CHECK(world.to_firewall(base + "66") == "honeypot");
    CHECK(world.to_server(base + "66") == "honeypot");
    // What was live is redirected with the next packet.
    CHECK(world.who_gets(flow, *world.server[is_ipv6(base)]) == "honeypot");
    CHECK(world.to_firewall(base + "67") == "firewall");
    CHECK(world.to_server(base + "67") == "server");
    // An apply leaves it as it is, and being baited again cuts nothing of what the honeypot has.
    world.apply();
    CHECK(world.to_server(base + "66") == "honeypot");
    CHECK(world.done({"bait", base + "66", "--to=honeypot.net.dmz:2222", "--for=1h"}).at("ended_connections") == 0);
    CHECK(world.done({"unbait", base + "66"}).at("unbaited") == 1);
    CHECK(world.done({"unbait", base + "66"}).at("unbaited") == 0);
    CHECK(world.who_gets(flow, *world.server[is_ipv6(base)]) == "server");
    CHECK(world.to_firewall(base + "66") == "firewall");
  }
  CHECK(world.firewall.json({"history"}).size() == 3);
}

TEST_CASE(
    "the honeypot answers in the name of the one that was asked, and nobody else begins anything to who is baited") {
  const World world(GENERATE("xtables", "nft"));
  CAPTURE(world.engine);
  world.done({"bait", "192.0.2.66", "--to=honeypot.net.dmz"});
  const UdpSocket attacker = world.from("192.0.2.66");
  REQUIRE(world.who_gets(attacker, *world.server[0]) == "honeypot");
  const auto& [name, size] = world.last;
  REQUIRE(::sendto(world.trap[0]->fd.get(), "y", 1, 0, reinterpret_cast<const sockaddr*>(&name), size) == 1);
  pollfd ready{.fd = attacker.fd.get(), .events = POLLIN, .revents = 0};
  REQUIRE(::poll(&ready, 1, 2000) == 1);
  char byte = 0;
  sockaddr_in answered{};
  socklen_t length = sizeof answered;
  REQUIRE(::recvfrom(attacker.fd.get(), &byte, 1, 0, reinterpret_cast<sockaddr*>(&answered), &length) == 1);
  CHECK(answered.sin_addr.s_addr == reinterpret_cast<const sockaddr_in*>(&world.server[0]->name)->sin_addr.s_addr);
  CHECK(answered.sin_port == reinterpret_cast<const sockaddr_in*>(&world.server[0]->name)->sin_port);
  CHECK_FALSE(arrives(*world.server[0], world.from("192.0.2.66")));
  CHECK(arrives(*world.server[0], world.from("192.0.2.67")));
}

TEST_CASE("a bait ends by itself at its time, is there again when everything in the kernel was lost, and moves") {
  const World world(GENERATE("xtables", "nft"));
  CAPTURE(world.engine);
  world.done({"bait", "192.0.2.66", "2001:db8::66", "--to=honeypot.net.dmz", "--for=1h"});
  world.done({"bait", "192.0.2.67", "--to=honeypot.net.dmz", "--for=3s"});
  REQUIRE(world.firewall.run({"clear", "--yes"}).status == 0);
  REQUIRE(world.firewall.run({"restore"}).status == 0);
  CHECK(world.to_server("192.0.2.66") == "honeypot");
  CHECK(world.to_server("2001:db8::66") == "honeypot");
  CHECK(eventually([&] { return world.to_server("192.0.2.67") == "server"; }));
  const auto list = world.firewall.json({"list", "--baited"});
  REQUIRE(list.size() == 2);
  CHECK(list[0].at("address") == "192.0.2.66");
  CHECK(list[0].at("to") == "honeypot.net.dmz:2222");
  CHECK(list[0].at("seconds_left") > 3500);
  CHECK(list[0].at("seconds_left") <= 3600);
  CHECK(world.firewall.json({"status"}).at("baited") == 2);
  // To another bait, at the port that is asked for.
  world.done({"bait", "192.0.2.66", "--to=old.net.dmz"});
  CHECK(world.firewall.json({"list", "--baited"}).at(0).at("to") == "old.net.dmz");
  const UdpSocket attacker = world.from("192.0.2.66");
  CHECK(world.who_gets(attacker, *world.server[0]) == "server");
  const std::string other = world.engine == "xtables" ? "nft" : "xtables";
  const Outcome moved = world.firewall.apply({"--backend=" + other});
  INFO(moved.err);
  REQUIRE(moved.status == 0);
  CHECK(world.to_server("2001:db8::66") == "honeypot");
}

TEST_CASE("a bait that was given before there are rules for it is in force with the apply that brings them") {
  const World world(GENERATE("xtables", "nft"));
  CAPTURE(world.engine);
  world.firewall.tree.write("config.conf", "USE_UDP_LIMIT=\"No\"\n");
  world.apply();
  world.firewall.tree.write("config.conf", "BAIT=\"honeypot.net.dmz:2222\"\nUSE_UDP_LIMIT=\"No\"\n");
  CHECK(world.done({"bait", "192.0.2.66", "--to=honeypot.net.dmz", "--for=1h"}).at("in_force") == false);
  CHECK(world.to_server("192.0.2.66") == "server");
  world.apply();
  CHECK(world.to_server("192.0.2.66") == "honeypot");
  // Without the bait in the policy its rules go.
  world.firewall.tree.write("config.conf", "USE_UDP_LIMIT=\"No\"\n");
  world.apply();
  CHECK(world.to_server("192.0.2.66") == "server");
  CHECK_FALSE(lab::run_ok({"ipset", "list", "-n"}).contains("-bait-"));
  CHECK_FALSE(lab::run_ok({"nft", "list", "sets"}).contains("-bait-"));
}

TEST_CASE("a daemon that starts again leads who was baited for what is left of his time, and lets him go then") {
  World world(GENERATE("xtables", "nft"));
  CAPTURE(world.engine);
  world.start();
  const auto bait = [&](const std::string& address, int seconds) {
    return world.call("Bait", {{"addresses", {address}}, {"to", "honeypot.net.dmz:2222"}, {"for_seconds", seconds}});
  };
  for (const char* const address : {"192.0.2.66", "2001:db8::66"}) {
    CAPTURE(address);
    REQUIRE(bait(address, 3600).parameters.at("in_force") == true);
    REQUIRE(world.to_server(address) == "honeypot");
  }
  const auto since = std::chrono::steady_clock::now();
  for (const char* const address : {"192.0.2.67", "2001:db8::67"})
    REQUIRE(bait(address, 6).parameters.at("in_force") == true);
  REQUIRE(world.daemon->end(SIGKILL) == 128 + SIGKILL);
  // As after a start of the machine, with the rules and the sets gone.
  REQUIRE(world.firewall.run({"clear", "--yes"}).status == 0);
  REQUIRE(world.to_server("192.0.2.66") != "honeypot");
  REQUIRE(world.firewall.run({"restore"}).status == 0);
  world.start();
  for (const char* const address : {"192.0.2.66", "2001:db8::66"}) CHECK(world.to_server(address) == "honeypot");
  const auto list = world.call("Baited").parameters.at("baited");
  REQUIRE(list.size() == 4);
  for (const auto& each : list) CHECK(each.at("seconds_left") < (each.at("seconds_left") > 60 ? 3601 : 7));
  for (const char* const address : {"192.0.2.67", "2001:db8::67"}) {
    CAPTURE(address);
    CHECK(eventually([&] { return world.to_server(address) == "server"; }));
    CHECK(std::chrono::steady_clock::now() - since > std::chrono::seconds(5));
    CHECK(std::chrono::steady_clock::now() - since < std::chrono::seconds(15));
  }
  // The kernel lets somebody go some milliseconds before the daemon's clock says so.
  CHECK(eventually([&] { return world.call("Baited").parameters.at("baited").size() == 2; }));
  CHECK(world.call("Unbait", {{"addresses", {"192.0.2.66", "2001:db8::66"}}}).parameters.at("unbaited") == 2);
  for (const char* const address : {"192.0.2.66", "2001:db8::66"}) CHECK(world.to_server(address) == "server");
}

TEST_CASE("who cannot be led anywhere is refused, and what is no bait with the near miss") {
  const World world("xtables");
  const auto why = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "bait");
    const Outcome outcome = world.refused(std::move(words));
    CHECK(outcome.status == 1);
    return outcome.err;
  };
  CHECK(why({"192.0.2.1", "--to=honeypot.net.dmz"}).contains("192.0.2.1 is this machine's own"));
  CHECK(why({"192.0.2.0/24", "--to=honeypot.net.dmz"}).contains("'192.0.2.0/24' is a network"));
  CHECK(why({"198.51.100.10", "--to=honeypot.net.dmz"}).contains("198.51.100.10 is honeypot.net.dmz:2222 itself"));
  CHECK(why({"192.0.2.66", "--to=honeypott.net.dmz:2222"}).contains("did you mean 'honeypot.net.dmz:2222'?"));
  CHECK(why({"2001:db8::66", "--to=old.net.dmz"}).contains("old.net.dmz has no IPv6 address"));
  CHECK(why({"192.0.2.66"}).contains("option '--to' is missing"));
  CHECK(world.firewall.json({"list", "--baited"}).empty());
}

TEST_CASE("an alert leads its source to the honeypot, but never who is on the list of those") {
  World world(GENERATE("xtables", "nft"));
  CAPTURE(world.engine);
  world.start();
  world.firewall.tree.write("rules/responses.conf",
                            "never block 192.0.2.67\nnever block 2001:db8::67\n"
                            "bait source to honeypot.net.dmz for 10m when any\n");
  std::string alerts;
  for (const std::string base : {"192.0.2.", "2001:db8::"})
    for (const char* const who : {"67", "66"})
      alerts += fmt::format(
          R"({{"event_type":"alert","src_ip":"{0}{1}","dest_ip":"{0}1","alert":{{"signature_id":7,"signature":"Guess","severity":1}}}})"
          "\n",
          base, who);
  const Outcome responded = world.respond(alerts);
  INFO(responded.err);
  CHECK(responded.status == 0);
  for (const std::string base : {"192.0.2.", "2001:db8::"}) {
    CAPTURE(base);
    CHECK(responded.out.contains(
        fmt::format("led {0}66 to honeypot.net.dmz:2222 for 10m: 7 'Guess' from {0}66 to {0}1\n", base)));
    CHECK(world.to_firewall(base + "66") == "honeypot");
    CHECK(world.to_server(base + "66") == "honeypot");
    CHECK(world.to_firewall(base + "67") == "firewall");
    CHECK(world.to_server(base + "67") == "server");
  }
  CHECK_FALSE(responded.out.contains("led 192.0.2.67"));
  CHECK_FALSE(responded.out.contains("led 2001:db8::67"));
  CHECK(world.call("Status").parameters.at("baited") == 2);
}

TEST_CASE("who is blocked and baited when respond starts counts as blocked, so that an alert shortens no block") {
  World world("xtables");
  world.start();
  world.firewall.tree.write("rules/responses.conf", "block source for 10m when any\n");
  REQUIRE(world.call("Block", {{"addresses", {"192.0.2.66"}}, {"for_seconds", 3600}, {"kill", false}})
              .parameters.at("in_force") == true);
  REQUIRE(world.call("Bait", {{"addresses", {"192.0.2.66"}}, {"to", "honeypot.net.dmz:2222"}, {"for_seconds", 3600}})
              .parameters.at("in_force") == true);
  const Outcome responded = world.respond(
      R"({"event_type":"alert","src_ip":"192.0.2.66","dest_ip":"192.0.2.1","alert":{"signature_id":7,"severity":1}})"
      "\n");
  INFO(responded.out + responded.err);
  REQUIRE(responded.status == 0);
  const auto blocked = world.call("Blocked").parameters.at("blocked");
  REQUIRE(blocked.size() == 1);
  CHECK(blocked.at(0).at("seconds_left") > 3000);
}
