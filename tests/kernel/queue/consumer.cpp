// SPDX-License-Identifier: GPL-2.0-or-later
// What a program that inspects needs of the rules: its own resets leave, what it gives back leaves its queue, and what
// it cannot read as its ends do never gets there.
#include <map>
#include <set>

#include "conversation.h"
#include "lab/run.h"
#include "support/catch.h"
#include "support/engine.h"
#include "support/policy_files.h"

using namespace vuurmuur;
using namespace vuurmuur::kernel_test;

namespace {

struct Hosts {
  const char* client;
  const char* server;
};
constexpr Hosts kIpv4{"10.1.0.10", "10.3.0.10"}, kIpv6{"fd00:1::10", "2001:db8:3::10"};

void check_queued(const Conversation::Step& step, std::uint16_t queue) {
  CHECK(step.arrived);
  REQUIRE(step.queued.size() == 1);
  CHECK(step.queued[0].queue == queue);
}

void check_plain(const Conversation::Step& step) {
  CHECK(step.arrived);
  CHECK(step.queued.empty());
}

void check_gone(const Conversation::Step& step) {
  CHECK(!step.arrived);
  CHECK(step.queued.empty());
}

/// Another program sets bits of its own in each connection's mark.
struct ForeignMarks {
  ForeignMarks() { change("-A PREROUTING -j CONNMARK --set-xmark 0xc0000123/0xc0000fff\n"); }
  ~ForeignMarks() { change(""); }
  static void change(const std::string& rules) {
    const lab::Inside there(gateway().firewall());
    for (const char* program : {"iptables-legacy-restore", "ip6tables-legacy-restore"})
      lab::run_ok({program}, "*mangle\n" + rules + "COMMIT\n");
  }
};

}  // namespace

TEST_CASE("resets of the program that inspects leave for both ends, others of the firewall's packets do not") {
  if (!can_queue(engine_under_test())) return;
  const Hosts hosts = GENERATE(kIpv4, kIpv6);
  lab::Gateway& bench = gateway();
  bench.queues.bind(60);
  load(bench, Policy(with_rules({"nfqueue service http from lan to dmz options nfqueuenum=\"60\""})));
  Conversation web("lan0", hosts.client, "dmz0", hosts.server, 40100, 80);
  for (const auto& step : web.open()) check_queued(step, 60);
  SECTION("to the client, then to the server") {
    check_plain(web.reset_to_client());
    check_plain(web.reset_to_server());
  }
  SECTION("to the server, then to the client") {
    check_plain(web.reset_to_server());
    check_plain(web.reset_to_client());
  }
  SECTION("a reset of no connection") {
    Conversation nobody("lan0", hosts.client, "dmz0", hosts.server, 40101, 80);
    check_gone(nobody.reset_to_client());
    check_gone(nobody.reset_to_server());
  }
  bench.conntrack.flush();
}

