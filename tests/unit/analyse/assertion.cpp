// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/assertion.h"

#include <string>

#include "diag/render.h"
#include "diag/source.h"
#include "sema/resolve.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::analyse;
using Kind = Finding::Kind;

namespace {

net::Prefix prefix(const char* text) { return *net::Prefix::parse(text); }

model::Service service(const char* name, std::uint16_t port) {
  model::Service made;
  made.name = std::string(name);
  made.port_sets.push_back(model::PortSet{.protocol = net::Protocol::Tcp, .destination = net::PortRange::one(port)});
  return made;
}

model::Endpoint end(const char* name) {
  const std::string_view text = name;
  if (text == "any") return {.kind = model::Endpoint::Kind::Any, .name = {}};
  if (text == "firewall") return {.kind = model::Endpoint::Kind::Firewall, .name = {}};
  return {.kind = model::Endpoint::Kind::Zone, .name = name};
}

/// Zones lan (10.1.0.0/24 behind lan0) and inet (everything behind inet0), services http and ssh.
struct SmallWorld {
  SmallWorld() {
    for (const auto& [name, device, address] :
         {std::tuple{"lan", "lan0", "10.1.0.1"}, std::tuple{"inet", "inet0", "203.0.113.2"}}) {
      model::Interface interface;
      interface.name = std::string(name);
      interface.device = std::string(device);
      interface.addresses.push_back(*net::Address::parse(address));
      model.interfaces.push_back(interface);
      model::Zone zone;
      zone.name = std::string(name);
      model.zones.push_back(zone);
      model::Network network;
      network.name = std::string("net");
      network.zone = name;
      network.prefixes.push_back(prefix(std::string_view(name) == "lan" ? "10.1.0.0/24" : "0.0.0.0/0"));
      network.interfaces.push_back(std::string(name));
      model.networks.push_back(network);
    }
    model.services = {service("http", 80), service("ssh", 22)};
  }

  model::Rule& rule(model::Action action, const char* what, const char* from, const char* to) {
    model::Rule made;
    made.number = static_cast<std::uint32_t>(model.rules.size() + 1);
    made.action = action;
    made.service = std::string(what);
    made.from = end(from);
    made.to = end(to);
    model.rules.push_back(made);
    return model.rules.back();
  }

  CheckedAssertions check(const std::string& text) {
    sink = {};
    sema::Objects objects;
    policy = sema::resolve(model, sources, sink, objects);
    REQUIRE_FALSE(sink.has_errors());
    const diag::FileId file = sources.add("assertions", text);
    return check_assertions(sources.file(file).text(), file, {.model = model, .objects = objects, .policy = policy},
                            sink);
  }

  /// Of one statement.
  Kind result(const std::string& text) {
    const CheckedAssertions checked = check(text);
    REQUIRE(checked.findings.size() == 1);
    return checked.findings.front().kind;
  }

  model::Policy model;
  diag::SourceMap sources;
  diag::Sink sink;
  sema::Policy policy;
};

}  // namespace

TEST_CASE("a promise holds when every packet of it gets through, and a ban when none does") {
  SmallWorld world;
  world.rule(model::Action::Accept, "http", "lan", "inet");
  world.rule(model::Action::Drop, "any", "inet", "lan");
  CHECK(world.result("lan can reach inet service http") == Kind::Holds);
  CHECK(world.result("lan can reach inet") == Kind::Fails);
  CHECK(world.result("lan can reach inet service http, ssh") == Kind::Fails);
  CHECK(world.result("inet never reaches lan") == Kind::Holds);
  CHECK(world.result("inet cannot reach lan service ssh") == Kind::Holds);
  CHECK(world.result("lan can not reach inet service http") == Kind::Fails);
  CHECK(world.result("http from lan to inet is accepted") == Kind::Holds);
  CHECK(world.result("any from inet to lan is dropped") == Kind::Holds);
  CHECK(world.result("any from inet to lan is refused") == Kind::Holds);
  CHECK(world.result("any from inet to lan is rejected") == Kind::Fails);
  CHECK(world.result("ssh from lan to inet is not accepted") == Kind::Holds);
  CHECK(world.result("ssh from lan to inet is not dropped") == Kind::Fails);
  CHECK(world.result("10.1.0.5 can reach 198.51.100.7 service http") == Kind::Holds);
}

TEST_CASE("a statement that is not true is told with a packet and the rule, or that there is none") {
  SmallWorld world;
  world.rule(model::Action::Accept, "http", "lan", "inet");
  CheckedAssertions checked = world.check("lan never reaches inet");
  REQUIRE(checked.findings.front().kind == Kind::Fails);
  CHECK(checked.findings.front().rule == 0);
  CHECK(checked.findings.front().packet->destination_port == 80);
  CHECK(checked.findings.front().packet->in == "lan0");
  REQUIRE(world.sink.all().size() == 1);
  CHECK(world.sink.all().front().code == "assertion-failed");
  CHECK(world.sink.all().front().message == "this does not hold: rule 1 takes it: accepted");
  CHECK(world.sink.all().front().notes.size() == 2);
  checked = world.check("lan can reach inet service ssh");
  CHECK(checked.findings.front().rule == kNoRule);
  CHECK(world.sink.all().front().message == "this does not hold: no rule takes it: it is dropped");
}

