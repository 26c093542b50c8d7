// SPDX-License-Identifier: GPL-2.0-or-later
// How many rules a new connection is asked in the worst case, in the policies of the benchmark.
#include <map>
#include <random>

#include "compile/compile.h"
#include "config/tree.h"
#include "generate.h"
#include "ruleset_walk.h"
#include "sema/resolve.h"
#include "support/catch.h"

using namespace vuurmuur;

namespace {

struct Compiled {
  explicit Compiled(std::uint32_t rules, const std::vector<std::string>& without = {}) {
    const base::MemoryFileSystem files = bench::generate_tree(rules);
    tree = config::read_tree(files, "/tree", sink);
    policy = sema::resolve(tree.policy, tree.sources, sink);
    compile::Options options;
    options.disabled_passes = without;
    output = compile::compile(policy, options);
  }
  Compiled(const Compiled&) = delete;

  diag::Sink sink;
  config::Tree tree;
  sema::Policy policy;
  compile::Output output;
};

const std::vector<std::string> kShapes{"interface-dispatch", "address-trees"};

/// A packet that a rule in or below the chain of new connections is about, so that all corners of the tree are met.
test::Packet packet_of(const ir::Rule& rule, std::mt19937& random) {
  test::Packet packet;
  packet.in = rule.in_interface.empty() ? "eth" + std::to_string(random() % 8) : rule.in_interface;
  packet.out = rule.out_interface.empty() ? "eth" + std::to_string(random() % 8) : rule.out_interface;
  const auto address = [&](const std::optional<net::Prefix>& prefix) {
    if (!prefix) return net::Address::ipv4(0x0a000000 + static_cast<std::uint32_t>(random() % 0x80000));
    if (prefix->length == 32) return prefix->address;
    return net::Address::ipv4(prefix->address.to_ipv4() + 10 + static_cast<std::uint32_t>(random() % 20));
  };
  packet.source = address(rule.source);
  packet.destination = address(rule.destination);
  packet.source_port = 40000;
  packet.destination_port = static_cast<std::uint16_t>(1000 + random() % 41);
  packet.protocol = random() % 8 == 0 ? net::Protocol::Udp : net::Protocol::Tcp;
  packet.tcp_flags = ir::TcpFlags::kSyn;
  packet.luck = static_cast<std::uint32_t>(random());
  return packet;
}

std::size_t filter_rules(const Compiled& compiled, net::Family family) {
  return compiled.output.ruleset.rules(family).table(ir::TableName::Filter).rule_count();
}

struct Cost {
  unsigned worst = 0;
  double mean = 0;
};

/// Packets of many rules of the plain form, asked in the other.
Cost cost_of_new(const Compiled& plain, const Compiled& shaped, unsigned packets) {
  const ir::Table& rules = plain.output.ruleset.ipv4.table(ir::TableName::Filter);
  const ir::Table& tree = shaped.output.ruleset.ipv4.table(ir::TableName::Filter);
  const auto& linear = rules.chain(*rules.find("VRMR-FORWARD-NEW")).rules;
  const test::Walker walker(shaped.output.ruleset, tree, 0);
  std::mt19937 random(7);
  Cost cost;
  for (unsigned i = 0; i < packets; ++i) {
    const unsigned asked = walker.run("VRMR-FORWARD-NEW", packet_of(linear[random() % linear.size()], random)).asked;
    cost.worst = std::max(cost.worst, asked);
    cost.mean += static_cast<double>(asked) / packets;
  }
  return cost;
}

}  // namespace

TEST_CASE("a new connection is asked about as few rules in 20,000 as in 1,000") {
  for (const std::uint32_t rules : {1000u, 20000u}) {
    const Compiled plain(rules, kShapes), shaped(rules);
    const Cost cost = cost_of_new(plain, shaped, 20000);
    const std::size_t before = filter_rules(plain, net::Family::Ipv4), after = filter_rules(shaped, net::Family::Ipv4);
    INFO(rules << " rules: worst " << cost.worst << ", mean " << cost.mean << ", kernel rules " << before << " -> "
               << after);
    CHECK(cost.worst <= 60);
    CHECK(after <= 2 * before);
  }
}

// Takes half a minute with sanitizers: run it by name.
TEST_CASE("a new connection is asked at most 60 rules of 100,000", "[.][slow]") {
  const Compiled plain(100000, kShapes), shaped(100000);
  const Cost cost = cost_of_new(plain, shaped, 100000);
  const std::size_t before = filter_rules(plain, net::Family::Ipv4), after = filter_rules(shaped, net::Family::Ipv4);
  WARN("worst " << cost.worst << ", mean " << cost.mean << ", kernel rules " << before << " -> " << after);
  for (const auto& timing : shaped.output.timings)
    WARN(timing.name << " " << static_cast<double>(timing.duration.count()) / 1e6 << " ms");
  CHECK(cost.worst <= 60);
  CHECK(after <= 2 * before);
}
