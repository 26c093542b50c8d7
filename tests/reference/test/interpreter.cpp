// SPDX-License-Identifier: GPL-2.0-or-later
// The reference against examples that a person can check in the head.
#include "reference/interpreter.h"

#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::reference;

namespace {

using Kind = model::Endpoint::Kind;

net::Address address(const char* text) { return *net::Address::parse(text); }

model::Interface interface(const char* name, const char* device, const char* own) {
  model::Interface made;
  made.name = std::string(name);
  made.device = std::string(device);
  made.addresses.emplace_back(address(own));
  return made;
}

model::Network network(const char* name, const char* zone, const char* prefix, const char* interface_name) {
  model::Network made;
  made.name = std::string(name);
  made.zone = zone;
  made.prefixes.emplace_back(*net::Prefix::parse(prefix));
  made.interfaces.emplace_back(std::string(interface_name));
  return made;
}

model::Rule rule(std::uint32_t number, model::Action action, const char* service, model::Endpoint from,
                 model::Endpoint to) {
  model::Rule made;
  made.number = number;
  made.action = action;
  made.service = std::string(service);
  made.from = std::move(from);
  made.to = std::move(to);
  return made;
}

const model::Endpoint kAny{}, kFirewall{Kind::Firewall, ""}, kLan{Kind::Zone, "lan"}, kInet{Kind::Zone, "inet"},
    kPc{Kind::Member, "pc.local.lan"};

/// lan (10.1.0.0/24 on lan0) and inet (everything, on inet0), a host pc with a MAC address, the service http.
struct Example {
  model::Policy policy;
  World world;

  Example() {
    policy.interfaces = {interface("lan", "lan0", "10.1.0.1"), interface("inet", "inet0", "203.0.113.2")};
    policy.zones.resize(2);
    policy.zones[0].name = std::string("lan");
    policy.zones[1].name = std::string("inet");
    policy.networks = {network("local", "lan", "10.1.0.0/24", "lan"), network("world", "inet", "0.0.0.0/0", "inet")};
    model::Host pc;
    pc.name = std::string("pc");
    pc.network = "local";
    pc.zone = "lan";
    pc.addresses.emplace_back(address("10.1.0.10"));
    pc.mac = net::MacAddress{{2, 0, 0, 0, 0, 1}};
    policy.hosts = {pc};
    model::Service http;
    http.name = std::string("http");
    http.port_sets.emplace_back(model::PortSet{.protocol = net::Protocol::Tcp, .destination = net::PortRange::one(80)});
    policy.services = {http};
    world.devices["lan0"] = {*net::Prefix::parse("10.1.0.1/24")};
    world.devices["inet0"] = {*net::Prefix::parse("203.0.113.2/24")};
    world.routes = {{*net::Prefix::parse("0.0.0.0/0"), "inet0"}};
  }

  Answer ask(const Packet& packet, State state = State::New) { return Interpreter(policy, world).first(packet, state); }
};

Packet web(const char* device, const char* from, const char* to) {
  Packet packet;
  packet.in_device = device;
  packet.source = address(from);
  packet.destination = address(to);
  packet.protocol = net::Protocol::Tcp;
  packet.source_port = 40000;
  packet.destination_port = 80;
  packet.tcp_flags = 2;
  return packet;
}

}  // namespace

TEST_CASE_METHOD(Example, "the first rule that matches decides, what none takes is dropped") {
  policy.rules = {rule(1, model::Action::Drop, "http", kPc, kInet),
                  rule(2, model::Action::Accept, "http", kLan, kInet)};
  Packet packet = web("lan0", "10.1.0.11", "198.51.100.7");
  CHECK(ask(packet).verdict == Verdict::Accept);
  CHECK(ask(packet).out_device == "inet0");
  packet.source = address("10.1.0.10");
  CHECK(ask(packet).verdict == Verdict::Accept);  // pc is pc with its MAC address only
  packet.source_mac = net::MacAddress{{2, 0, 0, 0, 0, 1}};
  CHECK(ask(packet).why == "rule 1");
  packet.destination_port = 443;
  CHECK(ask(packet).why == "no rule");
  CHECK(ask(packet).verdict == Verdict::Drop);
}

TEST_CASE_METHOD(Example, "a network is its addresses together with its interfaces") {
  policy.rules = {rule(1, model::Action::Accept, "http", kLan, kInet)};
  CHECK(ask(web("lan0", "10.1.0.11", "198.51.100.7")).verdict == Verdict::Accept);
  CHECK(ask(web("inet0", "10.1.0.11", "198.51.100.7")).verdict == Verdict::Drop);
  CHECK(ask(web("lan0", "10.9.0.11", "198.51.100.7")).verdict == Verdict::Drop);
}

