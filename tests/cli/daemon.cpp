// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon: restores, answers on its socket, keeps deadlines, and leaves the rules when it ends.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "helpers/daemon_fixture.h"
#include "lab/run.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::test;
using namespace std::chrono_literals;

namespace {

constexpr auto kTwo = "accept service http from world.inet to firewall\naccept service any from world.inet to firewall";

}  // namespace

TEST_CASE("the daemon applies, confirms and tells of it") {
  DaemonFixture fixture;
  fixture.start();
  CHECK(fixture.call("Status").parameters.at("state") == "idle");
  const auto applied = fixture.call("Apply", {{"comment", "first"}});
  INFO(applied.parameters.dump());
  REQUIRE(applied.error.empty());
  CHECK(applied.parameters.at("applied").at("generation") == 1);
  CHECK(Firewall::admits("http"));
  fixture.firewall.tree.rules(kTwo);
  CHECK(fixture.call("Apply", {{"confirm_seconds", 30}}).parameters.at("applied").at("goes_back_to") == 1);
  CHECK(fixture.call("Status").parameters.at("state") == "awaiting confirmation");
  CHECK(fixture.call("Confirm").parameters.at("confirmed") == 2);
  CHECK(fixture.call("Confirm").error == "org.vuurmuur.Manager.Refused");
  const auto history = fixture.call("History").parameters.at("generations");
  REQUIRE(history.size() == 2);
  CHECK(history[1].at("comment") == "first");
  CHECK(fixture.call("Show", {{"generation", 1}}).parameters.at("files").contains("rules/rules.conf"));
  CHECK(fixture.call("Counters").parameters.at("rules").is_array());
  // The command line works beside it, on the same generations.
  CHECK(fixture.firewall.json({"status"}).at("confirmed") == 2);
}

TEST_CASE("wrong calls get the error that the interface has for them") {
  DaemonFixture fixture;
  fixture.start();
  CHECK(fixture.call("Applyy").error == "org.varlink.service.MethodNotFound");
  CHECK(fixture.call("Apply", {{"confirm_seconds", "soon"}}).error == "org.varlink.service.InvalidParameter");
  CHECK(fixture.call("Show").error == "org.varlink.service.InvalidParameter");
  CHECK(fixture.call("Show", {{"generation", 9}}).error == "org.vuurmuur.Manager.Refused");
  fixture.firewall.tree.rules("accept service htpp from world.inet to firewall");
  const auto refused = fixture.call("Apply");
  CHECK(refused.error == "org.vuurmuur.Manager.ConfigurationHasErrors");
  CHECK_FALSE(refused.parameters.at("diagnostics").empty());
  CHECK_FALSE(Firewall::admits("http"));
}

TEST_CASE("the daemon tells what it understands") {
  DaemonFixture fixture;
  fixture.start();
  auto client = ipc::Client::connect(fixture.socket);
  REQUIRE(client);
  const auto info = client->call({.method = "org.varlink.service.GetInfo"}, 5s);
  REQUIRE(info);
  CHECK(info->parameters.at("interfaces") == ipc::Json{"org.varlink.service", "org.vuurmuur.Manager"});
  const auto text = client->call({.method = "org.varlink.service.GetInterfaceDescription",
                                  .parameters = {{"interface", "org.vuurmuur.Manager"}}},
                                 5s);
  REQUIRE(text);
  std::ifstream file(std::string(VM_CONFIG_SOURCES) + "/org.vuurmuur.Manager.varlink");
  CHECK(text->parameters.at("description") == std::string(std::istreambuf_iterator<char>(file), {}));
}

TEST_CASE("the daemon takes back what nobody confirms, also what the command line applied") {
  DaemonFixture fixture;
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  fixture.firewall.tree.rules(kTwo);
  REQUIRE(fixture.firewall.apply({"--confirm=1"}).status == 0);
  CHECK(Firewall::admits("any"));
  CHECK(eventually([&] { return fixture.call("Status").parameters.at("state") == "confirmed"; }));
  CHECK(fixture.call("Status").parameters.at("confirmed") == 1);
  CHECK_FALSE(Firewall::admits("any"));
}

TEST_CASE("when the daemon is killed during the wait, the deadline holds without it") {
  DaemonFixture fixture;
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  fixture.firewall.tree.rules(kTwo);
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(fixture.call("Apply", {{"confirm_seconds", 2}}).error.empty());
  CHECK(fixture.daemon->end(SIGKILL) == 128 + SIGKILL);
  CHECK(Firewall::admits("any"));
  CHECK(eventually([&] { return fixture.firewall.json({"status"}).at("state") == "confirmed"; }));
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(took >= 2s);
  CHECK(took < 4s);
  CHECK_FALSE(Firewall::admits("any"));
}

TEST_CASE("SIGHUP applies the configuration, SIGTERM ends the daemon and leaves the rules") {
  DaemonFixture fixture;
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  fixture.firewall.tree.rules(kTwo);
  fixture.daemon->signal(SIGHUP);
  CHECK(eventually([] { return Firewall::admits("any"); }));
  CHECK(eventually([&] { return fixture.call("Status").parameters.at("confirmed") == 2; }));
  fixture.firewall.tree.rules("accept service htpp from world.inet to firewall");
  fixture.daemon->signal(SIGHUP);
  CHECK(fixture.call("Status").parameters.at("confirmed") == 2);
  CHECK(fixture.daemon->end(SIGTERM) == 0);
  CHECK(Firewall::admits("any"));
  CHECK(::access(fixture.socket.c_str(), F_OK) != 0);
}

