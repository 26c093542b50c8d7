// SPDX-License-Identifier: GPL-2.0-or-later
// What NFQUEUE users are promised: all packets of a connection, both directions, for as long as it lives.
#include <set>

#include "conversation.h"
#include "lab/run.h"
#include "support/catch.h"
#include "support/engine.h"
#include "support/policy_files.h"

using namespace vuurmuur;
using namespace vuurmuur::kernel_test;

namespace {

constexpr std::uint32_t kForeignConnmark = 0xc0000123, kForeignMark = 0x00080004;

/// Rules of another program in table mangle: bits of its own in every packet's and every connection's mark.
struct ForeignMarks {
  ForeignMarks() {
    change(
        "-A PREROUTING -j CONNMARK --set-xmark 0xc0000123/0xc0000fff\n-A PREROUTING -j MARK --set-xmark "
        "0x80004/0xf000f\n");
  }
  ~ForeignMarks() { change(""); }
  static void change(const std::string& rules) {
    const lab::Inside there(gateway().firewall());
    for (const char* program : {"iptables-legacy-restore", "ip6tables-legacy-restore"})
      lab::run_ok({program}, "*mangle\n" + rules + "COMMIT\n");
  }
};

/// Loads a policy the way the program does: queues of live connections keep their leaf.
void load_beside_live_connections(const std::vector<std::string>& rules) {
  const Files files = with_rules(rules);
  const Policy policy(files);
  std::vector<ir::NfqueueTarget> live;
  {
    const lab::Inside there(gateway().firewall());
    const auto kernel = apply::make_kernel();
    auto found = apply::live_queues(*kernel, policy.layout());
    REQUIRE(found);
    live = std::move(*found);
  }
  load(gateway(), Policy(files, {.live_queues = live}));
}

void check_queued(const Conversation::Step& step, std::uint16_t queue, std::uint32_t mark = 0) {
  CHECK(step.arrived);
  REQUIRE(step.queued.size() == 1);
  CHECK(step.queued[0].queue == queue);
  CHECK(step.queued[0].mark == mark);
}

void check_plain(const Conversation::Step& step) {
  CHECK(step.arrived);
  CHECK(step.queued.empty());
}

struct Hosts {
  const char* client;
  const char* server;
};

constexpr Hosts kIpv4{"10.1.0.10", "10.3.0.10"}, kIpv6{"fd00:1::10", "2001:db8:3::10"};

}  // namespace

TEST_CASE("a queued connection stays in its queue through reloads, with the marks of others untouched") {
  if (!can_queue(engine_under_test())) return;
  const Hosts hosts = GENERATE(kIpv4, kIpv6);
  lab::Gateway& bench = gateway();
  const ForeignMarks foreign;
  bench.queues.bind(42);
  bench.queues.bind(43);
  const std::string queue_42 = "nfqueue service http from lan to dmz options nfqueuenum=\"42\"";
  load_beside_live_connections({queue_42, "accept service ssh from lan to dmz"});
  Conversation web("lan0", hosts.client, "dmz0", hosts.server, 40001, 80);
  Conversation shell("lan0", hosts.client, "dmz0", hosts.server, 40002, 22);
  const auto check = [&] {
    check_queued(web.client_says("question"), 42, kForeignMark);
    check_queued(web.server_says("answer"), 42, kForeignMark);
    check_queued(web.server_refuses(), 42, kForeignMark);
    check_plain(shell.client_says("ls"));
    check_plain(shell.server_says("files"));
    const auto remembered = bench.conntrack.find(web.first()), plain = bench.conntrack.find(shell.first());
    REQUIRE(remembered);
    REQUIRE(plain);
    CHECK(remembered->mark == (0x1002a000 | kForeignConnmark));
    CHECK(plain->mark == kForeignConnmark);
  };
  for (const auto& step : web.open()) check_queued(step, 42, kForeignMark);
  for (const auto& step : shell.open()) check_plain(step);
  check();
  SECTION("the same rules three times") {
    for (int reload = 0; reload < 3; ++reload) {
      load_beside_live_connections({queue_42, "accept service ssh from lan to dmz"});
      check();
    }
  }
  SECTION("other rules, another queue for new connections, and no rule for the old queue") {
    load_beside_live_connections({"drop service ping from any to any", queue_42});
    check();
    load_beside_live_connections({"nfqueue service http from lan to dmz options nfqueuenum=\"43\""});
    check();
    Conversation newer("lan0", hosts.client, "dmz0", hosts.server, 40003, 80);
    for (const auto& step : newer.open()) check_queued(step, 43, kForeignMark);
    load_beside_live_connections({"accept service ping from any to any"});
    check();
    check_queued(newer.server_says("still here"), 43, kForeignMark);
  }
  SECTION("a reload while packets wait for their verdict") {
    bench.wire.send("lan0", [&] {
      lab::Packet syn = web.first();
      syn.source_port = 40009;
      return syn;
    }());
    CHECK(bench.wire.settle().empty());
    load_beside_live_connections({queue_42});
    const auto waiting = bench.queues.pending();
    REQUIRE(waiting.size() == 1);
    bench.queues.accept(waiting[0]);
    CHECK(bench.wire.settle().size() == 1);
  }
  bench.conntrack.flush();
}

