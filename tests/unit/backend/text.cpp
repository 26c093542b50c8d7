// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/iptables_save.h"
#include "backend/protocol_name.h"
#include "backend/rate.h"
#include "backend/shell_script.h"
#include "support/catch.h"
#include "unit/backend/every_rule.h"
#include "unit/backend/golden.h"

namespace vuurmuur::backend {
namespace {

using backend_test::check_golden;
using net::Family;

/// A ruleset of one rule with that origin, and that rule.
struct OneRule {
  ir::Ruleset ruleset;
  ir::Rule rule;
  explicit OneRule(std::string label) { rule.origin = ruleset.add_origin(std::move(label)); }
  [[nodiscard]] std::string comment() const { return comment_text(ruleset, rule); }
  [[nodiscard]] std::string text(const TextOptions& options = {}) const {
    return rule_text(ruleset, ruleset.ipv4.table(ir::TableName::Filter), Family::Ipv4, rule, options);
  }
};

}  // namespace

TEST_CASE("every match and target as text") {
  // That iptables prints the same is what the kernel tests show.
  check_golden("every_rule.v4", iptables_save(backend_test::every_rule(Family::Ipv4), Family::Ipv4));
  check_golden("every_rule.v6", iptables_save(backend_test::every_rule(Family::Ipv6), Family::Ipv6));
}

TEST_CASE("tables without rules are left out, foreign chains are declared") {
  ir::Ruleset ruleset;
  CHECK(iptables_save(ruleset, Family::Ipv4) == "");
  ruleset.ipv6.table(ir::TableName::Mangle).chain_named("PRE-VRMR-INPUT", ir::ChainKind::Foreign);
  CHECK(iptables_save(ruleset, Family::Ipv6) == "");
  ir::Table& filter = ruleset.ipv6.table(ir::TableName::Filter);
  filter.chain_named("VRMR-B");
  filter.chain_named("PRE-VRMR-INPUT", ir::ChainKind::Foreign);
  filter.chain_named("VRMR-A");
  filter.chain(filter.builtin(ir::Hook::Forward)).policy_drop = true;
  CHECK(iptables_save(ruleset, Family::Ipv4) == "");
  CHECK(iptables_save(ruleset, Family::Ipv6) ==
        "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
        ":PRE-VRMR-INPUT - [0:0]\n:VRMR-A - [0:0]\n:VRMR-B - [0:0]\nCOMMIT\n");
}

TEST_CASE("a comment is the origin's label, if the rule and the options want it") {
  OneRule one("rule 12: accept http");
  CHECK(one.text() == "-m comment --comment \"rule 12: accept http\" -j ACCEPT");
  CHECK(one.text({.comments = false}) == "-j ACCEPT");
  one.rule.commented = false;
  CHECK(one.text() == "-j ACCEPT");
  CHECK(one.comment() == "");
  CHECK(OneRule("").text() == "-j ACCEPT");
}

TEST_CASE("a comment has no character that breaks the line or its quotes") {
  CHECK(OneRule("a\nb\tc\x7f\x01 \"d\" 'e' \\f").comment() == "a b c   _d_ _e_ _f");
}

TEST_CASE("a long comment is cut between characters") {
  const std::string x(254, 'x');
  CHECK(OneRule(x + "yz").comment() == x + "y");
  CHECK(OneRule(x + "é").comment() == x);  // two bytes, the second would be byte 256
  CHECK(OneRule(x.substr(1) + "é").comment() == x.substr(1) + "é");
  CHECK(OneRule(x.substr(1) + "€").comment() == x.substr(1));
  CHECK(OneRule(std::string(400, '\x80')).comment().size() <= 255);
}

TEST_CASE("protocols have the names of Debian, others their number") {
  CHECK(protocol_name(1) == "icmp");
  CHECK(protocol_name(2) == "igmp");
  CHECK(protocol_name(6) == "tcp");
  CHECK(protocol_name(58) == "ipv6-icmp");
  CHECK(protocol_name(112) == "vrrp");
  CHECK(protocol_name(143) == "ethernet");
  CHECK(protocol_name(7) == "7");
  CHECK(protocol_name(255) == "255");
}

TEST_CASE("a limit is printed as the kernel can keep it") {
  using Unit = ir::LimitMatch::Unit;
  const auto text = [](std::uint32_t count, Unit unit) {
    return limit_rate_text(limit_period({.count = count, .unit = unit}));
  };
  CHECK(text(1, Unit::Second) == "1/sec");
  CHECK(text(60, Unit::Minute) == "1/sec");
  CHECK(text(4, Unit::Minute) == "4/min");
  CHECK(text(7, Unit::Day) == "7/day");
  CHECK(text(24, Unit::Day) == "1/hour");
  CHECK(text(30, Unit::Second) == "30/sec");
  CHECK(text(7777, Unit::Minute) == "129/sec");
  CHECK(text(7777, Unit::Second) == "10000/sec");
  CHECK(text(4'000'000'000, Unit::Second) == "10000/sec");  // there is no faster one
}

TEST_CASE("a printed limit, read again, is the same limit") {
  for (const auto unit : {ir::LimitMatch::Unit::Second, ir::LimitMatch::Unit::Minute, ir::LimitMatch::Unit::Hour,
                          ir::LimitMatch::Unit::Day})
    for (std::uint32_t count = 1; count <= 20'000; ++count) {
      const std::uint32_t period = limit_period({.count = count, .unit = unit});
      if (limit_period(limit_of_period(period)) != period) FAIL(count << " gives " << limit_rate_text(period));
    }
  for (std::uint32_t count = 1; count <= 2'000'000; count += 1 + count / 1000) {
    const std::uint64_t period = hashlimit_period(count);
    if (hashlimit_period(static_cast<std::uint32_t>(hashlimit_per_second(period))) != period) FAIL(count);
  }
  SUCCEED();
}

TEST_CASE("the ruleset as a script") {
  ir::Ruleset ruleset;
  const ir::OriginId origin = ruleset.add_origin("rule 1: it's http");
  ir::Table& filter = ruleset.ipv4.table(ir::TableName::Filter);
  const ir::ChainId input = filter.chain_named("VRMR-INPUT");
  filter.append(filter.builtin(ir::Hook::Input),
                {.target = ir::JumpTarget{input}, .origin = origin, .commented = false});
  filter.append(input, {.target = ir::JumpTarget{filter.chain_named("PRE-VRMR-INPUT", ir::ChainKind::Foreign)},
                        .origin = origin});
  ruleset.sysctls = {{"net/ipv4/ip_forward", "1", true}, {"net/ipv4/conf/it's/rp_filter", "0", false}};
  const std::string script = shell_script(ruleset);
  const std::size_t begin = script.find("\necho ") + 1;
  const std::string sample = script.substr(begin, script.find("\nif old=") - begin);
  CHECK(sample == R"(echo '0' > '/proc/sys/net/ipv4/conf/it'\''s/rp_filter'
clear "$IPTABLES_RESTORE" "$IPTABLES_SAVE" raw
clear "$IPTABLES_RESTORE" "$IPTABLES_SAVE" mangle
clear "$IPTABLES_RESTORE" "$IPTABLES_SAVE" nat
add_chain "$IPTABLES_RESTORE" "$IPTABLES_SAVE" filter 'PRE-VRMR-INPUT'
load "$IPTABLES_RESTORE" "$IPTABLES_SAVE" filter <<'END_OF_TABLE'
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:VRMR-INPUT - [0:0]
-A INPUT -j VRMR-INPUT
-A VRMR-INPUT -m comment --comment "rule 1: it_s http" -j PRE-VRMR-INPUT
END_OF_TABLE
clear "$IP6TABLES_RESTORE" "$IP6TABLES_SAVE" raw
clear "$IP6TABLES_RESTORE" "$IP6TABLES_SAVE" mangle
clear "$IP6TABLES_RESTORE" "$IP6TABLES_SAVE" nat
clear "$IP6TABLES_RESTORE" "$IP6TABLES_SAVE" filter
echo '1' > '/proc/sys/net/ipv4/ip_forward'
)");
}

}  // namespace vuurmuur::backend
