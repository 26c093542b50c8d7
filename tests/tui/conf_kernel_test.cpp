// SPDX-License-Identifier: GPL-2.0-or-later
// vuurmuur_conf as a user runs it: in a terminal, with a daemon and a kernel in a namespace of its own.
#include <signal.h>
#include <sys/wait.h>

#include "helpers/daemon_fixture.h"
#include "helpers/udp.h"
#include "support/catch.h"
#include "tui/support/pty_program.h"

using namespace vuurmuur;
using namespace vuurmuur::test;
using namespace std::chrono_literals;

namespace {

/// A firewall with a daemon, one generation in force, and the program at a terminal before it.
struct Desk {
  DaemonFixture fixture;
  std::optional<PtyProgram> screen;

  /// `settings`: config.conf, when it is another than that of the tree.
  explicit Desk(const std::string& settings = {}) {
    if (!settings.empty()) fixture.firewall.tree.write("config.conf", settings);
    fixture.start();
    REQUIRE(fixture.call("Apply").error.empty());
    open();
  }
  void open() {
    screen.emplace(std::vector<std::string>{VM_CONF, fixture.firewall.tree.path().string()},
                   PtyProgram::Options{.environment = {{"VUURMUUR_SOCKET", fixture.socket},
                                                       {"VUURMUUR_STATE_DIR", fixture.firewall.state().string()},
                                                       {"EDITOR", "true"}}});
    screen->wait_for("generation 1");
  }
  /// Makes rule 1 let everything in, and applies it so that it goes back after some seconds.
  void open_the_door(int seconds) {
    screen->press("r");
    screen->wait_for("Service");
    screen->press("e");
    screen->wait_for("Comment");
    screen->press("Down Ctrl-u a n y F2");
    screen->wait_for("rule 1 is changed");
    screen->press("F11");
    screen->wait_for("only save");
    screen->press("t Ctrl-u");
    for (const char digit : std::to_string(seconds)) screen->press(std::string(1, digit));
    screen->press("Enter");
    screen->wait_for(std::to_string(seconds) + " s");
    screen->press("F11");
    screen->wait_for("waits to be confirmed");
  }
};

}  // namespace

TEST_CASE("a rule is edited, looked at, applied, and goes back when nobody confirms it") {
  Desk desk;
  CHECK_FALSE(Firewall::admits("any"));
  desk.screen->press("r");
  desk.screen->wait_for("Service");
  desk.screen->press("v");
  desk.screen->wait_for("Kernel rules");
  desk.screen->wait_for("--dport 80");
  desk.screen->press("q q");
  desk.screen->wait_for("Main");
  desk.open_the_door(5);
  CHECK(Firewall::admits("any"));
  desk.screen->wait_for("was taken back", 30s);
  CHECK_FALSE(Firewall::admits("any"));
  CHECK(Firewall::admits("http"));
  desk.screen->press("Q");
  CHECK(WEXITSTATUS(desk.screen->wait_for_end()) == 0);
  CHECK(desk.screen->is_given_back());
}

TEST_CASE("what is confirmed stays, and its rule is seen to count") {
  Desk desk;
  desk.open_the_door(60);
  desk.screen->press("y");
  desk.screen->wait_for("is confirmed");
  CHECK(Firewall::admits("any"));
  {
    std::optional<UdpSocket> there;
    {
      const lab::Inside inside(desk.fixture.firewall.peer());
      there.emplace("192.0.2.2");
    }
    REQUIRE(arrives(*there, UdpSocket("192.0.2.1"), 40));
  }
  desk.screen->press("Esc");
  desk.screen->wait_until(
      [](const VirtualTerminal& terminal) {
        const std::string row = terminal.row(2);
        return row.find("any") != std::string::npos && row.find_first_of("123456789", 60) != std::string::npos;
      },
      "the rule with a hit");
  CHECK(desk.fixture.call("Status").parameters.at("confirmed") == 2);
}

TEST_CASE("what a rule logs is seen as it happens, with the rule, and live connections by name") {
  const TemporaryDirectory logs;
  Desk desk("LOGDIR=\"" + logs.path().string() + "\"\n");
  desk.fixture.firewall.tree.rules("accept service any from world.inet to firewall options log");
  REQUIRE(desk.fixture.call("Apply").error.empty());
  std::optional<UdpSocket> there;
  {
    const lab::Inside inside(desk.fixture.firewall.peer());
    there.emplace("192.0.2.2");
  }
  const UdpSocket here("192.0.2.1");
  desk.screen->press("l");
  desk.screen->wait_for("Nothing was logged");
  // The first one may have gone by before the daemon was asked.
  desk.screen->wait_until(
      [&](const VirtualTerminal& terminal) {
        const UdpSocket other("192.0.2.1");
        static_cast<void>(arrives(*there, other, 40));
        return terminal.text().find("rule 1: accept") != std::string::npos;
      },
      "a line of the log");
  // What was written is found again, by a filter and from when on.
  desk.screen->press("S s r c : 1 9 2 . 0 . 2 . 2 Enter");
  desk.screen->wait_for("Search from when on?");
  desk.screen->press("Enter");
  desk.screen->wait_for("Stored log since 1d /src:192.0.2.2");
  desk.screen->wait_for(" found");
  desk.screen->wait_for("rule 1: accept");
  desk.screen->press("Esc");
  desk.screen->press("Esc");
  desk.screen->wait_for("Main");
  REQUIRE(arrives(*there, here, 40));
  desk.screen->press("c");
  desk.screen->wait_for("192.0.2.2:");
  desk.screen->press("Q");
  CHECK(WEXITSTATUS(desk.screen->wait_for_end()) == 0);
}

TEST_CASE("the rules go back as well when the terminal dies, or the program") {
  for (const bool is_killed : {false, true}) {
    Desk desk;
    desk.open_the_door(3);
    if (is_killed) {
      desk.screen->kill(SIGKILL);
    } else {
      desk.screen->hang_up();
    }
    desk.screen->wait_for_end();
    CHECK(eventually([] { return !Firewall::admits("any"); }));
    CHECK(Firewall::admits("http"));
  }
}

TEST_CASE("a daemon that goes is missed, and found again when it is back") {
  Desk desk;
  desk.fixture.daemon->end(SIGTERM);
  desk.screen->wait_for("no daemon");
  desk.fixture.start();
  desk.screen->wait_for("generation 1");
}

TEST_CASE("a file that is changed underneath is read again, and with a draft nothing is written over it") {
  Desk desk;
  desk.screen->press("r");
  desk.screen->wait_for("Service");
  desk.fixture.firewall.tree.rules("accept service http from world.inet to firewall options comment=\"by hand\"");
  desk.screen->wait_for("by hand");
  desk.screen->press("Space");
  desk.screen->wait_for("rule 1 is off");
  desk.fixture.firewall.tree.rules("drop service http from world.inet to firewall");
  desk.screen->wait_for("files changed");
  desk.screen->press("Ctrl-s");
  desk.screen->wait_for("drop service http");
  CHECK(lab::run_ok({"cat", (desk.fixture.firewall.tree.path() / "rules/rules.conf").string()})
            .find("drop service http") != std::string::npos);
}
