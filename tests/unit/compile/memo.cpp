// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile/memo.h"

#include "ir/print.h"
#include "policy_builder.h"
#include "support/catch.h"

using namespace vuurmuur;
using model::Endpoint;

namespace {

model::Located<net::Address> address(const char* text) { return *net::Address::parse(text); }

/// The policy with hosts "one" and "two" of network in.a, each in a rule of its own, one between networks, and one that
/// broadcasts.
struct TwoHosts : test::PolicyBuilder {
  TwoHosts() {
    for (const char* name : {"one", "two"}) {
      model::Host host;
      host.name = std::string(name);
      host.network = "in";
      host.zone = "a";
      host.addresses = {address(*name == 'o' ? "10.1.0.5" : "10.1.0.6")};
      model.hosts.push_back(host);
      add_rule(model::Action::Accept).from = Endpoint{Endpoint::Kind::Member, std::string(name) + ".in.a"};
    }
    add_rule(model::Action::Drop);
    model::Service shout;
    shout.name = std::string("shout");
    shout.port_sets = {model::PortSet{.protocol = net::Protocol::Udp}};
    shout.broadcast = true;
    model.services.push_back(shout);
    model::Rule& broadcast = add_rule(model::Action::Accept);
    broadcast.service = std::string("shout");
    broadcast.from = Endpoint{Endpoint::Kind::Firewall, ""};
  }

  /// What the memo makes of the policy as it is now; it must be what compiling all of it makes.
  const compile::Memo::Work& compile(compile::Memo& memo) {
    const sema::Policy policy = resolve();
    const ir::Ruleset& ruleset = memo.compile(policy, {.verify = true});
    CHECK(ir::print(ruleset) == ir::print(compile::compile(policy).ruleset));
    return memo.work();
  }
};

}  // namespace

TEST_CASE("the first compile lowers all rules in both families") {
  TwoHosts policy;
  compile::Memo memo;
  CHECK(policy.compile(memo).families.size() == 2);
  CHECK(memo.work().rules == 8);
}

TEST_CASE("nothing is compiled again when nothing changed") {
  TwoHosts policy;
  compile::Memo memo;
  policy.compile(memo);
  CHECK(policy.compile(memo).families.size() == 0);
  CHECK(memo.work().rules == 0);
}

TEST_CASE("only the rules whose addresses changed are lowered again, in the family of these") {
  TwoHosts policy;
  compile::Memo memo;
  policy.compile(memo);
  policy.model.hosts[1].addresses = {address("10.1.0.7")};
  CHECK(policy.compile(memo).families.size() == 1);
  CHECK(memo.work().rules == 1);
  policy.model.hosts[1].addresses.push_back(address("2001:db8::7"));
  CHECK(policy.compile(memo).families.size() == 1);
  CHECK(memo.work().rules == 1);
  for (model::Host& host : policy.model.hosts) host.addresses.clear();
  CHECK(policy.compile(memo).families.size() == 2);
  CHECK(memo.work().rules == 3);
}

TEST_CASE("another prefix of a network is for its own rules, and for those that broadcast") {
  TwoHosts policy;
  compile::Memo memo;
  policy.compile(memo);
  // Of in.a are the rule between networks, and by the network's prefix the broadcasts of no other.
  policy.model.networks[0].prefixes = {*net::Prefix::parse("10.9.0.0/16")};
  CHECK(policy.compile(memo).families.size() == 1);
  CHECK(memo.work().rules == 2);
}

TEST_CASE("a family that stays keeps its rules when the other has more origins than before") {
  TwoHosts policy;
  // A queue's chain, with origins of its own, is made in a family when a rule needs it there.
  model::Rule& queued = policy.add_rule(model::Action::Nfqueue);
  queued.options.queue = model::QueueRange{7, 7};
  queued.from = Endpoint{Endpoint::Kind::Member, "two.in.a"};
  policy.model.networks[1].prefixes.emplace_back(*net::Prefix::parse("2001:db8:2::/64"));
  policy.model.hosts[1].addresses = {address("2001:db8::7")};
  compile::Memo memo;
  policy.compile(memo);
  policy.model.hosts[1].addresses.push_back(address("10.1.0.7"));
  CHECK(policy.compile(memo).families.size() == 1);
  policy.model.hosts[1].addresses.pop_back();
  CHECK(policy.compile(memo).families.size() == 1);
}

TEST_CASE("other options compile everything, and lower nothing") {
  TwoHosts policy;
  compile::Memo memo;
  policy.compile(memo);
  const sema::Policy resolved = policy.resolve();
  const compile::Options options{.live_queues = {{.first = 9, .last = 9}}};
  CHECK(ir::print(memo.compile(resolved, options)) == ir::print(compile::compile(resolved, options).ruleset));
  CHECK(memo.work().families.size() == 2);
  CHECK(memo.work().rules == 0);
}

TEST_CASE("a policy with other rules is compiled anew") {
  TwoHosts policy;
  compile::Memo memo;
  policy.model.rules.reserve(100);
  policy.compile(memo);
  policy.add_rule(model::Action::Reject);
  CHECK(policy.compile(memo).rules == 10);
}
