// SPDX-License-Identifier: GPL-2.0-or-later
// doctor: what others have in the kernel, and whose marks collide with ours.
#include <nlohmann/json.hpp>

#include "helpers/firewall.h"
#include "helpers/program.h"
#include "helpers/tree.h"
#include "lab/namespace.h"
#include "lab/queue_consumer.h"
#include "lab/run.h"
#include "support/catch.h"

using vuurmuur::test::Outcome;
using vuurmuur::test::SmallTree;

namespace {

/// What doctor says first: what the engines can do. Whether nf_tables can queue is the kernel's affair.
std::string engines(std::string_view chosen, std::string_view xtables_note = "") {
  const auto document = nlohmann::json::parse(vuurmuur::test::vuurmuur({"doctor", "--json", SmallTree().path()}).out);
  const bool queues = document.at("engines").at("nft").at("queues");
  return "xtables: can hold all rules" + std::string(xtables_note) + "\nnft: " +
         (queues ? "can hold all rules" : "can hold rules, but none that queue packets (the kernel has no NFT_QUEUE)") +
         "\napply would " + std::string(chosen) + "\n";
}

Outcome doctor(const SmallTree& tree, std::vector<std::string> options = {}) {
  options.insert(options.begin(), {"doctor", "--suricata=none"});
  options.push_back(tree.path().string());
  return vuurmuur::test::vuurmuur(std::move(options));
}

}  // namespace

TEST_CASE("where nobody else has rules, doctor says so") {
  vuurmuur::lab::enter_laboratory();
  const vuurmuur::lab::NetNamespace space;
  const vuurmuur::lab::Inside inside(space);
  const SmallTree tree;
  const Outcome outcome = doctor(tree);
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  CHECK(outcome.out == engines("take xtables") +
                           "no rules of others\nconnection marks: nobody else uses ours, 0x3ffff000\nnothing wrong\n");
}

TEST_CASE("doctor names rules that decide and marks that collide, and proposes a mask") {
  vuurmuur::lab::enter_laboratory();
  const vuurmuur::lab::NetNamespace space;
  const vuurmuur::lab::Inside inside(space);
  vuurmuur::lab::run_ok({"iptables-legacy-restore"},
                        "*mangle\n:ts-mark - [0:0]\n-A PREROUTING -j ts-mark\n"
                        "-A ts-mark -j CONNMARK --set-xmark 0x40000/0xff0000\nCOMMIT\n");
  vuurmuur::lab::run_ok({"nft", "-f", "-"},
                        "table inet lab { chain in { type filter hook input priority 0; policy drop; }; }\n");
  const SmallTree tree;
  const Outcome outcome = doctor(tree);
  CHECK(outcome.status == 5);
  CHECK(outcome.out == engines("take nft") +
                           "rules of others:\n"
                           "  iptables mangle PREROUTING (tailscale): 2 rules\n"
                           "  nft inet lab in: 0 rules, policy drop\n"
                           "connection marks: others use bits of ours, 0x3ffff000:\n"
                           "  iptables mangle ts-mark (tailscale) changes bits 0x00ff0000 of the connection mark; "
                           "0x00ff0000 of them are "
                           "ours\n"
                           "free would be CONNMARK_MASK=\"0x0000ffff\", with numbers up to 16383\n"
                           "error: rules of others use bits of our connection mark field 0x3ffff000: iptables mangle "
                           "ts-mark (tailscale)\n"
                           "  connections get into another queue, or out of theirs\n  " +
                           (tree.path() / "config.conf").string() +
                           ":\n    - CONNMARK_MASK=\"0x3ffff000\"\n    + CONNMARK_MASK=\"0x0000ffff\"\n");

  const Outcome json = doctor(tree, {"--json"});
  CHECK(json.status == 5);
  const auto document = nlohmann::json::parse(json.out);
  CHECK(document["engines"]["chosen"] == "nft");
  CHECK(document["engines"]["loaded"] == nullptr);
  CHECK(document["rules_of_others"].size() == 2);
  CHECK(document["mark_collisions"][0]["ours"] == 0xff0000);
  CHECK(document["proposed_mask"]["mask"] == 0xffff);
  CHECK(document["proposed_mask"]["fits_policy"] == true);
  CHECK(document["findings"][0]["id"] == "marks-collide");
}