TEST_CASE_METHOD(Example, "the firewall is its address on the interface of the other end") {
  policy.rules = {rule(1, model::Action::Accept, "http", kLan, kFirewall)};
  CHECK(ask(web("lan0", "10.1.0.11", "10.1.0.1")).verdict == Verdict::Accept);
  CHECK(ask(web("lan0", "10.1.0.11", "203.0.113.2")).verdict == Verdict::Drop);
  CHECK(ask(web("inet0", "198.51.100.7", "203.0.113.2")).verdict == Verdict::Drop);
}

TEST_CASE_METHOD(Example, "packets without a state NEW match no rule") {
  policy.rules = {rule(1, model::Action::Accept, "any", kAny, kAny)};
  const Packet packet = web("lan0", "10.1.0.11", "198.51.100.7");
  CHECK(ask(packet).verdict == Verdict::Accept);
  CHECK(ask(packet, State::Untracked).verdict == Verdict::Drop);
  CHECK(ask(packet, State::Invalid).why == "invalid");
  policy.settings.drop_invalid = false;
  CHECK(ask(packet, State::Invalid).why == "no state NEW");
}

TEST_CASE_METHOD(Example, "inactive things take no part") {
  policy.rules = {rule(1, model::Action::Accept, "http", kLan, kInet)};
  const Packet packet = web("lan0", "10.1.0.11", "198.51.100.7");
  SECTION("nothing is inactive") { CHECK(ask(packet).verdict == Verdict::Accept); }
  SECTION("rule") { policy.rules[0].active = false; }
  SECTION("service") { policy.services[0].active = false; }
  SECTION("zone") { policy.zones[0].active = false; }
  SECTION("network") { policy.networks[0].active = false; }
  SECTION("the only interface of the network") { policy.interfaces[0].active = false; }
  const bool all_active = policy.rules[0].active && policy.services[0].active && policy.zones[0].active &&
                          policy.networks[0].active && policy.interfaces[0].active;
  CHECK((ask(packet).verdict == Verdict::Accept) == all_active);
}

TEST_CASE_METHOD(Example, "a queued connection keeps its queue, in both directions") {
  policy.rules = {rule(1, model::Action::Nfqueue, "http", kLan, kInet)};
  policy.rules[0].options.queue = model::QueueRange{10, 13};
  const Answer began = ask(web("lan0", "10.1.0.11", "198.51.100.7"));
  CHECK(began.verdict == Verdict::Queue);
  CHECK(began.memory == Memory{Memory::Kind::Queued, 10});
  policy.rules.clear();
  const Answer later = Interpreter(policy, world).later(web("inet0", "198.51.100.7", "10.1.0.11"), began);
  CHECK(later.verdict == Verdict::Queue);
  CHECK(later.queue == model::QueueRange{10, 13});
}

TEST_CASE_METHOD(Example, "portfw sends on what came to the firewall's address and accepts it there") {
  policy.rules = {rule(1, model::Action::Portfw, "http", kInet, kPc)};
  policy.rules[0].options.remote_ports = std::vector{net::PortRange::one(8080)};
  const Answer answer = ask(web("inet0", "198.51.100.7", "203.0.113.2"));
  CHECK(answer.verdict == Verdict::Accept);
  CHECK(answer.out_device == "lan0");
  REQUIRE(answer.destination);
  CHECK(answer.destination->address == address("10.1.0.10"));
  CHECK(answer.destination->ports == std::vector{net::PortRange::one(8080)});
}

TEST_CASE_METHOD(Example, "masq gives the address of the way out, and no verdict") {
  policy.rules = {rule(1, model::Action::Masq, "any", kLan, kInet)};
  Packet packet = web("lan0", "10.1.0.11", "198.51.100.7");
  CHECK(ask(packet).verdict == Verdict::Drop);
  policy.rules.push_back(rule(2, model::Action::Accept, "http", kLan, kInet));
  CHECK(ask(packet).verdict == Verdict::Accept);
  CHECK(ask(packet).source == address("203.0.113.2"));
}

TEST_CASE_METHOD(Example, "a rule with a limit stops matching after its burst, one bucket a family") {
  policy.rules = {rule(1, model::Action::Accept, "http", kLan, kInet),
                  rule(2, model::Action::Reject, "any", kAny, kAny)};
  policy.rules[0].options.limit = model::RateLimit{1, model::RateLimit::Unit::Hour};
  policy.rules[0].options.burst = 2u;
  Interpreter interpreter(policy, world);
  std::vector<std::string> why;
  for (int i = 0; i < 3; ++i) why.push_back(interpreter.first(web("lan0", "10.1.0.11", "198.51.100.7")).why);
  CHECK(why == std::vector<std::string>{"rule 1", "rule 1", "rule 2"});
}
