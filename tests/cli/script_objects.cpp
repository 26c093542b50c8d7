// SPDX-License-Identifier: GPL-2.0-or-later
// vuurmuur_script: objects made, changed, renamed and deleted.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "helpers/program.h"
#include "helpers/tree.h"
#include "support/catch.h"

using vuurmuur::test::Outcome;
using vuurmuur::test::SmallTree;

namespace {

/// The small tree, and the program's answers about it.
struct Scripted : SmallTree {
  Outcome run(std::vector<std::string> words) const {
    return vuurmuur::test::vuurmuur_script(path().string(), std::move(words));
  }
  void done(std::vector<std::string> words) const {
    const Outcome outcome = run(std::move(words));
    INFO(outcome.err);
    CHECK(outcome.status == 0);
    CHECK(outcome.out.empty());
  }
  [[nodiscard]] std::string text(const std::string& name) const {
    std::stringstream content;
    content << std::ifstream(path() / name).rdbuf();
    return content.str();
  }
  [[nodiscard]] bool has(const std::string& name) const { return std::filesystem::exists(path() / name); }
  [[nodiscard]] std::string check() const { return vuurmuur::test::vuurmuur({"check", path().string()}).err; }
};

}  // namespace

TEST_CASE("a network with hosts, a group and a service is made from nothing, in any order, and is good") {
  const Scripted tree;
  for (const auto& [option, name] : std::vector<std::pair<std::string, std::string>>{{"-z", "lan"},
                                                                                     {"-i", "lan-nic"},
                                                                                     {"-n", "local.lan"},
                                                                                     {"-o", "pc.local.lan"},
                                                                                     {"-g", "all.local.lan"},
                                                                                     {"-s", "ssh"}}) {
    const Outcome made = tree.run({"-C", option, name});
    INFO(made.err);
    CHECK(made.status == 0);
    const Outcome again = tree.run({"-C", option, name});
    CHECK(again.status == 4);
    CHECK(again.err.find("already") != std::string::npos);
  }
  const auto set = [&](const std::string& option, const std::string& name, const std::string& variable,
                       const std::string& value, const std::string& how = "-O") {
    const Outcome outcome = tree.run({"-M", option, name, "-V", variable, "-S", value, how});
    INFO(outcome.err);
    CHECK(outcome.status == 0);
  };
  set("-i", "lan-nic", "ACTIVE", "Yes");
  set("-i", "lan-nic", "IPV6ADDRESS", "dynamic");
  set("-i", "lan-nic", "DEVICE", "eth1");
  set("-i", "lan-nic", "RULE", "protect against rp-filter", "-A");
  set("-n", "local.lan", "NETMASK", "255.255.255.0");
  set("-n", "local.lan", "NETWORK", "192.168.1.0");
  set("-n", "local.lan", "IPV6NETWORK", "2001:db8:1::");
  set("-n", "local.lan", "IPV6CIDR", "64");
  set("-n", "local.lan", "INTERFACE", "lan-nic", "-A");
  set("-o", "pc.local.lan", "IPADDRESS", "192.168.1.7");
  set("-o", "pc.local.lan", "IPV6ADDRESS", "2001:db8:1::7");
  set("-o", "pc.local.lan", "MAC", "00:11:22:aa:bb:cc");
  set("-g", "all.local.lan", "MEMBER", "pc", "-A");
  set("-s", "ssh", "RANGE", "6;22*1024:65535", "-A");
  for (const auto& [option, name] : std::vector<std::pair<std::string, std::string>>{
           {"-z", "lan"}, {"-n", "local.lan"}, {"-o", "pc.local.lan"}, {"-g", "all.local.lan"}, {"-s", "ssh"}})
    set(option, name, "ACTIVE", "Yes");
  set("-r", "rules", "RULE", "accept service ssh from all.local.lan to firewall", "-A");
  CHECK(tree.check().empty());
  CHECK(tree.run({"-P", "-g", "all.local.lan"}).out == "ACTIVE=\"Yes\"\nMEMBER=\"pc\"\nCOMMENT=\"\"\n");
}

TEST_CASE("a value that cannot be is shown with a caret, status 1, and nothing is written") {
  const Scripted tree;
  const std::string file = "zones/inet/networks/world/hosts/web.host", before = tree.text(file);
  const Outcome outcome = tree.run({"-M", "-o", "web.world.inet", "-V", "IPADDRESS", "-S", "192.0.2.300"});
  CHECK(outcome.status == 1);
  CHECK(outcome.out.empty());
  CHECK(outcome.err == file +
                           ":2:12: error: expected an address, not '192.0.2.300'\n"
                           "  IPADDRESS=\"192.0.2.300\"\n"
                           "             ^~~~~~~~~~~\n"
                           "1 error\n"
                           "vuurmuur_script: error: nothing is written\n");
  CHECK(tree.text(file) == before);
}

