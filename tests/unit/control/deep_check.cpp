// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/deep_check.h"

#include <chrono>
#include <string>

#include "base/memory_file_system.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::control;

namespace {

/// Networks world.inet (everything behind eth0) and local.lan (10.1.0.0/16 behind eth1) with a group of so many hosts
/// each, and these rules.
base::MemoryFileSystem tree(const std::string& rules, int hosts = 1) {
  base::MemoryFileSystem memory;
  auto& files = memory.files;
  files["/t/config.conf"] = "";
  files["/t/services/http"] = "ACTIVE=\"Yes\"\nRANGE=\"6;80\"\n";
  files["/t/services/ssh"] = "ACTIVE=\"Yes\"\nRANGE=\"6;22\"\n";
  files["/t/rules/blocklist.conf"] = "";
  files["/t/rules/rules.conf"] = rules;
  const auto network = [&](const std::string& device, const std::string& zone, const std::string& name,
                           const std::string& address, const std::string& mask, const std::string& beginning) {
    files["/t/interfaces/" + device + ".conf"] =
        "ACTIVE=\"Yes\"\nDEVICE=\"" + device + "\"\nIPADDRESS=\"" + beginning + "9.1\"\n";
    files["/t/zones/" + zone + "/zone.config"] = "ACTIVE=\"Yes\"\n";
    const std::string place = "/t/zones/" + zone + "/networks/" + name + "/";
    files[place + "network.config"] =
        "ACTIVE=\"Yes\"\nNETWORK=\"" + address + "\"\nNETMASK=\"" + mask + "\"\nINTERFACE=\"" + device + "\"\n";
    std::string members;
    for (int i = 0; i < hosts; ++i) {
      const std::string host = "h" + std::to_string(i);
      files[place + "hosts/" + host + ".host"] = "ACTIVE=\"Yes\"\nIPADDRESS=\"" + beginning +
                                                 std::to_string(1 + i / 200) + "." + std::to_string(1 + i % 200) +
                                                 "\"\n";
      members += "MEMBER=\"" + host + "\"\n";
    }
    files[place + "groups/all.group"] = "ACTIVE=\"Yes\"\n" + members;
  };
  network("eth0", "inet", "world", "0.0.0.0", "0.0.0.0", "198.51.");
  network("eth1", "lan", "local", "10.1.0.0", "255.255.0.0", "10.1.");
  return memory;
}

const std::string kRules =
    "RULE=\"accept service ssh from lan to firewall\"\nRULE=\"accept service http from lan to any\"\n"
    "RULE=\"drop service any from any to inet\"\nRULE=\"accept service any from lan to inet\"\n";

std::vector<std::string> codes(const diag::Sink& sink) {
  std::vector<std::string> all;
  for (const diag::Diagnostic& diagnostic : sink.all()) all.push_back(diagnostic.code);
  return all;
}

}  // namespace

TEST_CASE("before an apply it is told what was found when the policy was read, and what its rules tell") {
  const auto checked =
      check_tree(tree(kRules + "RULE=\"accept service http from lan to inet options burst=\\\"3\\\"\"\n"), "/t");
  REQUIRE(codes(checked->sink) == std::vector<std::string>{"option-without-effect"});
  const diag::Sink told = findings_before_apply(*checked);
  CHECK(codes(told) == std::vector<std::string>{"option-without-effect", "never-matches", "redundant-rule", "overlap"});
  CHECK(told.all().back().message.starts_with("rule 3 refuses what rules before it let through: "));
  // The policy itself is as it was.
  CHECK(checked->sink.all().size() == 1);
}

TEST_CASE("who waits for an apply does not wait for the rules of a large policy to be held against each other") {
  const auto checked =
      check_tree(tree(kRules + "RULE=\"accept service http from all.local.lan to all.world.inet\"\n", 300), "/t");
  REQUIRE_FALSE(checked->sink.has_errors());
  CHECK(codes(findings_before_apply(*checked)).empty());
  diag::Sink told;
  check_deep(*checked, {}, told);
  // What the last one takes is in too many boxes for anybody.
  CHECK(codes(told) == std::vector<std::string>{"never-matches", "overlap"});
}

TEST_CASE("statements of the tree say what is meant so, and a policy with errors means nothing") {
  base::MemoryFileSystem files = tree("RULE=\"accept service http from lan to inet\"\n");
  CHECK(codes(findings_before_apply(*check_tree(files, "/t"))) == std::vector<std::string>{"ssh-unreachable"});
  files.files["/t/rules/assertions.conf"] = "any never reaches firewall service ssh\n";
  CHECK(codes(findings_before_apply(*check_tree(files, "/t"))).empty());
  files = tree("RULE=\"accept service htpp from lan to inet\"\n");
  CHECK(codes(findings_before_apply(*check_tree(files, "/t"))) == std::vector<std::string>{"unknown-service"});
}
