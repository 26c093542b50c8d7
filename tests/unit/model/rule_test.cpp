// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/policy.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::model;

TEST_CASE("a summary names action, service and both ends") {
  Rule rule;
  rule.action = Action::Nfqueue;
  rule.service = std::string("http");
  rule.from = Endpoint{Endpoint::Kind::Broadcast, "local.lan"};
  rule.to = Endpoint{Endpoint::Kind::FirewallAny, ""};
  CHECK(summary(rule) == "nfqueue http from local.lan(broadcast) to firewall(any)");
  rule.from = Endpoint{Endpoint::Kind::Any, ""};
  rule.to = Endpoint{Endpoint::Kind::Member, "web.public.dmz"};
  CHECK(summary(rule) == "nfqueue http from any to web.public.dmz");
  rule.from = Endpoint{Endpoint::Kind::Zone, "lan"};
  rule.to = Endpoint{Endpoint::Kind::Firewall, ""};
  CHECK(summary(rule) == "nfqueue http from lan to firewall");
  rule.action = Action::Separator;
  CHECK(summary(rule) == "separator");
}

TEST_CASE("where a value stands is no part of what it says") {
  const diag::Span one{{}, 1, 2}, two{{}, 3, 4};
  CHECK(Located<int>(5, one) == Located<int>(5, two));
  CHECK_FALSE(Located<int>(5, one) == Located<int>(6, one));
  Policy a, b;
  a.rules.emplace_back().span = one;
  b.rules.emplace_back().span = two;
  a.rules_file = one;
  CHECK(a == b);
  b.rules[0].number = 7;
  CHECK_FALSE(a == b);
}

TEST_CASE("objects have full names") {
  Network network;
  network.name = std::string("local");
  network.zone = "lan";
  CHECK(network.full_name() == "local.lan");
  Host host;
  host.name = std::string("pc");
  host.network = "local";
  host.zone = "lan";
  CHECK(host.full_name() == "pc.local.lan");
  Group group;
  group.name = std::string("all");
  group.network = "local";
  group.zone = "lan";
  CHECK(group.full_name() == "all.local.lan");
}
