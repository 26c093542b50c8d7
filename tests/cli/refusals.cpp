// SPDX-License-Identifier: GPL-2.0-or-later
// Bad input: each kind gets a clear message and status 2 (1 for what is mistyped), from check and from apply, which then changes
// nothing.
#include <linux/capability.h>

#include <filesystem>

#include "helpers/program.h"
#include "helpers/tree.h"
#include "support/catch.h"

namespace fs = std::filesystem;
using vuurmuur::test::Call;
using vuurmuur::test::Outcome;
using vuurmuur::test::SmallTree;

namespace {

const std::string kNetwork = "zones/inet/networks/world/";

/// Checks and applies a tree. Both must refuse it and say this.
void refused(const std::string& directory, const std::string& message, std::vector<int> without_capabilities = {}) {
  // Whoever runs the tests, apply must not get as far as the kernel: it would not be allowed to.
  without_capabilities.push_back(CAP_NET_ADMIN);
  for (const char* command : {"check", "apply"}) {
    const Outcome outcome =
        vuurmuur::test::vuurmuur(Call{.arguments = {command, directory}, .without_capabilities = without_capabilities});
    CAPTURE(command, outcome.err, message);
    CHECK(outcome.status == 2);
    CHECK(outcome.out.empty());
    CHECK(outcome.err.find(message) != std::string::npos);
  }
}

/// To name what is no tree at all is a slip of the fingers, whatever was to be done with it.
void mistyped(const std::string& directory) {
  for (const std::string command : {"check", "compile", "apply"}) {
    const Outcome outcome =
        vuurmuur::test::vuurmuur(Call{.arguments = {command, directory}, .without_capabilities = {CAP_NET_ADMIN}});
    CAPTURE(command);
    CHECK(outcome.status == 1);
    CHECK(outcome.out.empty());
    CHECK(outcome.err == "vuurmuur: error: there is no configuration tree '" + directory + "'\ntry 'vuurmuur " + command +
                             " --help'\n");
  }
}

}  // namespace

TEST_CASE("a tree that is not there") {
  const SmallTree tree;
  mistyped((tree.path() / "nowhere").string());
}

TEST_CASE("a file where the tree should be") {
  const SmallTree tree;
  mistyped((tree.path() / "config.conf").string());
}

TEST_CASE("a file that may not be read") {
  const SmallTree tree;
  fs::permissions(tree.path() / "rules/rules.conf", fs::perms::none);
  refused(tree.path().string(), "cannot read rules/rules.conf: permission denied",
          {CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH});
}

TEST_CASE("a directory that may not be read") {
  const SmallTree tree;
  fs::permissions(tree.path() / "services", fs::perms::none);
  refused(tree.path().string(), "cannot list services: permission denied", {CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH});
  fs::permissions(tree.path() / "services", fs::perms::owner_all);
}

TEST_CASE("a symbolic link that leads to itself") {
  const SmallTree tree;
  fs::remove(tree.path() / "services/http");
  fs::create_symlink("http", tree.path() / "services/http");
  refused(tree.path().string(), "services/http is a symbolic link that leads back to itself");
}

TEST_CASE("symbolic links that lead to each other in place of a directory") {
  const SmallTree tree;
  fs::remove_all(tree.path() / "zones/inet/networks");
  fs::create_symlink("b", tree.path() / "zones/inet/networks");
  fs::create_symlink("networks", tree.path() / "zones/inet/b");
  refused(tree.path().string(), "zones/inet/networks is a symbolic link that leads back to itself");
}

TEST_CASE("a rule that names what is not there") {
  const SmallTree tree;
  tree.rules("accept service http from web.world.inet to mial.world.inet");
  refused(tree.path().string(), "mial.world.inet");
}

TEST_CASE("a network on an interface that is not there") {
  const SmallTree tree;
  tree.write(kNetwork + "network.config",
             "ACTIVE=\"Yes\"\nNETWORK=\"0.0.0.0\"\nNETMASK=\"0.0.0.0\"\nINTERFACE=\"nik\"\n");
  refused(tree.path().string(), "no interface is named 'nik'; did you mean 'nic'?");
}

TEST_CASE("a group with a member that is not there") {
  const SmallTree tree;
  tree.write(kNetwork + "groups/servers.group", "ACTIVE=\"Yes\"\nMEMBER=\"wbe\"\n");
  refused(tree.path().string(), "did you mean 'web'?");
}

TEST_CASE("groups that hold each other") {
  const SmallTree tree;
  tree.write(kNetwork + "groups/one.group", "ACTIVE=\"Yes\"\nMEMBER=\"two\"\n");
  tree.write(kNetwork + "groups/two.group", "ACTIVE=\"Yes\"\nMEMBER=\"one\"\n");
  refused(tree.path().string(), "groups/one.group:2:9: error:");
}

TEST_CASE("a host and a group of one name") {
  const SmallTree tree;
  tree.write(kNetwork + "groups/web.group", "ACTIVE=\"Yes\"\nMEMBER=\"mail\"\n");
  refused(tree.path().string(), "groups/web.group:1:1: error:");
}

TEST_CASE("a queue number that is none") {
  const SmallTree tree;
  tree.rules("nfqueue service http from world.inet to firewall options nfqueuenum=\"65543\"");
  refused(tree.path().string(), "65543");
}

TEST_CASE("a mark mask with a hole") {
  const SmallTree tree;
  tree.write("config.conf", "CONNMARK_MASK=\"0x30f00000\"\n");
  refused(tree.path().string(), "config.conf:1:16: error:");
}

TEST_CASE("a policy without rules is good for check, with a warning, and refused by apply") {
  const SmallTree tree;
  tree.rules(";accept service http from world.inet to firewall");
  const Outcome check = vuurmuur::test::vuurmuur({"check", tree.path().string()});
  CHECK(check.status == 0);
  CHECK(check.err.find("warning:") != std::string::npos);
  const Outcome apply = vuurmuur::test::vuurmuur(
      Call{.arguments = {"apply", tree.path().string()}, .without_capabilities = {CAP_NET_ADMIN}});
  CHECK(apply.status == 2);
  CHECK(apply.err.find("there is no active rule: this would lock everyone out; --force applies it all the same") !=
        std::string::npos);
}

TEST_CASE("two groups whose hosts together are more rules than a kernel can hold") {
  const SmallTree tree;
  std::string members;
  for (int i = 0; i < 2000; ++i) {
    const std::string name = "h" + std::to_string(i);
    tree.write(
        "zones/inet/networks/world/hosts/" + name + ".host",
        "ACTIVE=\"Yes\"\nIPADDRESS=\"198.18." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1) + "\"\n");
    members += "MEMBER=\"" + name + "\"\n";
  }
  tree.write("zones/inet/networks/world/groups/crowd.group", "ACTIVE=\"Yes\"\n" + members);
  tree.rules("accept service http from crowd.world.inet to crowd.world.inet");
  refused(
      tree.path().string(),
      "rules/rules.conf:1:22: error: with this rule the policy is 4000000 kernel rules for IPv4, and a table of the "
      "kernel holds at most 3532045");
}