TEST_CASE("only those may reach it who are named, and this machine is one of the others") {
  SmallWorld world;
  world.rule(model::Action::Accept, "ssh", "lan", "firewall");
  CHECK(world.result("only lan reaches firewall service ssh") == Kind::Holds);
  CHECK(world.result("only inet reaches firewall service ssh") == Kind::Fails);
  CHECK(world.result("only 10.1.0.5 reaches firewall service ssh") == Kind::Fails);
  world.rule(model::Action::Accept, "ssh", "firewall", "inet");
  CHECK(world.result("only lan reaches inet service ssh") == Kind::Fails);
  CHECK(world.result("only lan and firewall reach inet service ssh") == Kind::Holds);
}

TEST_CASE(
    "what is forbidden to this machine is forbidden at each of its addresses, what is promised at the one that belongs "
    "there") {
  SmallWorld world;
  world.rule(model::Action::Accept, "ssh", "lan", "firewall");
  CHECK(world.result("lan can reach firewall service ssh") == Kind::Holds);
  CHECK(world.result("lan can reach firewall(any) service ssh") == Kind::Fails);
  world.rule(model::Action::Accept, "http", "inet", "any");
  CHECK(world.result("inet never reaches firewall service http") == Kind::Fails);
}

TEST_CASE("limits, chains and queues are taken for what they may be") {
  SmallWorld world;
  model::RateLimit limit{.count = 5};
  world.rule(model::Action::Accept, "http", "lan", "inet").options.limit = limit;
  // Within the limit it gets there; beyond it does not.
  CHECK(world.result("lan can reach inet service http") == Kind::Holds);
  CHECK(world.result("http from lan to inet is accepted") == Kind::Fails);
  CHECK(world.result("lan never reaches inet service http") == Kind::Fails);
  SmallWorld chains;
  chains.rule(model::Action::Chain, "http", "lan", "inet").options.chain = std::string("mine");
  chains.rule(model::Action::Accept, "http", "lan", "inet");
  CHECK(chains.result("lan can reach inet service http") == Kind::Fails);
  CHECK(chains.result("lan never reaches inet service http") == Kind::Fails);
  CHECK(chains.result("lan never reaches inet service ssh") == Kind::Holds);
  SmallWorld queues;
  queues.rule(model::Action::Nfqueue, "http", "lan", "inet").options.queue = model::QueueRange{.first = 7, .last = 9};
  CHECK(queues.result("lan can reach inet service http") == Kind::Holds);
  CHECK(queues.result("http from lan to inet is accepted") == Kind::Fails);
  CHECK(queues.result("http from lan to inet is queued") == Kind::Holds);
  CHECK(queues.result("http from lan to inet is queued to 7:9") == Kind::Holds);
  CHECK(queues.result("http from lan to inet is queued to 7") == Kind::Fails);
  CHECK(queues.result("http from lan to inet is not queued to 9") == Kind::Fails);
  CHECK(queues.result("http from lan to inet is not queued to 10") == Kind::Holds);
}

TEST_CASE("what is about no packet holds, with a warning") {
  SmallWorld world;
  world.rule(model::Action::Accept, "http", "lan", "inet");
  CHECK(world.result("10.1.0.5 never reaches 2001:db8::1") == Kind::AboutNothing);
  REQUIRE_FALSE(world.sink.all().empty());
  CHECK(world.sink.all().back().code == "assertion-about-nothing");
  CHECK(world.sink.all().back().severity == diag::Severity::Warning);
}

TEST_CASE("names that there are not, and broken statements, are told with their place and the near miss") {
  SmallWorld world;
  const CheckedAssertions checked = world.check(
      "# what shall be\n"
      "lna can reach inet   # a name\n"
      "lan can reach inet service htpp\n"
      "lan cna reach inet\n"
      "lan can reach\n"
      "http from lan to inet is acepted\n"
      "http from lan to inet is queued to many\n"
      "lan can reach inet service http please\n"
      "only reaches inet\n"
      "\n");
  CHECK(checked.assertions.size() == 2);
  const std::string text = diag::render(world.sink, world.sources, diag::Style::Plain);
  INFO(text);
  for (const char* told :
       {"assertions:2:1: error: no zone, network, host or group is named 'lna', and it is no address; did you mean "
        "'lan'?\n",
        "assertions:3:28: error: no service is named 'htpp'; did you mean 'http'?\n",
        "assertions:4:5: error: expected 'can' or 'cannot' or 'never' or 'from', not 'cna'; did you mean 'can'?\n",
        "assertions:5:14: error: expected what is reached behind 'reach'\n",
        "assertions:6:26: error: expected 'accepted' or 'queued' or 'dropped' or 'rejected' or 'refused', not "
        "'acepted'; did you mean 'accepted'?\n",
        "assertions:7:36: error: expected the number of a queue or N:M up to 65535, not 'many'\n",
        "assertions:8:33: error: the statement ended before 'please'\n",
        "assertions:9:6: error: expected who is the only one before 'reaches'\n"})
    CHECK(text.find(told) != std::string::npos);
}

TEST_CASE("a statement is written as it is read") {
  diag::Sink sink;
  for (const char* text : {"lan, inet can reach firewall service http, ssh", "inet never reaches lan",
                           "only lan reaches firewall(any) service ssh", "any from lan to inet is queued to 7:9",
                           "http from lan to inet is not accepted"}) {
    const auto read = read_assertions(text, {}, sink);
    REQUIRE(read.size() == 1);
    CHECK(to_string(read.front()) == text);
  }
  CHECK_FALSE(sink.has_errors());
  CHECK(to_string(read_assertions("LAN and inet CAN reach firewall services http or ssh", {}, sink).front()) ==
        "LAN, inet can reach firewall service http, ssh");
}
