// SPDX-License-Identifier: GPL-2.0-or-later
// vuurmuur_script: its command line, what it prints, its exit statuses.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "helpers/program.h"
#include "helpers/tree.h"
#include "support/catch.h"

using vuurmuur::test::Outcome;
using vuurmuur::test::SmallTree;
using vuurmuur::test::TemporaryDirectory;

namespace {

Outcome script(const SmallTree& tree, std::vector<std::string> words) {
  return vuurmuur::test::vuurmuur_script(tree.path().string(), std::move(words));
}

}  // namespace

TEST_CASE("a command line that makes no sense is told, with status 1") {
  const SmallTree tree;
  const auto misuse = [&](std::vector<std::string> words) {
    const Outcome outcome = script(tree, std::move(words));
    CHECK(outcome.status == 1);
    CHECK(outcome.out.empty());
    return outcome.err;
  };
  const std::string hint = "try 'vuurmuur_script --help'\n";
  CHECK(misuse({}) == "vuurmuur_script: error: a command is missing\n" + hint);
  CHECK(misuse({"--lst"}) == "vuurmuur_script: error: unknown option '--lst'; did you mean '--list'?\n" + hint);
  CHECK(misuse({"-C", "-D", "-z", "x"}) ==
        "vuurmuur_script: error: '-C, --create' and '-D, --delete' are two commands\n" + hint);
  CHECK(misuse({"-C"}) == "vuurmuur_script: error: an object is missing: -o, -g, -n, -z, -s, -i or -r\n" + hint);
  CHECK(misuse({"-C", "-z", "x", "-i", "y"}) ==
        "vuurmuur_script: error: '-z, --zone' and '-i, --interface' are two objects\n" + hint);
  CHECK(misuse({"-M", "-z", "inet", "-S", "x"}) == "vuurmuur_script: error: a variable is missing: -V\n" + hint);
  CHECK(misuse({"-M", "-z", "inet", "-V", "COMMENT"}) == "vuurmuur_script: error: a value is missing: -S\n" + hint);
  CHECK(misuse({"-P", "-r", "ruls"}) ==
        "vuurmuur_script: error: option '--rule': expected rules or blocklist, not 'ruls'\n" + hint);
  CHECK(misuse({"--insert", "x", "-S", "y"}) ==
        "vuurmuur_script: error: option '--insert': expected the number of a rule, not 'x'\n" + hint);
  CHECK(misuse({"--move", "1"}) == "vuurmuur_script: error: '--move N' and '--to M' belong together\n" + hint);
  CHECK(misuse({"-M", "-g", "x.y.z", "-V", "MEMBER", "-S", "a", "-A", "-O"}) ==
        "vuurmuur_script: error: '-A, --append' and '-O, --overwrite' are opposites\n" + hint);
}

TEST_CASE("help, version and paths") {
  const SmallTree tree;
  CHECK(script(tree, {"--help"}).out.starts_with("vuurmuur_script - edits a configuration"));
  CHECK(script(tree, {"--help"}).status == 0);
  CHECK(script(tree, {"--version"}).out.starts_with("vuurmuur_script "));
  const std::string paths = script(tree, {"--list-paths"}).out;
  CHECK(paths.find("CONFIGFILE " + tree.path().string() + "/config.conf\n") != std::string::npos);
  for (const char* name : {"SYSCONFDIR ", "VUURMUURCONFDIR ", "PLUGINDIR ", "DATADIR "})
    CHECK(paths.find(name) != std::string::npos);
}

TEST_CASE("every option of the help is in the manual page and in both completions") {
  const SmallTree tree;
  const std::filesystem::path root = std::filesystem::path(VM_TEST_DIR).parent_path();
  const auto text_of = [&](const std::string& name) {
    std::ifstream file(root / name);
    REQUIRE(file);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const std::string manual = text_of("doc/man/vuurmuur_script.8");
  const std::string bash = text_of("vuurmuur_script/completions/vuurmuur_script.bash");
  const std::string zsh = text_of("vuurmuur_script/completions/_vuurmuur_script");
  const std::string help = script(tree, {"--help"}).out;
  std::size_t count = 0;
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) {
    // "  -o, --host NAME", "      --reload"
    if (line.size() < 9 || line.compare(6, 2, "--") != 0) continue;
    const std::string name = line.substr(8, line.find(' ', 8) - 8);
    CAPTURE(name);
    ++count;
    CHECK(manual.find("-" + name) != std::string::npos);
    CHECK(bash.find("--" + name) != std::string::npos);
    CHECK(zsh.find("--" + name) != std::string::npos);
  }
  CHECK(count == 38);
}