TEST_CASE("doctor tells which engine holds rules of ours, and what apply would refuse") {
  vuurmuur::lab::enter_laboratory();
  const vuurmuur::lab::NetNamespace space;
  const vuurmuur::lab::Inside inside(space);
  const SmallTree tree;
  REQUIRE(vuurmuur::test::vuurmuur({"apply", tree.path().string()}).status == 0);
  CHECK(doctor(tree).out.starts_with(engines("take xtables", "; ours are in it")));

  vuurmuur::lab::run_ok({"nft", "-f", "-"},
                        "table inet lab { chain in { type filter hook input priority 0; policy drop; }; }\n");
  tree.write("config.conf", "BACKEND=\"xtables\"\n");
  CHECK(doctor(tree).out.starts_with(engines(
      "refuse: rules of others in nft would decide packets as well: nft inet lab in has policy drop; both "
      "engines would see every packet, and the stricter one would win: move those rules, or load ours there too "
      "(--backend=nft), or accept it with --force",
      "; ours are in it")));
}

namespace {

/// A firewall whose web traffic goes through queue 3, with its rules loaded.
struct Inspected {
  vuurmuur::test::Firewall firewall;
  vuurmuur::test::TemporaryDirectory suricata;
  Inspected() {
    firewall.tree.write("config.conf", "BACKEND=\"xtables\"\n");
    firewall.tree.rules(
        "nfqueue service http from world.inet to firewall options nfqueuenum=\"3\",release=\"0x1/0x1\",dropurg");
    REQUIRE(firewall.apply().status == 0);
  }
  [[nodiscard]] std::string file(const std::string& name) const { return (suricata.path() / name).string(); }
  /// doctor with a configuration of Suricata.
  [[nodiscard]] Outcome doctor(const std::string& yaml, std::vector<std::string> options = {}) const {
    suricata.write("suricata.yaml", yaml);
    options.insert(options.begin(), {"doctor", "--suricata=" + file("suricata.yaml")});
    options.push_back(firewall.tree.path().string());
    return firewall.run(std::move(options));
  }
};

bool has(const Outcome& outcome, std::string_view text) { return outcome.out.find(text) != std::string::npos; }

}  // namespace

TEST_CASE("doctor tells that nobody listens, and then that nothing is wrong") {
  vuurmuur::lab::enter_laboratory();
  const Inspected inspected;
  const std::string written =
      inspected.firewall.run({"doctor", "--write-suricata", inspected.firewall.tree.path().string()}).out;
  const Outcome alone = inspected.doctor(written);
  INFO(alone.out + alone.err);
  CHECK(alone.status == 5);
  CHECK(has(alone, "error: queue 3: nobody listens (rule 1"));
  CHECK_FALSE(has(alone, "Suricata: "));

  vuurmuur::lab::QueueConsumer consumer(inspected.firewall.space());
  consumer.bind(3);
  const Outcome attended = inspected.doctor(written);
  INFO(attended.out + attended.err);
  CHECK(attended.status == 0);
  CHECK(attended.out.ends_with("\nnothing wrong\n"));
}

