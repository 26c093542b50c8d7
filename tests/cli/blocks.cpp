// SPDX-License-Identifier: GPL-2.0-or-later
// block, unblock and list --blocked on both engines, seen by what gets through the firewall to a peer and back.
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "helpers/firewall.h"
#include "helpers/udp.h"
#include "lab/run.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::test;
using namespace std::chrono_literals;

namespace {

constexpr auto kAll =
    "accept service any from world.inet to firewall\naccept service any from firewall to world.inet\n"
    "accept service any from world6.inet to firewall\naccept service any from firewall to world6.inet";

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    ::usleep(20'000);
  }
  return true;
}

/// A firewall with the rules in an engine, and a peer with three addresses of each family.
struct World {
  explicit World(std::string_view chosen) : engine(chosen) {
    firewall.tree.write("zones/inet/networks/world6/network.config",
                        "ACTIVE=\"Yes\"\nIPV6NETWORK=\"::\"\nIPV6CIDR=\"0\"\nINTERFACE=\"nic\"\n");
    firewall.tree.rules(kAll);
    lab::ip("addr add 2001:db8::1/64 dev eth0 nodad\n");
    {
      const lab::Inside there(firewall.peer());
      lab::ip(
          "addr add 192.0.2.66/24 dev far0\naddr add 192.0.2.67/24 dev far0\naddr add 2001:db8::2/64 dev far0 nodad\n"
          "addr add 2001:db8::66/64 dev far0 nodad\naddr add 2001:db8::67/64 dev far0 nodad\n");
    }
    apply();
  }

  void apply() const {
    const Outcome done = firewall.apply({"--backend=" + engine});
    INFO(done.err);
    REQUIRE(done.status == 0);
  }
  /// From the peer with that address to the firewall, or the other way round.
  [[nodiscard]] bool reaches(const std::string& peer, bool is_inward = true) const {
    std::optional<UdpSocket> there;
    {
      const lab::Inside inside(firewall.peer());
      there.emplace(peer);
    }
    const UdpSocket here(peer.find(':') == std::string::npos ? "192.0.2.1" : "2001:db8::1");
    return is_inward ? arrives(*there, here) : arrives(here, *there);
  }

  std::string engine;
  Firewall firewall;
};

}  // namespace

TEST_CASE("who is blocked gets nothing through in either direction, at once and without a reload") {
  const World world(GENERATE("xtables", "nft"));
  CAPTURE(world.engine);
  for (const std::string base : {"192.0.2.", "2001:db8::"}) {
    REQUIRE(world.reaches(base + "66"));
    REQUIRE(world.reaches(base + "66", /*is_inward=*/false));
    CHECK(world.firewall.done({"block", base + "66"}).at("in_force") == true);
    CHECK_FALSE(world.reaches(base + "66"));
    CHECK_FALSE(world.reaches(base + "66", /*is_inward=*/false));
    CHECK(world.reaches(base + "67"));
    // An apply, also of something else, leaves the block as it is.
    world.apply();
    CHECK_FALSE(world.reaches(base + "66"));
    CHECK(world.firewall.done({"unblock", base + "66"}).at("unblocked") == 1);
    CHECK(world.firewall.done({"unblock", base + "66"}).at("unblocked") == 0);
    CHECK(world.reaches(base + "66"));
    CHECK(world.reaches(base + "66", /*is_inward=*/false));
  }
  CHECK(world.firewall.json({"history"}).size() == 3);
}

TEST_CASE("a block ends by itself at its time, and another one for the same address counts from then") {
  const World world(GENERATE("xtables", "nft"));
  CAPTURE(world.engine);
  world.firewall.done({"block", "192.0.2.66", "2001:db8::66", "--for=1d"});
  world.firewall.done({"block", "192.0.2.66", "2001:db8::66", "--for=5s"});
  CHECK_FALSE(world.reaches("192.0.2.66"));
  CHECK_FALSE(world.reaches("2001:db8::66"));
  world.apply();
  CHECK(eventually([&] { return world.reaches("192.0.2.66"); }));
  CHECK(eventually([&] { return world.reaches("2001:db8::66"); }));
  CHECK(world.firewall.json({"list", "--blocked"}).empty());
  CHECK(world.firewall.run({"list", "--blocked"}).out == "nobody is blocked\n");
}