TEST_CASE("the configuration is named by its config.conf or its directory") {
  const SmallTree tree;
  const auto list = [&](const std::string& name) { return vuurmuur::test::vuurmuur_script(name, {"-L", "-z", "any"}); };
  CHECK(list(tree.path().string() + "/config.conf").out == "inet\n");
  CHECK(list(tree.path().string() + "/").out == "inet\n");
  CHECK(list(tree.path().string() + "/other.conf").status == 1);
  const Outcome none = list(tree.path().string() + "/none/config.conf");
  CHECK(none.status == 2);
  CHECK(none.err == "vuurmuur_script: error: there is no configuration tree " + tree.path().string() + "/none\n");
}

TEST_CASE("devices are listed with their addresses") {
  const SmallTree tree;
  const Outcome outcome = script(tree, {"--list-devices"});
  CHECK(outcome.status == 0);
  CHECK(outcome.out.find("lo 127.0.0.1 255.0.0.0 127.0.0.0 0.0.0.0 \n") != std::string::npos);
}

TEST_CASE("names are listed, all of a kind or those inside a zone or network") {
  const SmallTree tree;
  const auto list = [&](const std::string& option, const std::string& name) {
    return script(tree, {"-L", option, name}).out;
  };
  CHECK(list("-o", "any") == "mail.world.inet\nweb.world.inet\n");
  CHECK(list("-o", "world.inet") == "mail.world.inet\nweb.world.inet\n");
  CHECK(list("-o", "inet") == "mail.world.inet\nweb.world.inet\n");
  CHECK(list("-o", "web.world.inet") == "web.world.inet\n");
  CHECK(list("-n", "inet") == "world.inet\n");
  CHECK(list("-g", "world.inet").empty());
  CHECK(list("-s", "any") == "http\n");
  CHECK(list("-i", "any") == "nic\n");
  CHECK(list("-r", "any") == "rules\nblocklist\n");
  const Outcome none = script(tree, {"-L", "-o", "lan"});
  CHECK(none.status == 3);
  CHECK(none.err == "vuurmuur_script: error: there is neither host 'lan' nor a zone or network of that name\n");
}

TEST_CASE("objects are printed as the original prints them") {
  const SmallTree tree;
  CHECK(script(tree, {"-P", "-o", "web.world.inet"}).out ==
        "ACTIVE=\"Yes\"\nIPADDRESS=\"192.0.2.80\"\nMAC=\"\"\nIPV6ADDRESS=\"\"\nCOMMENT=\"\"\n");
  CHECK(script(tree, {"-P", "-o", "web.world.inet", "-V", "ipaddress"}).out == "IPADDRESS=\"192.0.2.80\"\n");
  CHECK(script(tree, {"-P", "-n", "world.inet", "-V", "IPV6CIDR"}).out == "IPV6CIDR=\"0\"\n");
  CHECK(script(tree, {"-P", "-s", "http"}).out ==
        "ACTIVE=\"Yes\"\nRANGE=\"6;80\"\nHELPER=\"\"\nBROADCAST=\"No\"\nCOMMENT=\"\"\n");
  tree.rules("accept service http from world.inet to firewall options log,logprefix=\"a b\"\nseparator");
  CHECK(script(tree, {"-P", "-r", "rules"}).out ==
        "RULE=\"accept service http from world.inet to firewall options log,logprefix=\\\"a b\\\"\"\n"
        "RULE=\"separator\"\n");
  CHECK(script(tree, {"-P", "-r", "rules", "--rule-numbers"}).out.starts_with("   1: RULE=\"accept service http"));
  const Outcome none = script(tree, {"-P", "-o", "wbe.world.inet"});
  CHECK(none.status == 3);
  CHECK(none.err == "vuurmuur_script: error: there is no host 'wbe.world.inet'; did you mean 'web.world.inet'?\n");
  CHECK(script(tree, {"-P", "-o", "web.world.inet", "-V", "MEMBER"}).status == 1);
}