TEST_CASE("doctor tells what is wrong with a configuration of Suricata, with the lines to change") {
  vuurmuur::lab::enter_laboratory();
  const Inspected inspected;
  vuurmuur::lab::QueueConsumer consumer(inspected.firewall.space());
  consumer.bind(3);
  const std::string yaml = "nfq:\n  mode: repeat\n  bypass-mark: 2\n  bypass-mask: 2\nstream:\n  bypass: yes\n";
  const Outcome text = inspected.doctor(yaml);
  INFO(text.out + text.err);
  CHECK(text.status == 5);
  CHECK(text.out.ends_with(
      "error: Suricata: mode repeat with the mark 0x0/0x0, which packets have before it has seen them\n"
      "  it takes them for packets that it has seen already, and lets all of them pass without inspection\n  " +
      inspected.file("suricata.yaml") +
      ":2:\n    - mode: repeat\n    + mode: accept\n"
      "warning: Suricata: it marks 0x2/0x2, while rule 1: nfqueue http from world.inet to firewall releases what is "
      "marked 0x1/0x1\n"
      "  no connection is ever taken out of the queue\n  " +
      inspected.file("suricata.yaml") + ":3:\n    - bypass-mark: 2\n    + bypass-mark: 0x1\n  " +
      inspected.file("suricata.yaml") +
      ":4:\n    - bypass-mask: 2\n    + bypass-mask: 0x1\n"
      "warning: Suricata: it drops connections that it meets in their middle (auto)\n"
      "  each start of Suricata ends all connections in its queues\n  " +
      inspected.file("suricata.yaml") + ":5, in stream:\n    +   midstream: true\n  " +
      inspected.file("suricata.yaml") + ":5, in stream:\n    +   midstream-policy: ignore\n"));
  CHECK(has(inspected.doctor(yaml, {"--colour=always"}), "\033[1;31merror:\033[0m Suricata: mode repeat"));
  const auto json = nlohmann::json::parse(inspected.doctor(yaml, {"--json"}).out);
  REQUIRE(json["findings"].size() == 3);
  CHECK(json["findings"][0]["id"] == "suricata-repeat");
  CHECK(json["findings"][0]["severity"] == "error");

  inspected.suricata.write("suricata.service", "[Service]\nExecStart=/usr/bin/suricata -D --af-packet\n");
  CHECK(has(inspected.doctor(yaml, {"--suricata-unit=" + inspected.file("suricata.service")}),
            "    + ExecStart=/usr/bin/suricata -D -q 3\n"));
}

TEST_CASE("doctor refuses files that are not there, and two texts at once") {
  const SmallTree tree;
  const std::string path = tree.path().string();
  CHECK(vuurmuur::test::vuurmuur({"doctor", "--write-suricata", "--write-consumer", path}).status == 1);
  CHECK(vuurmuur::test::vuurmuur({"doctor", "--write-consumer", path}).out ==
        "# No rule of the policy sends to a queue.\n");
  vuurmuur::lab::enter_laboratory();
  const vuurmuur::lab::NetNamespace space;
  const vuurmuur::lab::Inside inside(space);
  CHECK(vuurmuur::test::vuurmuur({"doctor", "--suricata=" + path + "/none.yaml", path}).status == 3);
  tree.write("bad.yaml", "nfq: [1\n");
  const Outcome bad = vuurmuur::test::vuurmuur({"doctor", "--suricata=" + path + "/bad.yaml", path});
  CHECK(bad.status == 5);
  CHECK(has(bad, "error: Suricata: the configuration cannot be read"));
}

TEST_CASE("doctor tells which published ports go around the policy") {
  vuurmuur::lab::enter_laboratory();
  const Inspected inspected;
  vuurmuur::lab::QueueConsumer consumer(inspected.firewall.space());
  consumer.bind(3);
  // As Docker puts itself in front when it starts.
  vuurmuur::lab::run_ok(
      {"iptables-legacy-restore", "--noflush"},
      "*nat\n:DOCKER - [0:0]\n-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n"
      "-A DOCKER ! -i br-web -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.20.0.5:80\nCOMMIT\n"
      "*filter\n:DOCKER - [0:0]\n:DOCKER-USER - [0:0]\n"
      "-I FORWARD 1 -o br-web -j DOCKER\n-I FORWARD 1 -j DOCKER-USER\n"
      "-A DOCKER -d 172.20.0.5/32 ! -i br-web -o br-web -p tcp -m tcp --dport 80 -j ACCEPT\nCOMMIT\n");
  const std::string good =
      inspected.firewall.run({"doctor", "--write-suricata", inspected.firewall.tree.path().string()}).out;
  const Outcome around = inspected.doctor(good);
  INFO(around.out + around.err);
  CHECK(around.status == 5);
  CHECK(has(around, "warning: published port tcp 8080 (docker) to 172.20.0.5:80 goes around the policy\n"));
  const std::string closing = "DOCKER-USER -i eth0 -d 172.20.0.5/32 -p tcp -m tcp --dport 80 -j DROP";
  CHECK(has(around, "    + iptables -I " + closing + "\n"));
  // What it says closes it.
  vuurmuur::lab::run_ok({"iptables-legacy-restore", "--noflush"}, "*filter\n-I " + closing + "\nCOMMIT\n");
  const Outcome closed = inspected.doctor(good);
  INFO(closed.out + closed.err);
  CHECK_FALSE(has(closed, "goes around the policy"));
  CHECK(closed.status == 0);
}
