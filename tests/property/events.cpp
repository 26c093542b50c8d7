// SPDX-License-Identifier: GPL-2.0-or-later
// Random policies in surroundings that change again and again: what is resolved and compiled in part is what resolving and compiling
// all of it makes. VUURMUUR_RANDOM_POLICIES sets how many policies, VUURMUUR_RANDOM_SEED the first one's seed.
#include <fmt/format.h>

#include <array>
#include <random>

#include "base/memory_file_system.h"
#include "compile/memo.h"
#include "control/checked_policy.h"
#include "ir/print.h"
#include "kernel/matrix/random_policy.h"
#include "sema/resolve.h"
#include "support/catch.h"
#include "support/number_from.h"

using namespace vuurmuur;

namespace {

constexpr unsigned kEvents = 8;
constexpr std::array kNames{"a.example", "b.example"};

class Dice {
 public:
  explicit Dice(std::mt19937& random) : random_(random) {}
  [[nodiscard]] bool in_hundred(unsigned percent) { return random_() % 100 < percent; }
  template <class List>
  [[nodiscard]] auto one_of(const List& list) {
    return list[random_() % list.size()];
  }

 private:
  std::mt19937& random_;
};

/// Makes hosts and networks follow what is there, so that addresses come, go and change in both families.
void let_follow(model::Policy& policy, Dice& dice) {
  for (model::Host& host : policy.hosts) {
    if (dice.in_hundred(30)) host.suffixes.emplace_back(*net::Address::parse("::25"));
    if (dice.in_hundred(30))
      host.dns_names.emplace_back(
          model::DnsName{.name = dice.one_of(kNames), .ipv4 = dice.in_hundred(70), .ipv6 = dice.in_hundred(70)});
    if (dice.in_hundred(30)) host.addresses.clear();
  }
  for (model::Network& network : policy.networks) {
    if (dice.in_hundred(30)) network.dynamic_ipv4.emplace(true);
    if (dice.in_hundred(30)) network.dynamic_ipv6.emplace(true);
    if (dice.in_hundred(20)) network.prefixes.clear();
  }
}

control::Surroundings random_surroundings(Dice& dice) {
  static const std::vector<net::Prefix> kPrefixes = [] {
    std::vector<net::Prefix> prefixes;
    for (const char* text : {"10.1.0.1/24", "10.2.0.1/16", "192.0.2.1/24", "2001:db8:3::1/64", "2001:db8:ff::2/64",
                             "fd00:1::1/64", "198.51.100.1/32", "2001:db8:7::1/120"})
      prefixes.push_back(*net::Prefix::parse(text));
    return prefixes;
  }();
  control::Surroundings around;
  for (const char* device : {"lan0", "lan1", "dmz0", "inet0"}) {
    if (dice.in_hundred(10)) continue;
    auto& addresses = around.devices[device];
    while (dice.in_hundred(55)) addresses.push_back(dice.one_of(kPrefixes));
  }
  for (const char* name : kNames)
    for (const net::Family family : net::kFamilies)
      if (dice.in_hundred(70)) {
        auto& addresses = around.names[name].of(family).emplace();
        while (dice.in_hundred(60)) {
          const net::Prefix prefix = dice.one_of(kPrefixes);
          if (prefix.family() == family) addresses.push_back(prefix.address);
        }
      }
  return around;
}

/// Some of what there is stays, so that events change one thing or another.
control::Surroundings event_in(control::Surroundings around, Dice& dice) {
  control::Surroundings others = random_surroundings(dice);
  for (auto& [device, addresses] : others.devices)
    if (dice.in_hundred(25)) around.devices[device] = std::move(addresses);
  for (auto& [name, answer] : others.names)
    for (const net::Family family : net::kFamilies)
      if (dice.in_hundred(30)) around.names[name].of(family) = answer.of(family);
  return around;
}

void read(control::CheckedPolicy& checked, std::mt19937& random) {
  base::MemoryFileSystem files;
  for (const auto& [path, text] : kernel_test::random_policy(random)) files.files["/tree/" + path] = text;
  checked.tree = config::read_tree(files, "/tree", checked.sink);
}

compile::Options random_options(Dice& dice) {
  compile::Options options;
  // Shapes are for long chains: here all are.
  if (dice.in_hundred(70))
    options.shape = {.set_elements = 1, .dispatch_rules = 2, .tree_rules = 2, .leaf_rules = 1, .growth = 3};
  options.timed_blocks = dice.in_hundred(50);
  options.verify = true;
  return options;
}

}  // namespace

TEST_CASE("what is compiled again in part is what compiling all of it makes") {
  const unsigned first = test::number_from("VUURMUUR_RANDOM_SEED", 1);
  const unsigned policies = test::number_from("VUURMUUR_RANDOM_POLICIES", 300);
  std::size_t events = 0, families = 0, lowered = 0, rules = 0;
  for (unsigned seed = first; seed < first + policies; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    Dice dice(random);
    control::CheckedPolicy checked;
    read(checked, random);
    let_follow(checked.tree.policy, dice);
    compile::Options options = random_options(dice);
    control::Surroundings around = random_surroundings(dice);
    static_cast<void>(checked.put_in(around));
    checked.policy = sema::resolve(*checked.in_surroundings, checked.tree.sources, checked.sink, checked.objects);
    REQUIRE_FALSE(checked.sink.has_errors());
    compile::Memo memo;
    static_cast<void>(memo.compile(checked.policy, options));
    for (unsigned event = 0; event < kEvents; ++event) {
      INFO("event " << event);
      around = event_in(std::move(around), dice);
      if (dice.in_hundred(20)) options.live_queues = {{.first = 17, .last = 17}};
      REQUIRE(checked.resolve_in(around).has_value());
      const model::Policy model = control::in_surroundings(checked.tree.policy, around);
      diag::Sink sink;
      const sema::Policy policy = sema::resolve(model, checked.tree.sources, sink);
      const ir::Ruleset whole = compile::compile(policy, options).ruleset;
      const ir::Ruleset& part = memo.compile(checked.policy, options);
      if (part != whole) REQUIRE(ir::print(part) == ir::print(whole));
      REQUIRE(part == whole);
      ++events;
      families += memo.work().families.size();
      lowered += memo.work().rules;
      rules += policy.rules.size();
    }
  }
  std::printf("%zu events: %.2f of 2 families compiled, %.1f of %.1f rules lowered\n", events,
              static_cast<double>(families) / static_cast<double>(events),
              static_cast<double>(lowered) / static_cast<double>(events),
              2.0 * static_cast<double>(rules) / static_cast<double>(events));
  CHECK(families > 0);
  if (policies > 10) CHECK(families < 2 * events);
}
