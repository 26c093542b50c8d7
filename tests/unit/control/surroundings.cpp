// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/surroundings.h"

#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::control;

namespace {

net::Prefix prefix(const char* text) { return *net::Prefix::parse(text); }

/// A host ::25 in a network behind these devices.
model::Policy policy(const std::vector<std::string>& devices) {
  model::Policy policy;
  model::Network network;
  network.name.value = "net";
  network.zone = "zone";
  for (const std::string& device : devices) {
    model::Interface interface;
    interface.name.value = interface.device.value = device;
    policy.interfaces.push_back(interface);
    network.interfaces.emplace_back(device);
  }
  policy.networks.push_back(network);
  model::Host host;
  host.name.value = "host";
  host.network = "net";
  host.zone = "zone";
  host.suffixes.emplace_back(*net::Address::parse("::25"));
  policy.hosts.push_back(host);
  return policy;
}

std::vector<std::string> addresses(const model::Policy& policy, const Surroundings& around) {
  std::vector<std::string> texts;
  const model::Policy resolved = in_surroundings(policy, around);
  for (const auto& address : resolved.hosts.front().addresses) texts.push_back(address->to_string());
  return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a host part is in every prefix of its network's devices, and of no others") {
  const Surroundings around{.devices = {{"eth0", {prefix("2001:db8:1::1/64"), prefix("192.0.2.1/24")}},
                                        {"ppp0", {prefix("2001:db8:2::7/60"), prefix("2001:db8:3::1/128")}},
                                        {"ppp1", {prefix("2001:db8:4::1/64")}}}};
  CHECK(addresses(policy({"eth0"}), around) == Texts{"2001:db8:1::25"});
  CHECK(addresses(policy({"eth0", "ppp0"}), around) == Texts{"2001:db8:1::25", "2001:db8:2::25"});
  CHECK(addresses(policy({"ppp+"}), around) == Texts{"2001:db8:2::25", "2001:db8:4::25"});
  CHECK(addresses(policy({"eth9"}), around).empty());
  CHECK(addresses(policy({"eth0", "eth0"}), around) == Texts{"2001:db8:1::25"});
}

TEST_CASE("a host part that is longer than what a prefix leaves is not in it") {
  const Surroundings around{.devices = {{"eth0", {prefix("2001:db8:1::1/124"), prefix("2001:db8:2::1/96")}}}};
  CHECK(addresses(policy({"eth0"}), around) == Texts{"2001:db8:2::25"});
}

TEST_CASE("only what a policy speaks of matters to it") {
  const Surroundings before{.devices = {{"eth0", {prefix("2001:db8:1::1/64")}}, {"eth1", {}}}};
  Surroundings after = before;
  after.devices["eth1"].push_back(prefix("2001:db8:9::1/64"));
  after.devices["eth0"].push_back(prefix("192.0.2.1/24"));
  after.devices["eth2"];
  model::Policy speaks = policy({"eth0"});
  CHECK(what_matters(speaks, before) == what_matters(speaks, after));
  // Another address in the same prefix changes nothing either.
  after.devices["eth0"].push_back(prefix("2001:db8:1::2/64"));
  CHECK(what_matters(speaks, before) == what_matters(speaks, after));
  after.devices["eth0"] = {prefix("2001:db8:2::1/64")};
  CHECK(what_matters(speaks, before) != what_matters(speaks, after));
  // A device with settings that comes.
  speaks = policy({"eth2"});
  speaks.hosts.clear();
  CHECK(what_matters(speaks, before) == what_matters(speaks, after));
  speaks.interfaces.front().protections.icmp_redirect = true;
  CHECK(what_matters(speaks, before) != what_matters(speaks, after));
}

TEST_CASE("a dynamic network has the prefixes of its devices in the families that it names") {
  const Surroundings around{.devices = {{"eth0", {prefix("2001:db8:1::1/64"), prefix("192.0.2.1/24")}},
                                        {"ppp0", {prefix("198.51.100.7/32"), prefix("2001:db8:3::1/128"), prefix("2001:db8:1::9/64")}}}};
  const auto prefixes = [&](bool ipv4, bool ipv6) {
    model::Policy dynamic = policy({"eth0", "ppp0"});
    dynamic.networks.front().prefixes.emplace_back(prefix("10.0.0.0/8"));
    if (ipv4) dynamic.networks.front().dynamic_ipv4.emplace(true);
    if (ipv6) dynamic.networks.front().dynamic_ipv6.emplace(true);
    Texts texts;
    const model::Policy resolved = in_surroundings(dynamic, around);
    for (const auto& each : resolved.networks.front().prefixes) texts.push_back(each->to_string());
    return texts;
  };
  CHECK(prefixes(false, false) == Texts{"10.0.0.0/8"});
  CHECK(prefixes(true, false) == Texts{"10.0.0.0/8", "192.0.2.0/24"});
  CHECK(prefixes(false, true) == Texts{"10.0.0.0/8", "2001:db8:1::/64"});
  CHECK(prefixes(true, true) == Texts{"10.0.0.0/8", "2001:db8:1::/64", "192.0.2.0/24"});
}

TEST_CASE("what matters to a dynamic network is its prefixes, not its addresses") {
  model::Policy dynamic = policy({"eth0"});
  dynamic.hosts.clear();
  CHECK_FALSE(has_followers(dynamic));
  dynamic.networks.front().dynamic_ipv4.emplace(true);
  CHECK(has_followers(dynamic));
  Surroundings around{.devices = {{"eth0", {prefix("192.0.2.1/24")}}}};
  const std::string before = what_matters(dynamic, around);
  around.devices["eth0"] = {prefix("192.0.2.9/24"), prefix("2001:db8::1/64")};
  CHECK(what_matters(dynamic, around) == before);
  around.devices["eth0"] = {prefix("192.0.2.9/25")};
  CHECK(what_matters(dynamic, around) != before);
}