TEST_CASE("a connection that is given back is plain for the rest of its life, in both directions") {
  if (!can_queue(engine_under_test())) return;
  const Hosts hosts = GENERATE(kIpv4, kIpv6);
  lab::Gateway& bench = gateway();
  const ForeignMarks foreign;
  bench.queues.bind(61);
  bench.queues.bind(62);
  bench.queues.bind(63);
  load(bench,
       Policy(with_rules(
           {"nfqueue service http from lan to dmz options nfqueuenum=\"61\",release=\"0x80/0x80\"",
            "nfqueue service ssh from lan to dmz options nfqueuenum=\"62\",release=\"0x80/0x80\",nfmark=\"4/0xf\"",
            "nfqueue service dns from lan to dmz options nfqueuenum=\"63\""})));
  const auto mark_of = [&](const Conversation& talk) {
    const auto found = bench.conntrack.find(talk.first());
    REQUIRE(found);
    return found->mark;
  };
  SECTION("by what the client sends") {
    Conversation web("lan0", hosts.client, "dmz0", hosts.server, 40110, 80);
    Conversation other("lan0", hosts.client, "dmz0", hosts.server, 40111, 80);
    for (const auto& step : web.open()) check_queued(step, 61);
    for (const auto& step : other.open()) check_queued(step, 61);
    web.mark_verdicts(0x80);
    check_queued(web.client_says("known to be harmless"), 61);
    CHECK(mark_of(web) == 0xc0000123);
    check_plain(web.client_says("more"));
    check_plain(web.server_says("much more"));
    check_plain(web.server_refuses());
    check_queued(other.server_says("not yet"), 61);
    CHECK(mark_of(other) == (0x1003d000 | 0xc0000123));
  }
  SECTION("by what the server sends") {
    Conversation web("lan0", hosts.client, "dmz0", hosts.server, 40112, 80);
    for (const auto& step : web.open()) check_queued(step, 61);
    web.mark_verdicts(0x80);
    check_queued(web.server_says("a large file"), 61);
    check_plain(web.server_says("more of it"));
    check_plain(web.client_says("thanks"));
  }
  SECTION("before the connection is known") {
    Conversation web("lan0", hosts.client, "dmz0", hosts.server, 40113, 80);
    web.mark_verdicts(0x80);
    const auto steps = web.open();
    check_queued(steps[0], 61);
    check_plain(steps[1]);
    check_plain(steps[2]);
    CHECK(mark_of(web) == 0xc0000123);
  }
  SECTION("with a packet mark of its own, which it keeps") {
    Conversation shell("lan0", hosts.client, "dmz0", hosts.server, 40114, 22);
    for (const auto& step : shell.open()) check_queued(step, 62);
    shell.mark_verdicts(0x80);
    check_queued(shell.client_says("ls"), 62);
    check_plain(shell.server_says("files"));
    CHECK((mark_of(shell) & 0x30000000) == 0x30000000);
    CHECK((mark_of(shell) & 0xc0000fff) == 0xc0000123);
  }
  SECTION("other marks, and rules that do not say so, release nothing") {
    Conversation web("lan0", hosts.client, "dmz0", hosts.server, 40115, 80);
    web.mark_verdicts(0x40);
    for (const auto& step : web.open()) check_queued(step, 61);
    check_queued(web.client_says("question"), 61);
    check_queued(web.server_says("answer"), 61);
    CHECK(mark_of(web) == (0x1003d000 | 0xc0000123));
    Conversation names("lan0", hosts.client, "dmz0", hosts.server, 40116, 53);
    names.mark_verdicts(0x80);
    for (const auto& step : names.open()) check_queued(step, 63);
    check_queued(names.client_says("question"), 63);
    check_queued(names.server_says("answer"), 63);
  }
  bench.conntrack.flush();
}

TEST_CASE("many queues with one mark of release, each released by itself") {
  if (!can_queue(engine_under_test())) return;
  lab::Gateway& bench = gateway();
  const char* const services[] = {"http", "ssh", "dns", "ftp", "https"};
  const std::uint16_t ports[] = {80, 22, 53, 21, 443};
  std::vector<std::string> rules;
  for (std::uint16_t i = 0; i < 5; ++i) {
    bench.queues.bind(static_cast<std::uint16_t>(200 + 7 * i));
    rules.push_back("nfqueue service " + std::string(services[i]) + " from lan to dmz options nfqueuenum=\"" +
                    std::to_string(200 + 7 * i) + "\",release=\"1/1\"");
  }
  load(bench, Policy(with_rules(rules)));
  for (std::uint16_t i = 0; i < 5; ++i) {
    const auto queue = static_cast<std::uint16_t>(200 + 7 * i);
    Conversation talk("lan0", kIpv4.client, "dmz0", kIpv4.server, static_cast<std::uint16_t>(40120 + i), ports[i]);
    for (const auto& step : talk.open()) check_queued(step, queue);
    check_queued(talk.server_says("data"), queue);
    talk.mark_verdicts(1);
    check_queued(talk.server_says("data"), queue);
    check_plain(talk.server_says("data"));
    check_plain(talk.client_says("data"));
  }
  bench.conntrack.flush();
}