TEST_CASE("data connections of FTP follow their control connection into its queue") {
  if (!can_queue(engine_under_test())) return;
  lab::Gateway& bench = gateway();
  bench.queues.bind(9);
  load(bench, Policy(with_rules({"nfqueue service ftp from lan to dmz options nfqueuenum=\"9\""})));
  Conversation control("lan0", kIpv4.client, "dmz0", kIpv4.server, 40010, 21);
  for (const auto& step : control.open()) check_queued(step, 9);
  CHECK(bench.conntrack.find(control.first())->helper == "ftp");
  check_queued(control.server_says("220 ready\r\n"), 9);
  check_queued(control.client_says("USER ftp\r\n"), 9);

  SECTION("active: the server connects to the port that PORT names") {
    check_queued(control.client_says("PORT 10,1,0,10,200,10\r\n"), 9);
    Conversation data("dmz0", kIpv4.server, "lan0", kIpv4.client, 20, 200 * 256 + 10);
    for (const auto& step : data.open()) check_queued(step, 9);
    check_queued(data.client_says("file"), 9);
    CHECK(bench.conntrack.find(data.first())->mark == 0x10009000);
  }
  SECTION("passive: the client connects to the port of the answer") {
    check_queued(control.client_says("PASV\r\n"), 9);
    check_queued(control.server_says("227 Entering Passive Mode (10,3,0,10,200,11).\r\n"), 9);
    Conversation data("lan0", kIpv4.client, "dmz0", kIpv4.server, 40011, 200 * 256 + 11);
    for (const auto& step : data.open()) check_queued(step, 9);
    check_queued(data.server_says("file"), 9);
  }
  SECTION("a port that nobody announced stays closed") {
    Conversation data("lan0", kIpv4.client, "dmz0", kIpv4.server, 40012, 200 * 256 + 12);
    const auto steps = data.open();
    CHECK(!steps[0].arrived);
    CHECK(steps[0].queued.empty());
  }
  bench.conntrack.flush();
}

TEST_CASE("without a listener a queue drops, with bypass it lets pass") {
  if (!can_queue(engine_under_test())) return;
  const Hosts hosts = GENERATE(kIpv4, kIpv6);
  lab::Gateway& bench = gateway();
  load(bench, Policy(with_rules({"nfqueue service http from lan to dmz options nfqueuenum=\"500\",bypass",
                                 "nfqueue service ssh from lan to dmz options nfqueuenum=\"501\""})));
  Conversation open("lan0", hosts.client, "dmz0", hosts.server, 40020, 80);
  for (const auto& step : open.open()) check_plain(step);
  CHECK(bench.conntrack.find(open.first())->mark == 0x101f4000);
  Conversation shut("lan0", hosts.client, "dmz0", hosts.server, 40021, 22);
  CHECK(!shut.open()[0].arrived);
  SECTION("a listener that comes later sees the connection from then on") {
    bench.queues.bind(500);
    check_queued(open.server_says("hello"), 500);
    bench.queues.unbind(500);
    check_plain(open.client_says("gone"));
  }
  bench.conntrack.flush();
}

TEST_CASE("balanced queues: all of a connection in one, connections of many hosts in several") {
  if (!can_queue(engine_under_test())) return;
  lab::Gateway& bench = gateway();
  for (std::uint16_t queue = 100; queue <= 107; ++queue) bench.queues.bind(queue);
  load(bench, Policy(with_rules({"nfqueue service http from lan to inet options nfqueuenum=\"100:107\""})));
  std::set<std::uint16_t> used;
  for (int host = 1; host <= 40; ++host) {
    const std::string server = "198.51.100." + std::to_string(host);
    Conversation web("lan0", kIpv4.client, "inet0", server.c_str(), 40030, 80);
    std::set<std::uint16_t> own;
    for (const auto& step : web.open()) {
      CHECK(step.arrived);
      REQUIRE(step.queued.size() == 1);
      own.insert(step.queued[0].queue);
    }
    CHECK(own.size() == 1);
    CHECK((*own.begin() >= 100 && *own.begin() <= 107));
    used.insert(own.begin(), own.end());
    CHECK(bench.conntrack.find(web.first())->mark == 0x10064000);
  }
  CHECK(used.size() >= 4);
  bench.conntrack.flush();
}