TEST_CASE("a daemon that starts brings the confirmed generation, and takes over from one that was killed") {
  DaemonFixture fixture;
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  CHECK(fixture.daemon->end(SIGKILL) == 128 + SIGKILL);
  lab::run_ok({"iptables-legacy", "-F"});
  CHECK_FALSE(Firewall::admits("http"));
  const auto begin = std::chrono::steady_clock::now();
  fixture.start();
  CHECK(Firewall::admits("http"));
  CHECK(std::chrono::steady_clock::now() - begin < 2s);
}

TEST_CASE("a second daemon on the same socket is refused, and loads nothing before") {
  DaemonFixture fixture;
  // What it would restore: the confirmed generation of another state directory.
  const TemporaryDirectory elsewhere;
  const auto run = [&](std::vector<std::string> words) {
    words.push_back(fixture.firewall.tree.path().string());
    return vuurmuur::test::vuurmuur(
        {.arguments = std::move(words), .environment = {{"VUURMUUR_STATE_DIR", elsewhere.path().string()}}});
  };
  REQUIRE(run({"apply"}).status == 0);
  fixture.firewall.tree.rules(kTwo);
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  const std::string before = xtables_rules();
  const auto history = fixture.call("History").parameters;

  const Outcome second = run({"daemon", "--socket=" + fixture.socket});
  CHECK(second.status == 3);
  CHECK(second.out.empty());
  CHECK(second.err == "vuurmuur: error: another daemon answers at '" + fixture.socket +
                          "': this one did nothing, and the rules are as they were\n");
  CHECK(xtables_rules() == before);
  CHECK(fixture.call("History").parameters == history);
  // The same in the background, where an init script has only the status.
  CHECK(run({"daemon", "--detach", "--socket=" + fixture.socket}).status == 3);
  CHECK(xtables_rules() == before);
}

TEST_CASE("in the background the daemon works as well, with its number in a file") {
  DaemonFixture fixture;
  const std::string pid_file = (fixture.run.path() / "pid").string();
  const Outcome started = fixture.firewall.run({"daemon", "--detach", "--pid-file=" + pid_file,
                                                "--socket=" + fixture.socket, fixture.firewall.tree.path().string()});
  INFO(started.err);
  REQUIRE(started.status == 0);
  // At once: an init script reads it then.
  REQUIRE(::access(pid_file.c_str(), F_OK) == 0);
  CHECK(fixture.call("Apply").error.empty());
  pid_t pid = 0;
  std::ifstream(pid_file) >> pid;
  REQUIRE(pid > 1);
  REQUIRE(::kill(pid, SIGTERM) == 0);
  CHECK(eventually([&] { return ::access(pid_file.c_str(), F_OK) != 0; }));
  CHECK(Firewall::admits("http"));
}

TEST_CASE("the command line works through the daemon when it is told where that is") {
  DaemonFixture fixture;
  fixture.start();
  // A state directory of its own shows that nothing was done beside the daemon.
  const TemporaryDirectory elsewhere;
  const auto run = [&](std::vector<std::string> words) {
    return vuurmuur::test::vuurmuur({.arguments = std::move(words),
                                     .environment = {{"VUURMUUR_STATE_DIR", elsewhere.path().string()},
                                                     {"VUURMUUR_SOCKET", fixture.socket}}});
  };
  CHECK(run({"status"}).out == "nothing was applied yet\n");
  const Outcome applied = run({"apply", "--comment=by the daemon"});
  INFO(applied.err);
  REQUIRE(applied.status == 0);
  CHECK(applied.out.starts_with(fixture.firewall.tree.path().string() + ": "));
  CHECK(applied.out.ends_with(" rules loaded into xtables as generation 1\n"));
  CHECK(Firewall::admits("http"));
  fixture.firewall.tree.rules(kTwo);
  const Outcome waits = run({"apply", "--confirm=30"});
  CHECK(waits.out.find("generation 1 comes back in 30 s unless it is confirmed: vuurmuur confirm\n") != std::string::npos);
  CHECK(run({"status"}).out.find("awaiting confirmation") != std::string::npos);
  CHECK(run({"rollback"}).out == "generation 2 was taken back: on request\ngeneration 1 is in force\n");
  CHECK(run({"confirm"}).status == 3);
  REQUIRE(run({"apply", "--confirm=30"}).status == 0);
  CHECK(run({"confirm"}).out == "generation 3 is confirmed\n");
  // What it tells is what the state directory says.
  CHECK(run({"history"}).out == fixture.firewall.run({"history"}).out);
  CHECK(run({"history", "--json"}).out == fixture.firewall.run({"history", "--json"}).out);
  CHECK(run({"status", "--json"}).out == fixture.firewall.run({"status", "--json"}).out);
  fixture.firewall.tree.rules("accept service htpp from world.inet to firewall");
  const Outcome wrong = run({"apply"});
  CHECK(wrong.status == 2);
  CHECK(wrong.err.find("no service is named 'htpp'; did you mean 'http'?") != std::string::npos);
  CHECK(wrong.err.ends_with("vuurmuur: error: the configuration has errors\n"));
  CHECK(std::filesystem::is_empty(elsewhere.path()));
  // Without a daemon it works by itself.
  fixture.daemon->end(SIGTERM);
  CHECK(run({"status"}).out == "nothing was applied yet\n");
}
