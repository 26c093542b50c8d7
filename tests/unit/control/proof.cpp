// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/proof.h"

#include <algorithm>
#include <string>

#include "base/memory_file_system.h"
#include "compile/compile.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::control;

namespace {

/// Networks world.inet behind eth0 and local.lan behind eth1, this one with so many hosts, each of which may ask.
base::MemoryFileSystem tree(int hosts) {
  base::MemoryFileSystem memory;
  auto& files = memory.files;
  files["/t/config.conf"] = "";
  files["/t/services/http"] = "ACTIVE=\"Yes\"\nRANGE=\"6;80\"\n";
  files["/t/rules/blocklist.conf"] = "";
  for (const auto& [device, address] : {std::pair{"eth0", "192.0.2.1"}, std::pair{"eth1", "10.1.0.1"}})
    files["/t/interfaces/" + std::string(device) + ".conf"] =
        "ACTIVE=\"Yes\"\nDEVICE=\"" + std::string(device) + "\"\nIPADDRESS=\"" + address + "\"\n";
  files["/t/zones/inet/zone.config"] = files["/t/zones/lan/zone.config"] = "ACTIVE=\"Yes\"\n";
  files["/t/zones/inet/networks/world/network.config"] =
      "ACTIVE=\"Yes\"\nNETWORK=\"0.0.0.0\"\nNETMASK=\"0.0.0.0\"\nINTERFACE=\"eth0\"\n";
  files["/t/zones/lan/networks/local/network.config"] =
      "ACTIVE=\"Yes\"\nNETWORK=\"10.1.0.0\"\nNETMASK=\"255.255.0.0\"\nINTERFACE=\"eth1\"\n";
  std::string& rules = files["/t/rules/rules.conf"];
  for (int i = 0; i < hosts; ++i) {
    const std::string name = "h" + std::to_string(i);
    files["/t/zones/lan/networks/local/hosts/" + name + ".host"] =
        "ACTIVE=\"Yes\"\nIPADDRESS=\"10.1." + std::to_string(1 + i / 200) + "." + std::to_string(1 + i % 200) + "\"\n";
    rules += "RULE=\"accept service http from " + name + ".local.lan to world.inet\"\n";
  }
  return memory;
}

bool is_refused(const CheckedPolicy& checked, const ir::Ruleset& ruleset) {
  const diag::Sink wrong = check_compiled(checked, ruleset, {});
  return std::ranges::any_of(wrong.all(), [](const diag::Diagnostic& each) { return each.code == "not-as-meant"; });
}

}  // namespace

TEST_CASE("what is compiled wrong is refused before an apply, and what is right is not") {
  const auto files = tree(3);
  const auto checked = check_tree(files, "/t", {});
  REQUIRE_FALSE(checked->sink.has_errors());
  CHECK_FALSE(is_refused(*checked, compile::compile(checked->policy).ruleset));
  compile::Options without;
  without.disabled_passes = {"loopback"};
  CHECK(is_refused(*checked, compile::compile(checked->policy, without).ruleset));
}

TEST_CASE("queues that only live connections use are not held against a compile") {
  const auto files = tree(1);
  const auto checked = check_tree(files, "/t", {});
  REQUIRE_FALSE(checked->sink.has_errors());
  compile::Options options;
  options.live_queues = {{.first = 7, .last = 7}};
  const ir::Ruleset ruleset = compile::compile(checked->policy, options).ruleset;
  CHECK(check_compiled(*checked, ruleset, options.live_queues).all().empty());
  CHECK(is_refused(*checked, ruleset));
}

TEST_CASE("a proof of many elements in sets does not hold up an apply, however few the rules are") {
  const auto files = tree(12000);
  const auto checked = check_tree(files, "/t", {});
  REQUIRE_FALSE(checked->sink.has_errors());
  compile::Options without;
  without.disabled_passes = {"loopback"};
  const ir::Ruleset ruleset = compile::compile(checked->policy, without).ruleset;
  CHECK(ruleset.rule_count() < 1000);
  CHECK(proof_size(ruleset) > kMostProvenSize);
  CHECK_FALSE(is_refused(*checked, ruleset));
}
