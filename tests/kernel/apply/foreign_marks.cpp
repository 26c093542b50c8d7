// SPDX-License-Identifier: GPL-2.0-or-later
// What rules of others are found in both engines, and which bits of the connection mark they touch.
#include "apply/apply.h"
#include "apply/foreign_rules.h"
#include "apply/kernel.h"
#include "lab/run.h"
#include "machine.h"
#include "support/catch.h"
#include "unit/apply/rulesets.h"

#include <algorithm>

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

using enum ForeignMark::Use;

/// As tailscale, mwan3 and a virtual private network leave them.
constexpr std::string_view kXtablesRules =
    "*mangle\n"
    ":PREROUTING ACCEPT [0:0]\n"
    ":OUTPUT ACCEPT [0:0]\n"
    ":mwan3_hook - [0:0]\n"
    "-A PREROUTING -j mwan3_hook\n"
    "-A OUTPUT -m comment --comment \"wg-quick(8) rule for wg0\" -p udp -m mark --mark 0xca6c -j CONNMARK --save-mark\n"
    "-A mwan3_hook -j CONNMARK --restore-mark --nfmask 0x3f00 --ctmask 0x3f00\n"
    "-A mwan3_hook -j CONNMARK --save-mark --nfmask 0x3f00 --ctmask 0x3f00\n"
    "COMMIT\n"
    "*filter\n"
    ":FORWARD DROP [0:0]\n"
    ":DOCKER-USER - [0:0]\n"
    "-A FORWARD -j DOCKER-USER\n"
    "-A DOCKER-USER -s 192.0.2.0/24 -j REJECT\n"
    "COMMIT\n";

constexpr std::string_view kNftRules =
    "table ip tailscale {\n"
    "  chain ts-mangle {\n"
    "    type filter hook prerouting priority mangle; policy accept;\n"
    "    ct mark set ct mark and 0xff00ffff or 0x00040000\n"
    "    meta mark set ct mark and 0x00ff0000\n"
    "    ct state new ct mark set meta mark\n"
    "    ct mark 0x7 accept\n"
    "  }\n"
    "}\n"
    "table inet lab {\n"
    "  chain refuse {\n    drop\n  }\n"
    "  chain input { type filter hook input priority 5; policy accept; tcp dport 9 jump refuse; }\n"
    "  chain output { type filter hook output priority 5; policy accept; tcp dport 9 counter; }\n"
    "  chain out { type nat hook postrouting priority 100; ip saddr 10.0.0.0/8 masquerade; }\n"
    "  chain forward { type filter hook forward priority 0; policy drop; }\n"
    "}\n";

ForeignRules survey_nft() {
  const auto found = foreign_nft_rules();
  REQUIRE(found);
  return *found;
}

const ForeignChain* chain_at(const ForeignRules& rules, std::string_view place) {
  const auto found = std::ranges::find(rules.chains, place, &ForeignChain::place);
  return found == rules.chains.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("rules of others in xtables are found with what they can do") {
  const Machine machine;
  restore_ipv4(kXtablesRules);
  const auto kernel = make_kernel();
  REQUIRE(apply::apply(*kernel, accepting_ports({22})));
  const auto found = foreign_xtables_rules(*kernel);
  REQUIRE(found);
  const ForeignRules expected{
      .chains = {{.engine = Backend::Xtables, .place = "iptables mangle PREROUTING", .program = "mwan3", .rules = 3},
                 {.engine = Backend::Xtables, .place = "iptables mangle OUTPUT", .program = "", .rules = 1},
                 // The policy is ours, because chains of ours are there.
                 {.engine = Backend::Xtables,
                  .place = "iptables filter FORWARD",
                  .program = "docker",
                  .rules = 2,
                  .refuses = true}},
      .marks = {{Backend::Xtables, "iptables mangle OUTPUT", "wg-quick", Write, 0xffffffff},
                {Backend::Xtables, "iptables mangle mwan3_hook", "mwan3", Restore, 0x3f00},
                {Backend::Xtables, "iptables mangle mwan3_hook", "mwan3", Write, 0x3f00}}};
  CHECK(found->chains == expected.chains);
  CHECK(found->marks == expected.marks);
}

TEST_CASE("rules of others in nf_tables are found with what they can do") {
  const Machine machine;
  CHECK(survey_nft() == ForeignRules{});
  lab::run_ok({"nft", "-f", "-"}, kNftRules);
  const ForeignRules found = survey_nft();
  const std::vector<ForeignMark> marks{{Backend::Nft, "nft ip tailscale ts-mangle", "tailscale", Write, 0x00ff0000},
                                       {Backend::Nft, "nft ip tailscale ts-mangle", "tailscale", Restore, 0x00ff0000},
                                       {Backend::Nft, "nft ip tailscale ts-mangle", "tailscale", Write, 0xffffffff}};
  CHECK(found.marks == marks);
  REQUIRE(found.chains.size() == 5);
  CHECK(chain_at(found, "nft ip tailscale ts-mangle")->program == "tailscale");
  CHECK_FALSE(chain_at(found, "nft ip tailscale ts-mangle")->can_refuse());
  CHECK(chain_at(found, "nft inet lab input")->refuses);
  CHECK(chain_at(found, "nft inet lab input")->rules == 2);
  CHECK_FALSE(chain_at(found, "nft inet lab output")->can_refuse());
  CHECK(chain_at(found, "nft inet lab out")->translates);
  CHECK(chain_at(found, "nft inet lab forward")->has_drop_policy);
}

TEST_CASE("what iptables-nft puts into nf_tables is understood as well") {
  const Machine machine;
  lab::run_ok({"iptables-nft-restore"}, kXtablesRules);
  const ForeignRules found = survey_nft();
  std::vector<std::uint32_t> bits;
  for (const ForeignMark& mark : found.marks) bits.push_back(mark.bits);
  CHECK(bits == std::vector<std::uint32_t>{0xffffffff, 0x3f00, 0x3f00});
  REQUIRE(chain_at(found, "nft ip filter FORWARD") != nullptr);
  CHECK(chain_at(found, "nft ip filter FORWARD")->can_refuse());
  CHECK(chain_at(found, "nft ip filter FORWARD")->has_drop_policy);
}