TEST_CASE("several values make a list") {
  const Scripted tree;
  tree.done({"-C", "-g", "servers.world.inet"});
  tree.done({"-M", "-g", "servers.world.inet", "-V", "MEMBER", "-S", "web", "-S", "mail"});
  tree.done({"-M", "-g", "servers.world.inet", "-V", "ACTIVE", "-S", "Yes"});
  CHECK(tree.run({"-P", "-g", "servers.world.inet", "-V", "MEMBER"}).out == "MEMBER=\"web\"\nMEMBER=\"mail\"\n");
  tree.done({"-M", "-g", "servers.world.inet", "-V", "COMMENT", "-S", "-both"});
  CHECK(tree.run({"-P", "-g", "servers.world.inet", "-V", "COMMENT"}).out == "COMMENT=\"-both\"\n");
  tree.done({"-M", "-g", "servers.world.inet", "-V", "COMMENT", "-S", ""});
  CHECK(tree.run({"-P", "-g", "servers.world.inet", "-V", "COMMENT"}).out == "COMMENT=\"\"\n");
  tree.done({"-M", "-g", "servers.world.inet", "-V", "MEMBER", "-S", "mail"});
  CHECK(tree.run({"-P", "-g", "servers.world.inet", "-V", "MEMBER"}).out == "MEMBER=\"mail\"\n");
}

TEST_CASE("an object in use is not deleted, with status 2; one that is free is gone") {
  const Scripted tree;
  tree.rules("accept service http from web.world.inet to firewall");
  const Outcome used = tree.run({"-D", "-o", "web.world.inet"});
  CHECK(used.status == 2);
  CHECK(used.err ==
        "vuurmuur_script: error: host 'web.world.inet' is used by rule 1 (accept http from web.world.inet to "
        "firewall)\n");
  const Outcome full = tree.run({"-D", "-z", "inet"});
  CHECK(full.status == 2);
  CHECK(tree.run({"-D", "-o", "wbe.world.inet"}).status == 3);
  tree.done({"-D", "-o", "mail.world.inet"});
  CHECK_FALSE(tree.has("zones/inet/networks/world/hosts/mail.host"));
  tree.done({"-C", "-z", "dmz"});
  tree.done({"-C", "-n", "servers.dmz"});
  tree.done({"-C", "-o", "a.servers.dmz"});
  tree.done({"-D", "-o", "a.servers.dmz"});
  tree.done({"-D", "-n", "servers.dmz"});
  tree.done({"-D", "-z", "dmz"});
  CHECK_FALSE(tree.has("zones/dmz"));
  CHECK(tree.check().empty());
}

TEST_CASE("a renamed zone takes its directories, and every rule follows") {
  const Scripted tree;
  tree.rules("accept service http from web.world.inet to inet options in_int=\"nic\"");
  tree.done({"-R", "-z", "inet", "-S", "outside"});
  tree.done({"-R", "-n", "world.outside", "-S", "earth"});
  tree.done({"-R", "-o", "web.earth.outside", "-S", "www.earth.outside"});
  tree.done({"-R", "-i", "nic", "-S", "dsl"});
  tree.done({"-R", "-s", "http", "-S", "web"});
  CHECK(tree.text("rules/rules.conf") ==
        "RULE=\"accept service web from www.earth.outside to outside options in_int=\\\"dsl\\\"\"\n");
  CHECK_FALSE(tree.has("zones/inet"));
  CHECK(tree.check().empty());
  CHECK(tree.run({"-R", "-o", "www.earth.outside", "-S", "mail"}).status == 4);
}

TEST_CASE("the blocklist is edited by whom it blocks") {
  const Scripted tree;
  const auto change = [&](const std::string& option, const std::string& whom) {
    return tree.run({option, whom, "--no-apply"});
  };
  for (const char* whom : {"198.51.100.7", "2001:db8:66::/48", "web.world.inet", "198.51.100.7/32"})
    CHECK(change("--block", whom).status == 0);
  CHECK(tree.run({"--list-blocked"}).out == "198.51.100.7\n2001:db8:66::/48\nweb.world.inet\n");
  CHECK(tree.text("rules/blocklist.conf") ==
        "RULE=\"block 198.51.100.7\"\nRULE=\"block 2001:db8:66::/48\"\nRULE=\"block web.world.inet\"\n");
  const Outcome unknown = change("--block", "wbe.world.inet");
  CHECK(unknown.status == 1);
  CHECK(unknown.err.find("did you mean 'web.world.inet'?") != std::string::npos);
  CHECK(change("--unblock", "198.51.100.7").status == 0);
  CHECK(change("--unblock", "198.51.100.7").status == 3);
  const Outcome told = tree.run({"--block", "198.51.100.8"});
  CHECK(told.status == 0);
  CHECK(told.err == "vuurmuur_script: warning: no daemon runs with this configuration: in force with the next apply\n");
}
