// SPDX-License-Identifier: GPL-2.0-or-later
// A reload that nobody notices: in every state between two commits, and on the way back from each of them, the first
// packet of every connection meets what one of the two generations of rules has for it as a whole.
#include <algorithm>
#include <array>
#include <cerrno>
#include <random>

#include "apply/apply.h"
#include "fake_kernel.h"
#include "packet_walk.h"
#include "rulesets.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

using enum ir::TableName;

constexpr std::uint16_t kPorts = 6;

/// The firewall's own address and those of two hosts behind it.
struct Addresses {
  const char* own;
  std::array<const char*, 2> hosts;
};

const Addresses& addresses_of(net::Family family) {
  static constexpr Addresses kIpv4{"203.0.113.1", {"192.0.2.1", "192.0.2.2"}},
      kIpv6{"2001:db8:1::1", {"2001:db8::1", "2001:db8::2"}};
  return family == net::Family::Ipv4 ? kIpv4 : kIpv6;
}

ir::Rule tcp_port(std::uint16_t port, ir::Target target) {
  ir::Rule rule{.protocol = net::Protocol::Tcp, .target = std::move(target)};
  rule.matches.emplace_back(ir::TcpMatch{.destination = net::PortRange::one(port)});
  return rule;
}

/// Raw drops or exempts some ports, nat sends some elsewhere, filter accepts some at some addresses: all of it at
/// random, so that what one generation does stands in the way of what the other does.
void add_random_rules(ir::Ruleset& ruleset, net::Family family, std::mt19937& random, bool has_raw, bool has_nat) {
  const auto chance = [&](unsigned percent) { return random() % 100 < percent; };
  const auto& [own, hosts] = addresses_of(family);
  ChainBuilder(ruleset, family, Filter, "INPUT").jump("VRMR-INPUT");
  ChainBuilder filter(ruleset, family, Filter, "VRMR-INPUT");
  for (const char* address : {own, hosts[0], hosts[1]})
    for (std::uint16_t port = 1; port <= kPorts; ++port) {
      if (!chance(40)) continue;
      ir::Rule rule = tcp_port(port, ir::AcceptTarget{});
      rule.destination = net::Prefix::parse(address);
      filter.add(std::move(rule), "accept");
    }
  if (has_raw) {
    ChainBuilder(ruleset, family, Raw, "PREROUTING").jump("VRMR-PREROUTING");
    ChainBuilder raw(ruleset, family, Raw, "VRMR-PREROUTING");
    for (std::uint16_t port = 1; port <= kPorts; ++port)
      if (chance(30)) raw.add(tcp_port(port, chance(30) ? ir::Target{ir::AcceptTarget{}} : ir::DropTarget{}), "raw");
    raw.jump("VRMR-DROPS");
    ChainBuilder drops(ruleset, family, Raw, "VRMR-DROPS");
    for (std::uint16_t port = 1; port <= kPorts; ++port)
      if (chance(15)) drops.add(tcp_port(port, ir::DropTarget{}), "raw");
  }
  if (has_nat) {
    ChainBuilder(ruleset, family, Nat, "PREROUTING").jump("VRMR-PREROUTING");
    ChainBuilder nat(ruleset, family, Nat, "VRMR-PREROUTING");
    for (std::uint16_t port = 1; port <= kPorts; ++port)
      if (chance(50))
        nat.add(tcp_port(port, ir::DnatTarget{.address = *net::Address::parse(hosts[random() % 2])}), "nat");
  }
}

ir::Ruleset random_ruleset(std::mt19937& random, bool has_raw, bool has_nat) {
  ir::Ruleset ruleset;
  set_policy_drop(ruleset, ir::Hook::Input);
  for (const net::Family family : net::kFamilies) add_random_rules(ruleset, family, random, has_raw, has_nat);
  return ruleset;
}

/// Of a connection to each port of the firewall's own address, in both families.
std::vector<Fate> fates(const FakeKernel& kernel) {
  std::vector<Fate> all;
  for (const net::Family family : net::kFamilies)
    for (std::uint16_t port = 1; port <= kPorts; ++port)
      all.push_back(fate_of(kernel, family, {.destination = addresses_of(family).own, .port = port}));
  return all;
}

bool is_guarded(const FakeKernel& kernel) {
  return kernel.text(net::Family::Ipv4, Filter).find("vuurmuur: applying") != std::string::npos;
}

/// How often a reload was looked at between two steps, and how many reloads changed what happens to a packet.
struct Seen {
  std::size_t states = 0, differing = 0;
};