TEST_CASE("networks are blocked, one in the other, each for its own time") {
  const World world(GENERATE("xtables", "nft"));
  CAPTURE(world.engine);
  world.firewall.done({"block", "192.0.2.66/32", "192.0.2.64/30", "--for=1d"});
  world.firewall.done({"block", "192.0.2.64/27", "--for=8s"});
  world.firewall.done({"block", "2001:db8::60/124", "--for=8s"});
  world.firewall.done({"block", "2001:db8::66/127"});
  CHECK_FALSE(world.reaches("192.0.2.67"));
  CHECK_FALSE(world.reaches("2001:db8::67"));
  CHECK(world.firewall.json({"list", "--blocked"}).size() == 5);
  CHECK(eventually([&] { return world.firewall.json({"list", "--blocked"}).size() == 3; }));
  CHECK_FALSE(world.reaches("192.0.2.67"));
  CHECK_FALSE(world.reaches("2001:db8::67"));
  CHECK(world.firewall.done({"unblock", "192.0.2.64/30", "2001:db8::66/127"}).at("unblocked") == 2);
  CHECK(world.reaches("192.0.2.67"));
  CHECK_FALSE(world.reaches("192.0.2.66"));
  CHECK(world.reaches("2001:db8::67"));
}

TEST_CASE("live connections of who is blocked go on, or end with --kill") {
  const World world(GENERATE("xtables", "nft"));
  CAPTURE(world.engine);
  lab::run_ok({"conntrack", "-I", "-p", "tcp", "--timeout", "600", "--state", "ESTABLISHED", "-u", "ASSURED,SEEN_REPLY",
               "--sport", "1000", "--dport", "80", "-s", "192.0.2.66", "-d", "192.0.2.1"});
  CHECK(world.firewall.done({"block", "192.0.2.66"}).at("ended_connections") == 0);
  CHECK(lab::run_ok({"conntrack", "-L"}).find("192.0.2.66") != std::string::npos);
  CHECK(world.firewall.done({"block", "192.0.2.64/30", "--kill"}).at("ended_connections") == 1);
  CHECK(lab::run_ok({"conntrack", "-L"}).find("192.0.2.66") == std::string::npos);
}

TEST_CASE("blocks are in force again after everything in the kernel was lost, with what is left of their time") {
  const World world(GENERATE("xtables", "nft"));
  CAPTURE(world.engine);
  world.firewall.done({"block", "192.0.2.66", "--for=1h"});
  world.firewall.done({"block", "192.0.2.64/30", "2001:db8::66", "--for=2m"});
  world.firewall.done({"block", "192.0.2.67", "--for=1s"});
  REQUIRE(world.firewall.run({"clear", "--yes"}).status == 0);
  CHECK(world.reaches("192.0.2.66"));
  // In the file meanwhile, for nobody asks.
  CHECK(world.firewall.done({"block", "2001:db8::67", "--for=5m"}).at("in_force") == false);
  // As in another boot, half a minute later by the time of day.
  const std::string path = world.firewall.state().string() + "/blocks";
  std::ifstream in(path);
  std::string text(std::istreambuf_iterator<char>(in), {}), line;
  std::ofstream out(path, std::ios::trunc);
  for (std::istringstream lines(text); std::getline(lines, line);) {
    std::istringstream words(line);
    std::string what, prefix, wall, left, boottime;
    if (words >> what >> prefix >> wall >> left >> boottime && what == "+")
      line = "+ " + prefix + ' ' + std::to_string(std::stoll(wall) - 30) + ' ' + left + ' ' + boottime;
    out << (line.starts_with("boot ") ? "boot of-before" : line) << '\n';
  }
  out << "+ 192.0.2.1";  // half a line
  out.close();
  REQUIRE(world.firewall.run({"restore"}).status == 0);
  CHECK_FALSE(world.reaches("192.0.2.66"));
  CHECK_FALSE(world.reaches("192.0.2.67"));
  CHECK_FALSE(world.reaches("2001:db8::66"));
  CHECK_FALSE(world.reaches("2001:db8::67"));
  CHECK(world.reaches("192.0.2.2"));
  const auto blocks = world.firewall.json({"list", "--blocked"});
  REQUIRE(blocks.size() == 4);
  CHECK(blocks[0].at("address") == "192.0.2.64/30");
  CHECK(blocks[0].at("seconds_left") <= 90);
  CHECK(blocks[0].at("seconds_left") > 60);
  CHECK(blocks[1].at("seconds_left") <= 3570);
}

