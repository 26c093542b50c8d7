// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/traffic_names.h"

#include "analyse/policy_boxes.h"
#include "analyse/row_traffic.h"

#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::analyse;

namespace {

/// Two devices and a network; the names are of the policy after.
struct Small {
  model::Policy model;
  sema::Policy policy;
  Small() {
    policy.settings = &model.settings;
    sema::Interface lan, wan;
    lan.name = "lan", lan.device = "lan0", wan.name = "wan", wan.device = "ppp+", wan.dynamic_ipv4 = true;
    policy.interfaces = {lan, wan};
    sema::Network local;
    local.name = "local.lan";
    local.prefixes = {*net::Prefix::parse("10.1.0.0/24"), *net::Prefix::parse("fd00:1::/64")};
    local.interfaces = {sema::InterfaceId{0}};
    policy.networks = {local};
  }
};

Interval addresses(const char* first, const char* last) {
  return {.first = value_of(*net::Address::parse(first)), .last = value_of(*net::Address::parse(last))};
}

}  // namespace

TEST_CASE("a box is told by devices, addresses, networks and ports") {
  const Small small;
  const TrafficNames names({small.model, small.policy}, {small.model, small.policy});
  const PolicyBoxes ipv4(small.policy, net::Family::Ipv4), ipv6(small.policy, net::Family::Ipv6);
  const auto text = [&](const Box& box) { return names.text({net::Family::Ipv4, box}); };
  Box box = ipv4.everything();
  CHECK(text(box) == "any chain, from any to any, any service");
  box[Field::Chain] = Interval::one(1);
  box[Field::In] = ipv4.device_interval("lan0");
  box[Field::Out] = ipv4.device_interval("ppp+");
  box[Field::Source] = addresses("10.1.0.0", "10.1.0.255");
  box[Field::Protocol] = Interval::one(6);
  box[Field::DestinationPort] = Interval::of(80, 90);
  CHECK(text(box) == "forward, in lan0, out ppp+, from 10.1.0.0/24 (local.lan) to any, tcp 80:90");
  box[Field::Source] = addresses("10.1.0.16", "10.1.0.31");
  box[Field::Destination] = addresses("10.1.0.3", "10.1.0.9");
  box[Field::SourcePort] = Interval::of(1024, 65535);
  CHECK(text(box) ==
        "forward, in lan0, out ppp+, from 10.1.0.16/28 (in local.lan) to 10.1.0.3-10.1.0.9 (in local.lan), tcp from "
        "1024:65535 to 80:90");
  box = ipv4.everything();
  box[Field::Chain] = Interval::one(0);
  box[Field::OwnAddress] = Interval::one(1);
  box[Field::Protocol] = Interval::one(1);
  box[Field::SourcePort] = Interval::one(8);
  box[Field::SourceMac] = Interval::one(0x0011'22aa'bbcc);
  CHECK(text(box) == "input, from any to the address of ppp+, icmp 8, MAC address 00:11:22:aa:bb:cc");
  box = ipv6.everything();
  box[Field::Chain] = Interval::one(2);
  box[Field::Destination] = addresses("fd00:1::", "fd00:1::ffff:ffff:ffff:ffff");
  box[Field::Protocol] = Interval::of(18, 255);
  CHECK(names.text({net::Family::Ipv6, box}) == "output, from any IPv6 to fd00:1::/64 (local.lan), protocols 18-255");
}

TEST_CASE("an example is a packet that a person would send") {
  const Small small;
  const TrafficNames names({small.model, small.policy}, {small.model, small.policy});
  const PolicyBoxes ipv4(small.policy, net::Family::Ipv4), ipv6(small.policy, net::Family::Ipv6);
  const auto example = [&](net::Family family, const Box& box) {
    const Point point = example_of(box, family);
    CHECK(contains(box, point));
    return names.packet({family, point});
  };
  Box box = ipv4.everything();
  box[Field::Chain] = Interval::one(1);
  CHECK(example(net::Family::Ipv4, box) == "tcp 198.51.100.1:40000 > 203.0.113.1:80, in lan0, out lan0");
  box[Field::Source] = addresses("10.1.0.0", "10.1.0.255");
  box[Field::Protocol] = Interval::one(17);
  box[Field::DestinationPort] = Interval::one(53);
  CHECK(example(net::Family::Ipv4, box) == "udp 10.1.0.10:40000 > 203.0.113.1:53, in lan0, out lan0");
  Box echo = ipv6.everything();
  echo[Field::Chain] = Interval::one(0);
  echo[Field::Protocol] = Interval::one(58);
  echo[Field::SourcePort] = Interval::one(128);
  CHECK(example(net::Family::Ipv6, echo) == "ipv6-icmp 128/0 2001:db8:0:1::1 > 2001:db8:0:2::1, in lan0");
}