TEST_CASE("urgent data never gets to a program that may read it otherwise than its end") {
  if (!can_queue(engine_under_test())) return;
  const Hosts hosts = GENERATE(kIpv4, kIpv6);
  lab::Gateway& bench = gateway();
  bench.queues.bind(64);
  bench.queues.bind(65);
  load(bench, Policy(with_rules({"nfqueue service http from lan to dmz options nfqueuenum=\"64\",dropurg",
                                 "nfqueue service ssh from lan to dmz options nfqueuenum=\"65\"",
                                 "accept service https from lan to dmz"})));
  Conversation web("lan0", hosts.client, "dmz0", hosts.server, 40130, 80);
  for (const auto& step : web.open()) check_queued(step, 64);
  check_queued(web.client_says("question"), 64);
  check_gone(web.client_urges());
  check_queued(web.server_says("answer"), 64);
  Conversation shell("lan0", hosts.client, "dmz0", hosts.server, 40131, 22);
  for (const auto& step : shell.open()) check_queued(step, 65);
  check_queued(shell.client_urges(), 65);
  Conversation mail("lan0", hosts.client, "dmz0", hosts.server, 40132, 443);
  for (const auto& step : mail.open()) check_plain(step);
  check_plain(mail.client_urges());
  bench.conntrack.flush();
}

TEST_CASE("of balanced queues one is left out: its connections go to the others, all of one to one of them") {
  if (!can_queue(engine_under_test())) return;
  const bool is_ipv4 = GENERATE(true, false);
  lab::Gateway& bench = gateway();
  constexpr std::uint16_t kFirst = 110, kLeftOut = 111, kLast = 113;
  for (std::uint16_t queue = kFirst; queue <= kLast; ++queue)
    if (queue != kLeftOut) bench.queues.bind(queue);
  const Files files = with_rules({"nfqueue service http from lan to inet options nfqueuenum=\"110:113\""});
  std::vector<Conversation> talks;
  for (int host = 1; host <= 48; ++host) {
    const std::string client = (is_ipv4 ? "10.1.0." : "fd00:1::") + std::to_string(host + 9);
    talks.emplace_back("lan0", client.c_str(), "inet0", is_ipv4 ? "198.51.100.7" : "2001:db8:99::7", 40140, 80);
  }
  load(bench, Policy(files, {.live_queues = {}, .left_out_queues = {kLeftOut}}));
  std::map<std::uint16_t, int> used;
  for (Conversation& talk : talks) {
    std::set<std::uint16_t> own;
    auto steps = talk.open();
    steps.push_back(talk.client_says("question"));
    // Hosts above .15 are not known to the firewall: nothing gets back to them.
    for (std::size_t i = 0; i < steps.size(); ++i) {
      REQUIRE(steps[i].queued.size() == 1);
      own.insert(steps[i].queued[0].queue);
    }
    REQUIRE(own.size() == 1);
    CHECK((*own.begin() == 110 || *own.begin() == 112 || *own.begin() == 113));
    ++used[*own.begin()];
    CHECK(bench.conntrack.find(talk.first())->mark == 0x1006e000);
  }
  // Of IPv6 the longest piece gets all.
  CHECK(used.size() == (is_ipv4 ? 3 : 2));
  CHECK(used.contains(kFirst) == is_ipv4);
  for (const auto& [queue, connections] : used) CHECK(connections >= 4);
  // The program is there again: connections that live are shared out as before, and none is lost.
  bench.queues.bind(kLeftOut);
  load(bench, Policy(files));
  std::set<std::uint16_t> after;
  for (Conversation& talk : talks) {
    const auto step = talk.client_says("again");
    REQUIRE(step.queued.size() == 1);
    CHECK(step.arrived);
    after.insert(step.queued[0].queue);
  }
  CHECK(after.size() >= 3);
  for (std::uint16_t queue = kFirst; queue <= kLast; ++queue) bench.queues.unbind(queue);
  bench.conntrack.flush();
}