TEST_CASE("a first apply that is refused leaves nothing of who is blocked in the kernel") {
  const std::string engine = GENERATE("xtables", "nft");
  CAPTURE(engine);
  const Firewall firewall;
  REQUIRE(firewall.run({"block", "192.0.2.66", "192.0.2.128/25", "2001:db8::66"}).status == 0);
  firewall.tree.write("services/odd", "ACTIVE=\"Yes\"\nRANGE=\"6;4711\"\nHELPER=\"no-such-helper\"\n");
  firewall.tree.rules("accept service odd from world.inet to firewall");
  const Outcome refused = firewall.apply({"--backend=" + engine});
  CAPTURE(refused.err);
  REQUIRE(refused.status == 3);
  CHECK(refused.err.find("sets are left") == std::string::npos);
  CHECK(lab::run_ok({"ipset", "list", "-n"}).empty());
  CHECK(lab::run_ok({"nft", "list", "ruleset"}).find("vuurmuur") == std::string::npos);
  // With rules in force, what is refused leaves them and who is blocked as they are.
  firewall.tree.rules("accept service any from world.inet to firewall");
  REQUIRE(firewall.apply({"--backend=" + engine}).status == 0);
  firewall.tree.rules("accept service odd from world.inet to firewall");
  REQUIRE(firewall.apply({"--backend=" + engine}).status == 3);
  const std::string held = lab::run_ok(engine == "nft" ? std::vector<std::string>{"nft", "list", "ruleset"}
                                                       : std::vector<std::string>{"ipset", "list"});
  for (const char* blocked : {"192.0.2.66", "192.0.2.128", "2001:db8::66"})
    CHECK(held.find(blocked) != std::string::npos);
}

TEST_CASE("blocks move to the other engine with the rules") {
  World world("xtables");
  world.firewall.done({"block", "192.0.2.66", "192.0.2.128/25"});
  for (const char* engine : {"nft", "xtables"}) {
    world.engine = engine;
    world.apply();
    CHECK_FALSE(world.reaches("192.0.2.66"));
    CHECK(world.reaches("192.0.2.67"));
    CHECK(world.firewall.done({"block", "192.0.2.67", "--for=1h"}).at("in_force") == true);
    CHECK_FALSE(world.reaches("192.0.2.67"));
    world.firewall.done({"unblock", "192.0.2.67"});
  }
  CHECK(lab::run_ok({"nft", "list", "ruleset"}).find("vuurmuur") == std::string::npos);
}

TEST_CASE("hosts, groups and networks are blocked by their names") {
  const World world("xtables");
  const auto& tree = world.firewall.tree;
  tree.write("zones/inet/networks/world/hosts/evil.host",
             "ACTIVE=\"Yes\"\nIPADDRESS=\"192.0.2.66\"\nIPV6ADDRESS=\"2001:db8::66\"\n");
  tree.write("zones/inet/networks/world/hosts/worse.host", "ACTIVE=\"Yes\"\nIPADDRESS=\"192.0.2.67\"\n");
  tree.write("zones/inet/networks/world/groups/bad.group", "ACTIVE=\"Yes\"\nMEMBER=\"evil\"\nMEMBER=\"worse\"\n");
  const std::string config = "--config=" + tree.path().string();
  CHECK(world.firewall.done({"block", config, "bad.world.inet"}).at("blocked").size() == 3);
  CHECK_FALSE(world.reaches("192.0.2.67"));
  CHECK(world.firewall.done({"unblock", config, "evil.world.inet"}).at("unblocked") == 2);
  CHECK(world.reaches("2001:db8::66"));
  CHECK(world.firewall.run({"block", config, "bad.world.inet"}).out ==
        "3 addresses and networks blocked until they are unblocked\n");
  world.firewall.done({"unblock", config, "bad.world.inet"});
  const Outcome unknown = world.firewall.run({"block", config, "bda.world.inet"});
  CHECK(unknown.status == 1);
  CHECK(unknown.err.find("did you mean 'bad.world.inet'") != std::string::npos);
  // The network is everybody.
  CHECK(world.firewall.run({"block", config, "world.inet"}).status == 1);
  CHECK(world.firewall.run({"block", "0.0.0.0/0"}).status == 1);
  CHECK(world.firewall.run({"block", "192.0.2.66", "--for=0"}).status == 1);
  CHECK(world.firewall.run({"block", "192.0.2.66", "--for=99d"}).status == 1);
  CHECK(world.firewall.run({"block"}).status == 1);
}
