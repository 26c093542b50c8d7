// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/ssh_reach.h"

#include "unit/analyse/named_world.h"

using namespace vuurmuur;
using namespace vuurmuur::analyse;
using model::Action;
using test::NamedWorld;

namespace {

SshReach reach(NamedWorld& world) {
  world.resolve();
  return ssh_reach(world.model, world.policy);
}

}  // namespace

TEST_CASE("that nobody reaches the SSH of this machine is told, with what is in the way") {
  NamedWorld world;
  world.rule(Action::Accept, "http", "lan", "inet");
  CHECK(world.findings() ==
        std::vector<std::string>{"ssh-unreachable: nobody can reach the SSH of this machine (tcp 22): "
                                 "no rule lets it in"});
  world.rule(Action::Drop, "any", "any", "firewall(any)");
  world.rule(Action::Accept, "ssh", "lan", "firewall");
  const SshReach found = reach(world);
  CHECK(found.is_closed);
  CHECK(found.refused_by == std::vector<std::size_t>{1});
  CHECK(world.findings() ==
        std::vector<std::string>{
            "never-matches: rule 3 can never match: rule 2 takes all that it would take",
            "ssh-unreachable: nobody can reach the SSH of this machine (tcp 22): rule 2 refuses it"});
}

TEST_CASE("one rule that lets somebody in is enough") {
  NamedWorld world;
  SECTION("a zone") { world.rule(Action::Accept, "ssh", "lan", "firewall"); }
  SECTION("any service from one host") {
    world.add_host("admin", "lan", "10.1.0.9");
    world.rule(Action::Drop, "ssh", "inet", "firewall");
    world.rule(Action::Accept, "any", "admin.net.lan", "firewall(any)");
  }
  SECTION("within a limit") {
    world.rule(Action::Accept, "ssh", "inet", "firewall").options.limit = model::RateLimit{.count = 3};
    world.rule(Action::Drop, "any", "any", "any");
  }
  SECTION("a queue") { world.rule(Action::Nfqueue, "ssh", "inet", "firewall"); }
  SECTION("a chain of the user's, which may") {
    world.rule(Action::Chain, "any", "any", "any").options.chain = std::string("mine");
  }
  SECTION("another port that is turned to it") {
    world.add_service("other", 2222);
    world.rule(Action::Redirect, "other", "inet", "any").options.redirect_port = std::uint16_t{22};
  }
  CHECK_FALSE(reach(world).is_closed);
  CHECK(world.findings().empty());
}

TEST_CASE("what is sent to another machine does not get in") {
  NamedWorld world;
  world.add_host("jump", "dmz", "10.2.0.9");
  world.rule(Action::Portfw, "ssh", "inet", "jump.net.dmz");
  world.rule(Action::Accept, "ssh", "inet", "firewall");
  const SshReach found = reach(world);
  CHECK(found.is_closed);
  CHECK(found.redirected_by == std::vector<std::size_t>{0});
  CHECK(world.findings() ==
        std::vector<std::string>{
            "ssh-unreachable: nobody can reach the SSH of this machine (tcp 22): rule 1 sends it elsewhere"});
  world.rule(Action::Accept, "ssh", "lan", "firewall");
  CHECK_FALSE(reach(world).is_closed);
}

TEST_CASE("the ports are those of the service ssh") {
  NamedWorld world;
  world.rule(Action::Accept, "ssh", "lan", "firewall");
  world.model.services.back().port_sets.front().value.destination = net::PortRange::one(2200);
  CHECK_FALSE(reach(world).is_closed);
  CHECK(reach(world).ports == std::vector{net::PortRange::one(2200)});
  world.add_service("port-22", 22);
  world.model.rules.front().service = std::string("port-22");
  CHECK(reach(world).is_closed);
  // Without a service of that name it is the port that it has everywhere.
  world.model.services[2].name = std::string("secure");
  CHECK_FALSE(reach(world).is_closed);
  CHECK(reach(world).ports == std::vector{net::PortRange::one(22)});
}

TEST_CASE("a statement says that it is meant so") {
  NamedWorld world;
  world.rule(Action::Accept, "http", "lan", "any");
  for (const char* text : {"any never reaches firewall service ssh", "any cannot reach firewall service http, ssh\n",
                           "# closed\nlan, any never reaches firewall(any) # all\n"}) {
    INFO(text);
    CHECK(wants_ssh_closed(text));
    CHECK(world.findings({.assertions = text}).empty());
  }
  for (const char* text :
       {"", "lan never reaches firewall service ssh", "any never reaches lan service ssh",
        "any never reaches firewall service http", "any can reach firewall service ssh", "any never"}) {
    INFO(text);
    CHECK_FALSE(wants_ssh_closed(text));
  }
}
