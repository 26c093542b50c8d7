// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/ipset_save.h"
#include "backend/set_type.h"
#include "backend/shell_script.h"
#include "support/catch.h"
#include "unit/backend/every_rule.h"

namespace vuurmuur::backend {
namespace {

using backend_test::prefix;
using ir::SetKey;

std::optional<ir::ProtocolPort> udp(std::uint16_t port) {
  return ir::ProtocolPort{.protocol = net::Protocol::Udp, .port = port};
}

const net::Prefix kHost = prefix("192.0.2.1"), kOther = prefix("192.0.2.2"), kNetwork = prefix("10.0.0.0/8");

std::string_view type_of(SetKey key, ir::SetElement element) {
  return set_type({.key = key, .elements = {std::move(element)}}).name;
}

/// Two sets, one of them counted, of which nobody asks.
ir::Ruleset two_sets() {
  ir::Ruleset ruleset;
  const ir::OriginId one = ruleset.add_origin("rule 1: \"any\""), two = ruleset.add_origin("rule 2");
  ruleset.sets.push_back({.name = "vrmr4-a",
                          .key = SetKey::SourcePortDestination,
                          .is_counted = true,
                          .elements = {{.source = kHost, .destination = kNetwork, .port = udp(53), .origin = one},
                                       {.source = kOther, .destination = kHost, .port = udp(53), .origin = two}}});
  ruleset.sets.push_back({.name = "vrmr6-b",
                          .family = net::Family::Ipv6,
                          .key = SetKey::Destination,
                          .elements = {{.destination = prefix("::/0")}}});
  return ruleset;
}

}  // namespace

TEST_CASE("a set has the type that holds its addresses and is looked up fastest") {
  CHECK(type_of(SetKey::Source, {.source = kHost}) == "hash:ip");
  CHECK(type_of(SetKey::Destination, {.destination = kHost}) == "hash:ip");
  CHECK(type_of(SetKey::Source, {.source = kNetwork}) == "hash:net");
  CHECK(type_of(SetKey::Destination, {.destination = kNetwork}) == "hash:net");
  CHECK(type_of(SetKey::SourcePort, {.source = kHost, .port = udp(1)}) == "hash:ip,port");
  CHECK(type_of(SetKey::DestinationPort, {.destination = kNetwork, .port = udp(1)}) == "hash:net,port");
  CHECK(type_of(SetKey::SourceDestination, {.source = kHost, .destination = kHost}) == "hash:net,net");
  CHECK(type_of(SetKey::SourcePortDestination, {.source = kHost, .destination = kHost, .port = udp(1)}) ==
        "hash:ip,port,ip");
  CHECK(type_of(SetKey::SourcePortDestination, {.source = kHost, .destination = kNetwork, .port = udp(1)}) ==
        "hash:ip,port,net");
  CHECK(type_of(SetKey::SourcePortDestination, {.source = kNetwork, .destination = kHost, .port = udp(1)}) ==
        "hash:net,port,net");
}

TEST_CASE("a set has about one bucket an element and room for all of them") {
  CHECK(set_hash_size(0) == 64);
  CHECK(set_hash_size(65) == 128);
  CHECK(set_hash_size(1'000'000) == 1u << 20);
  CHECK(set_capacity({}) == 1);
  CHECK(set_capacity({.elements = std::vector<ir::SetElement>(70'000)}) == 70'000);
  CHECK(set_capacity(ir::timed_set(net::Family::Ipv4, ir::SetUse::TimedHosts)) >= 1'000'000);
}

TEST_CASE("a prefix of no length becomes its halves wherever it stands") {
  const net::Prefix any = prefix("0.0.0.0/0");
  const ir::Set form = in_kernel_form({.key = SetKey::SourceDestination,
                                       .elements = {{.source = any, .destination = any, .origin = ir::OriginId{3}},
                                                    {.source = kHost, .destination = kHost}}});
  std::vector<std::string> texts;
  for (const ir::SetElement& element : form.elements) texts.push_back(element_text(element));
  CHECK(texts == std::vector<std::string>{"0.0.0.0/1,0.0.0.0/1", "0.0.0.0/1,128.0.0.0/1", "128.0.0.0/1,0.0.0.0/1",
                                          "128.0.0.0/1,128.0.0.0/1", "192.0.2.1,192.0.2.1"});
  CHECK(form.elements[3].origin == ir::OriginId{3});
}

TEST_CASE("sets are printed as ipset saves them") {
  CHECK(ipset_save(two_sets(), net::kFamilies) ==
        "create vrmr4-a hash:ip,port,net family inet hashsize 64 maxelem 2 counters comment\n"
        "add vrmr4-a 192.0.2.1,udp:53,10.0.0.0/8 comment \"rule 1: _any_\"\n"
        "add vrmr4-a 192.0.2.2,udp:53,192.0.2.1 comment \"rule 2\"\n"
        "create vrmr6-b hash:net family inet6 hashsize 64 maxelem 2\n"
        "add vrmr6-b ::/1\n"
        "add vrmr6-b 8000::/1\n");
  const net::Family only = net::Family::Ipv4;
  CHECK(ipset_save(two_sets(), {&only, 1}, {.comments = false}) ==
        "create vrmr4-a hash:ip,port,net family inet hashsize 64 maxelem 2 counters\n"
        "add vrmr4-a 192.0.2.1,udp:53,10.0.0.0/8\n"
        "add vrmr4-a 192.0.2.2,udp:53,192.0.2.1\n");
}

TEST_CASE("a script makes the sets before the tables and removes old ones behind them") {
  const std::string script = shell_script(two_sets());
  const std::size_t sets = script.find("\"$IPSET\" -exist restore <<'END_OF_TABLE'\ncreate vrmr4-a ");
  const std::size_t table = script.find("clear \"$IPTABLES_RESTORE\"");
  const std::size_t removal = script.find("\"$IPSET\" destroy");
  CHECK(script.find("sets='vrmr4-a vrmr6-b'\n") < sets);
  CHECK(sets < table);
  CHECK(table < removal);
  CHECK(removal != std::string::npos);
  CHECK(shell_script({}).find("-exist restore") == std::string::npos);
}

}  // namespace vuurmuur::backend