/// Reloads random rulesets, failing each step once, and looks at every state in between.
Seen walk_through_reloads(unsigned first_seed, unsigned seeds, const Options& options) {
  Seen seen;
  for (unsigned seed = first_seed; seed < first_seed + seeds; ++seed) {
    std::mt19937 random(seed);
    const auto old_raw = random() % 4 != 0, old_nat = random() % 4 != 0;
    const auto new_raw = random() % 4 != 0, new_nat = random() % 4 != 0;
    const ir::Ruleset before = random_ruleset(random, old_raw, old_nat),
                      after = random_ruleset(random, new_raw, new_nat);
    FakeKernel done;
    REQUIRE(apply::apply(done, before));
    const std::vector<Fate> old_fates = fates(done);
    REQUIRE(apply::apply(done, after));
    const std::vector<Fate> new_fates = fates(done);
    seen.differing += old_fates != new_fates ? 1 : 0;

    for (std::size_t failing = 0;; ++failing) {
      FakeKernel kernel;
      REQUIRE(apply::apply(kernel, before));
      std::size_t at = 0;
      std::vector<std::string> wrong;  // told behind the apply, whose steps may be a thread's
      kernel.fault = [&](const std::string& step) {
        const std::vector<Fate> now = fates(kernel);
        for (std::size_t i = 0; i < now.size(); ++i) {
          if (now[i] == old_fates[i] || now[i] == new_fates[i]) continue;
          wrong.push_back("before step " + step + ", connection " + std::to_string(i) + ": neither generation's\n" +
                          kernel.text());
        }
        ++seen.states;
        return at++ == failing ? EIO : 0;
      };
      const auto report = apply::apply(kernel, after, options);
      for (const std::string& what : wrong) FAIL_CHECK("seed " << seed << ", failing step " << failing << ", " << what);
      CHECK(fates(kernel) == (report ? new_fates : old_fates));
      CHECK_FALSE(is_guarded(kernel));
      if (at <= failing) break;
    }
  }
  return seen;
}

}  // namespace

TEST_CASE("every state of a reload, and of its way back, treats each connection as one of the two generations does") {
  const Seen seen = walk_through_reloads(0, 6, {});
  CHECK(seen.states > 4'000);
  CHECK(seen.differing > 4);
}

TEST_CASE("so does every state of a reload of two families side by side") {
  const Seen seen = walk_through_reloads(100, 2, {.worth_thread = 0});
  CHECK(seen.states > 1'000);
  CHECK(seen.differing > 1);
}

TEST_CASE("a reload holds nothing back") {
  std::mt19937 random(1);
  const ir::Ruleset before = random_ruleset(random, true, true), after = random_ruleset(random, true, true);
  FakeKernel kernel;
  REQUIRE(apply::apply(kernel, before));
  kernel.fault = [&](const std::string&) {
    CHECK_FALSE(is_guarded(kernel));
    return 0;
  };
  REQUIRE(apply::apply(kernel, after));
}

TEST_CASE("what is left of two generations by a kill goes with the next apply, behind a guard, and with clear") {
  std::mt19937 random(4);
  const ir::Ruleset before = random_ruleset(random, true, true), after = random_ruleset(random, true, true);
  FakeKernel clean;
  REQUIRE(apply::apply(clean, before));
  clean.steps.clear();
  REQUIRE(apply::apply(clean, after));
  const auto commits_of_all =
      std::ranges::count_if(clean.steps, [](const std::string& step) { return step.starts_with("commit"); });
  REQUIRE(commits_of_all >= 4);
  for (const bool by_clear : {false, true}) {
    for (int kept = 1; kept < commits_of_all; ++kept) {
      FakeKernel kernel;
      REQUIRE(apply::apply(kernel, before));
      int commits = 0;
      kernel.fault = [&](const std::string& step) {
        if (step.starts_with("commit") && ++commits <= kept) return 0;
        return step.starts_with("commit") || step.starts_with("restore") ? EIO : 0;
      };
      REQUIRE_FALSE(apply::apply(kernel, after));
      INFO(kept << " of " << commits_of_all << " commits\n" << kernel.text());
      REQUIRE((kernel.text().find("VRMR-NEXT-") != std::string::npos ||
               kernel.text().find("VRMR-TAG") != std::string::npos));
      kernel.fault = {};
      REQUIRE((by_clear ? apply::clear(kernel) : apply::apply(kernel, after)));
      CHECK(kernel.text().find("VRMR-NEXT-") == std::string::npos);
      CHECK(kernel.text().find("VRMR-TAG") == std::string::npos);
      CHECK_FALSE(is_guarded(kernel));
      if (!by_clear) CHECK(fates(kernel) == fates(clean));
    }
  }
}

TEST_CASE("two generations side by side leave the rules of others where they are") {
  std::mt19937 random(3);
  const ir::Ruleset before = random_ruleset(random, true, true), after = random_ruleset(random, true, true);
  FakeKernel kernel;
  kernel.add_foreign(net::Family::Ipv4, Filter, "INPUT", "DROP", {1, 2}, "eth0");
  REQUIRE(apply::apply(kernel, before));
  kernel.add_foreign(net::Family::Ipv4, Filter, "INPUT", "ACCEPT", {3, 4}, "eth1");
  const auto others_stand = [&] {
    const std::string filter = kernel.text(net::Family::Ipv4, Filter);
    const auto first = filter.find("[1:2] -i eth0 -j DROP"), ours = filter.find("-j VRMR-INPUT"),
               last = filter.find("[3:4] -i eth1 -j ACCEPT");
    return last != std::string::npos && first < ours && ours < last;
  };
  kernel.fault = [&](const std::string& step) {
    INFO("before step " << step);
    CHECK(others_stand());
    return 0;
  };
  REQUIRE(apply::apply(kernel, after));
  CHECK(others_stand());
}
