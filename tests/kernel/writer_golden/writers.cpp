// SPDX-License-Identifier: GPL-2.0-or-later
// The writers against iptables itself: what we print, what we encode and what the kernel gives back are the same rules.
#include "backend/iptables_save.h"
#include "backend/shell_script.h"
#include "lab/namespace.h"
#include "lab/run.h"
#include "libiptc.h"
#include "support/catch.h"
#include "unit/backend/every_rule.h"

namespace vuurmuur::backend {
namespace {

using net::Family;

template <class Tc>
RuleLines decoded_lines() {
  RuleLines lines;
  for (const auto& [table, rules] : read_entries<Tc>())
    for (const KernelRule& rule : rules) lines[table].push_back(rule.line);
  return lines;
}

}  // namespace

TEMPLATE_TEST_CASE("iptables gives back every rule as we print it", "", Ipv4Tc, Ipv6Tc) {
  lab::enter_laboratory();
  const lab::NetNamespace space;
  const lab::Inside inside(space);
  const ir::Ruleset ruleset = backend_test::every_rule(TestType::kFamily);
  const std::string text = iptables_save(ruleset, TestType::kFamily);
  restore(TestType::kFamily, text);
  check_same(kernel_lines(TestType::kFamily), rule_lines(text));
}

TEMPLATE_TEST_CASE("an encoded rule is the same to iptables as its text", "", Ipv4Tc, Ipv6Tc) {
  lab::enter_laboratory();
  const ir::Ruleset ruleset = backend_test::every_rule(TestType::kFamily);
  const lab::NetNamespace by_entries, by_text;
  const lab::Inside inside(by_entries);
  load_entries<TestType>(ruleset);
  const std::string text = iptables_save(ruleset, TestType::kFamily);
  check_same(kernel_lines(TestType::kFamily), rule_lines(text));

  // Not only the print: the kernel holds the same bytes as after iptables-restore.
  const auto ours = read_entries<TestType>();
  const lab::Inside other(by_text);
  restore(TestType::kFamily, text);
  const auto theirs = read_entries<TestType>();
  REQUIRE(ours.size() == theirs.size());
  for (const auto& [table, rules] : ours) {
    const auto& expected = theirs.at(table);
    REQUIRE(rules.size() == expected.size());
    for (std::size_t i = 0; i < rules.size(); ++i) {
      INFO(table << ": " << rules[i].line);
      CHECK(rules[i].bytes == expected[i].bytes);
    }
  }
}

TEMPLATE_TEST_CASE("a rule read back from the kernel is shown as its text", "", Ipv4Tc, Ipv6Tc) {
  lab::enter_laboratory();
  const lab::NetNamespace space;
  const lab::Inside inside(space);
  const ir::Ruleset ruleset = backend_test::every_rule(TestType::kFamily);
  load_entries<TestType>(ruleset);
  check_same(decoded_lines<TestType>(), rule_lines(iptables_save(ruleset, TestType::kFamily)));
}

TEMPLATE_TEST_CASE("queues up to the last one are loaded, also where iptables cannot read the range", "", Ipv4Tc,
                   Ipv6Tc) {
  lab::enter_laboratory();
  const lab::NetNamespace space;
  const lab::Inside inside(space);
  backend_test::Builder builder(TestType::kFamily);
  builder.add_target(ir::NfqueueTarget{.first = 1, .last = 65535});
  load_entries<TestType>(builder.result());
  const RuleLines expected{{"filter", {"-A INPUT -j VRMR-INPUT", "-A VRMR-INPUT -j NFQUEUE --queue-balance 1:65535"}}};
  check_same(decoded_lines<TestType>(), expected);
  check_same(kernel_lines(TestType::kFamily), expected);
}

TEMPLATE_TEST_CASE("rules of others with parts that we never use are shown by name", "", Ipv4Tc, Ipv6Tc) {
  lab::enter_laboratory();
  const lab::NetNamespace space;
  const lab::Inside inside(space);
  const std::string net = TestType::kFamily == Family::Ipv4 ? "192.0.2.0/24" : "2001:db8::/32";
  const std::string icmp = TestType::kFamily == Family::Ipv4 ? "icmp" : "ipv6-icmp";
  restore(TestType::kFamily,
          "*filter\n:F2B - [0:0]\n:F2B2 - [0:0]\n"
          "-A INPUT ! -s " +
              net + " ! -d " + net +
              " ! -i lo -p tcp -m multiport --dports 22,80 -j F2B\n"
              "-A INPUT ! -p " +
              icmp +
              " -m conntrack ! --ctstate NEW -j RETURN\n"
              "-A INPUT -m state --state NEW\n"
              "-A INPUT -m statistic --mode random --probability 0.5 -m comment --comment half -j LOG\n"
              "-A INPUT -p tcp -m tcp ! --dport 22 -j NFQUEUE --queue-num 4\n"
              "-A F2B -g F2B2\n"
              "-A F2B2 -m limit --limit 1/sec -j RETURN\nCOMMIT\n");
  const RuleLines lines = decoded_lines<TestType>();
  REQUIRE(lines.contains("filter"));
  CHECK(lines.at("filter") ==
        std::vector<std::string>{
            "-A INPUT ! -s " + net + " ! -d " + net + " ! -i lo -p tcp -m multiport [rev 1] -j F2B",
            "-A INPUT ! -p " + icmp + " -m conntrack [rev 3] -j RETURN",
            "-A INPUT -m conntrack [rev 3]",
            "-A INPUT -m statistic [rev 0] -m comment --comment half -j LOG [rev 0]",
            "-A INPUT -p tcp -m tcp [rev 0] -j NFQUEUE --queue-num 4",
            "-A F2B -g F2B2",
            "-A F2B2 -m limit --limit 1/sec -j RETURN",
        });
}

TEST_CASE("the script loads the ruleset, again and over an older one, and leaves the rules of others") {
  lab::enter_laboratory();
  const lab::NetNamespace space;
  const lab::Inside inside(space);
  const std::string others =
      "*nat\n:VRMR-OLD - [0:0]\n:DOCKER - [0:0]\n-A PREROUTING -j VRMR-OLD\n-A PREROUTING -j DOCKER\nCOMMIT\n"
      "*filter\n:DOCKER - [0:0]\n:PRE-VRMR-INPUT - [0:0]\n:VRMR-INPUT - [0:0]\n:VRMR-OLD - [0:0]\n"
      "-A INPUT -p tcp -m comment --comment \"not -j VRMR-OLD\" -j DOCKER\n"
      "-A INPUT -j VRMR-INPUT\n-A PRE-VRMR-INPUT -s 192.0.2.9/32 -j DROP\n-A VRMR-INPUT -j VRMR-OLD\n-A VRMR-OLD -j "
      "DROP\n"
      "-A DOCKER -g VRMR-OLD\nCOMMIT\n";
  restore(Family::Ipv4, others);

  ir::Ruleset ruleset;
  const ir::OriginId origin = ruleset.add_origin("rule 1: it's $HOME `x`");
  for (const Family family : net::kFamilies) {
    ir::Table& filter = ruleset.rules(family).table(ir::TableName::Filter);
    const ir::ChainId input = filter.chain_named("VRMR-INPUT");
    filter.append(filter.builtin(ir::Hook::Input),
                  {.target = ir::JumpTarget{input}, .origin = origin, .commented = false});
    filter.append(input, {.target = ir::JumpTarget{filter.chain_named("PRE-VRMR-INPUT", ir::ChainKind::Foreign)},
                          .origin = origin,
                          .commented = false});
    filter.append(input, {.in_interface = "lo", .target = ir::AcceptTarget{}, .origin = origin});
    filter.chain(filter.builtin(ir::Hook::Input)).policy_drop = true;
  }
  ruleset.sysctls = {{"net/ipv4/ip_forward", "1", true}, {"net/ipv4/conf/all/rp_filter", "2", false}};

  const std::string script = shell_script(ruleset);
  for (int run = 0; run < 2; ++run) {
    INFO("run " << run);
    lab::run_ok(
        {"env", "IPTABLES_RESTORE=iptables-legacy-restore", "IP6TABLES_RESTORE=ip6tables-legacy-restore", "sh", "-s"},
        script);
    check_same(kernel_lines(Family::Ipv4),
               {{"nat", {"-A PREROUTING -j DOCKER"}},
                {"filter",
                 {"-A INPUT -p tcp -m comment --comment \"not -j VRMR-OLD\" -j DOCKER", "-A INPUT -j VRMR-INPUT",
                  "-A PRE-VRMR-INPUT -s 192.0.2.9/32 -j DROP", "-A VRMR-INPUT -j PRE-VRMR-INPUT",
                  "-A VRMR-INPUT -i lo -m comment --comment \"rule 1: it_s $HOME `x`\" -j ACCEPT"}}});
    check_same(kernel_lines(Family::Ipv6),
               {{"filter",
                 {"-A INPUT -j VRMR-INPUT", "-A VRMR-INPUT -j PRE-VRMR-INPUT",
                  "-A VRMR-INPUT -i lo -m comment --comment \"rule 1: it_s $HOME `x`\" -j ACCEPT"}}});
    for (const char* program : {"iptables-legacy-save", "ip6tables-legacy-save"}) {
      const std::string save = lab::run_ok({program, "-t", "filter"});
      CHECK(save.find(":INPUT DROP ") != std::string::npos);
      CHECK(save.find("VRMR-OLD -") == std::string::npos);
    }
    CHECK(lab::run_ok({"cat", "/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv4/conf/all/rp_filter"}) == "1\n2\n");
  }
}

}  // namespace vuurmuur::backend
