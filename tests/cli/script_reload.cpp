// SPDX-License-Identifier: GPL-2.0-or-later
// vuurmuur_script that puts in force what it changed: through the daemon, and without one.
#include <linux/capability.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "helpers/daemon_fixture.h"

using namespace vuurmuur;
using namespace vuurmuur::test;

namespace {

Outcome script(const Firewall& firewall, std::vector<std::string> words, const std::string& socket = "none") {
  return vuurmuur_script(firewall.tree.path().string(), std::move(words),
                         {{"VUURMUUR_STATE_DIR", firewall.state().string()}, {"VUURMUUR_SOCKET", socket}});
}

}  // namespace

TEST_CASE("without a daemon --reload and --apply load the rules, and --block only says that it does not") {
  const Firewall firewall;
  const Outcome loaded = script(firewall, {"--reload"});
  INFO(loaded.err);
  CHECK(loaded.status == 0);
  CHECK(loaded.out.empty());
  CHECK(Firewall::admits("http"));
  CHECK(firewall.json({"status"}).at("state") == "confirmed");

  CHECK(script(firewall, {"--insert", "1", "-S", "accept service any from world.inet to firewall"}).status == 0);
  CHECK_FALSE(Firewall::admits("any"));
  CHECK(script(firewall, {"--insert", "1", "-S", "separator", "--apply"}).status == 0);
  CHECK(Firewall::admits("any"));

  const Outcome blocked = script(firewall, {"--block", "web.world.inet"});
  CHECK(blocked.status == 0);
  CHECK(blocked.err.find("warning: no daemon runs with this configuration") != std::string::npos);
  CHECK(xtables_rules().find("192.0.2.80") == std::string::npos);
}

TEST_CASE("an apply that is refused is told, with status 2, and the change stays") {
  const Firewall firewall;
  const Outcome outcome = script(firewall, {"-D", "-o", "mail.world.inet", "--apply"}, "none");
  CHECK(outcome.status == 0);
  firewall.tree.write("services/http", "ACTIVE=\"Yes\"\nRANGE=\"6;80000\"\n");
  const Outcome refused = script(firewall, {"--insert", "1", "-S", "separator", "--apply"});
  CHECK(refused.status == 2);
  CHECK(refused.err.find("the configuration has errors") != std::string::npos);
  CHECK(script(firewall, {"-P", "-r", "rules"}).out.starts_with("RULE=\"separator\"\n"));
}

TEST_CASE("with the daemon --block, --unblock and --reload take effect at once, and are its generations") {
  DaemonFixture fixture;
  fixture.firewall.tree.closed_to_ssh();
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  const auto run = [&](std::vector<std::string> words) {
    const Outcome outcome = script(fixture.firewall, std::move(words), fixture.socket);
    INFO(outcome.err);
    CHECK(outcome.status == 0);
    CHECK(outcome.err.empty());
  };
  run({"--block", "web.world.inet"});
  CHECK(xtables_rules().find("192.0.2.80") != std::string::npos);
  run({"--unblock", "web.world.inet"});
  CHECK(xtables_rules().find("192.0.2.80") == std::string::npos);
  run({"--block", "web.world.inet", "--no-apply"});
  CHECK(xtables_rules().find("192.0.2.80") == std::string::npos);
  run({"--reload"});
  CHECK(xtables_rules().find("192.0.2.80") != std::string::npos);
  const auto history = fixture.call("History").parameters.at("generations");
  CHECK(history.size() == 4);
  CHECK(history.at(0).at("comment") == "vuurmuur_script");

  // Another configuration is none of the daemon's business.
  const SmallTree other;
  const Outcome outcome =
      vuurmuur_script(other.path().string(), {"--block", "198.51.100.7"}, {{"VUURMUUR_SOCKET", fixture.socket}});
  CHECK(outcome.status == 0);
  CHECK(outcome.err.find("no daemon runs with this configuration") != std::string::npos);
}

TEST_CASE("an editor that may not write the state directory has its change noted by the daemon") {
  DaemonFixture fixture;
  fixture.start();
  const std::string tree = fixture.firewall.tree.path().string();
  std::filesystem::permissions(fixture.firewall.state(), std::filesystem::perms::owner_read);
  const auto edit = [&](const std::string& zone, const std::string& socket) {
    return vuurmuur::test::vuurmuur({.arguments = {"-c", tree, "-C", "-z", zone},
                                     .environment = {{"VUURMUUR_STATE_DIR", fixture.firewall.state().string()},
                                                     {"VUURMUUR_SOCKET", socket},
                                                     {"SSH_CONNECTION", "192.0.2.7 50000 192.0.2.1 22"}},
                                     .without_capabilities = {CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH},
                                     .program = VM_SCRIPT});
  };
  const Outcome alone = edit("dmz", "none");
  CHECK(alone.status == 0);
  CHECK(alone.err.find("warning: the audit log has no note of this change: ") != std::string::npos);
  CHECK(alone.err.find("permission denied") != std::string::npos);

  const Outcome noted = edit("guests", fixture.socket);
  CHECK(noted.status == 0);
  CHECK(noted.err.empty());
  const auto edits = fixture.call("Edits").parameters.at("edits");
  REQUIRE(edits.size() == 1);
  CHECK(edits[0].at("what") == "zone 'guests' created");
  CHECK(edits[0].at("directory") == tree);
  CHECK(edits[0].at("program") == "vuurmuur_script");
  CHECK(edits[0].at("uid") == 0);
  CHECK(edits[0].at("from") == "192.0.2.7");

  // What is noted is a line that a terminal can print, and who did it is not for the caller to say.
  const ipc::Json good{{"program", "x"}, {"directory", "/etc/vuurmuur"}, {"what", "a change"}};
  for (const auto& [name, value] : std::vector<std::pair<std::string, ipc::Json>>{
           {"program", ""}, {"directory", "/a\x1b[2J"}, {"what", "a\nb"}, {"what", nullptr}, {"uid", 7}, {"time", 1}}) {
    ipc::Json bad = good;
    bad[name] = value;
    CHECK(fixture.call("NoteEdit", bad).parameters.at("parameter") == name);
  }
  CHECK(fixture.call("NoteEdit", good).error.empty());
  CHECK(fixture.call("Edits").parameters.at("edits").size() == 2);
}
