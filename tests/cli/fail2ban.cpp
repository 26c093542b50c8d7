// SPDX-License-Identifier: GPL-2.0-or-later
// The action for fail2ban with the real fail2ban, its files and sockets in a directory of the test.
#include <fmt/format.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "helpers/open_firewall.h"
#include "lab/requirement.h"

namespace {

namespace fs = std::filesystem;
using namespace vuurmuur;
using namespace vuurmuur::test;

constexpr const char* kClient = "/usr/bin/fail2ban-client";

/// fail2ban with one jail that bans by the shipped action.
class Fail2ban {
 public:
  explicit Fail2ban(const DaemonFixture& fixture, const std::string& ban_time = "600") {
    const std::string root = directory_.path().string();
    // In the environment there is what a test says, in that of fail2ban only what the action says.
    directory_.write(
        "vuurmuur",
        fmt::format("#!/bin/sh\necho \"$*\" >>{}/calls\nVUURMUUR_SOCKET={} VUURMUUR_STATE_DIR={} exec {} \"$@\"\n",
                    root, fixture.socket, fixture.firewall.state().string(), VM_PROGRAM));
    fs::permissions(directory_.path() / "vuurmuur", fs::perms::owner_all);
    directory_.copy_file(VM_CONFIG_SOURCES "/fail2ban/action.d/vuurmuur.conf", "conf/action.d/vuurmuur.conf");
    directory_.write("conf/filter.d/login.conf",
                     "[Definition]\nfailregex = ^login failed from <HOST>$\ndatepattern = {NONE}\n");
    directory_.write(
        "conf/fail2ban.conf",
        fmt::format("[Definition]\nloglevel = INFO\nlogtarget = {0}/log\nsyslogsocket = auto\nsocket = {0}/socket\n"
                    "pidfile = {0}/pid\ndbfile = {0}/database\ndbpurgeage = 86400\nallowipv6 = true\n",
                    root));
    directory_.write(
        "conf/jail.conf",
        fmt::format("[DEFAULT]\nbackend = polling\nusedns = no\nmaxretry = 2\nfindtime = 600\nbantime = {1}\n"
                    "action = vuurmuur[vuurmuur=\"{0}/vuurmuur\"]\n[login]\nenabled = true\nfilter = login\nlogpath = "
                    "{0}/logins\n",
                    root, ban_time));
    directory_.write("logins", "");
    start();
  }
  ~Fail2ban() { kill(); }
  Fail2ban(const Fail2ban&) = delete;
  Fail2ban& operator=(const Fail2ban&) = delete;

  void start() const {
    client({"start"});
    REQUIRE(eventually([&] { return has_answered("ping"); }));
  }
  /// As a machine that loses its power.
  void kill() const {
    pid_t pid = 0;
    std::ifstream(directory_.path() / "pid") >> pid;
    if (pid <= 1) return;
    ::kill(pid, SIGKILL);
    static_cast<void>(eventually([&] { return ::kill(pid, 0) != 0; }));
    fs::remove(directory_.path() / "pid");
    fs::remove(directory_.path() / "socket");
  }
  void client(const std::vector<std::string>& words) const {
    const lab::Finished done = called(words);
    INFO(done.output);
    REQUIRE(done.status == 0);
  }
  void fails(const std::string& address) const {
    std::ofstream(directory_.path() / "logins", std::ios::app) << "login failed from " << address << "\n";
  }
  /// What the action called vuurmuur with.
  [[nodiscard]] std::string calls() const { return content("calls"); }
  [[nodiscard]] std::string log() const { return content("log"); }

 private:
  [[nodiscard]] std::string content(const char* name) const {
    std::ifstream file(directory_.path() / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] lab::Finished called(const std::vector<std::string>& words) const {
    const std::string root = directory_.path().string();
    std::vector<std::string> command{kClient, "-c", root + "/conf", "-s", root + "/socket", "-p", root + "/pid"};
    command.insert(command.end(), words.begin(), words.end());
    return lab::run(command);
  }
  [[nodiscard]] bool has_answered(const std::string& word) const { return called({word}).status == 0; }

  TemporaryDirectory directory_;
};

bool is_there() { return lab::kernel_has("fail2ban", fs::exists(kClient)); }

}  // namespace

TEST_CASE("fail2ban bans and unbans by the shipped action") {
  if (!is_there()) return;
  const OpenFirewall world;
  const Fail2ban fail2ban(world);
  REQUIRE(world.reaches("192.0.2.66"));
  fail2ban.fails("192.0.2.66");
  fail2ban.fails("192.0.2.66");
  INFO(fail2ban.log());
  REQUIRE(eventually([&] { return world.left("192.0.2.66").has_value(); }));
  CHECK_FALSE(world.reaches("192.0.2.66"));
  CHECK(world.reaches("192.0.2.2"));
  const double left = *world.left("192.0.2.66");
  CHECK(left > 560);
  CHECK(left <= 600);
  fail2ban.client({"set", "login", "banip", "2001:db8::66"});
  REQUIRE(eventually([&] { return world.left("2001:db8::66").has_value(); }));
  CHECK_FALSE(world.reaches("2001:db8::66"));
  CHECK(fail2ban.calls().find("block --kill --for=") != std::string::npos);
  fail2ban.client({"set", "login", "unbanip", "192.0.2.66", "2001:db8::66"});
  REQUIRE(eventually([&] { return !world.left("192.0.2.66") && !world.left("2001:db8::66"); }));
  CHECK(world.reaches("192.0.2.66"));
  CHECK(world.reaches("2001:db8::66"));
}

TEST_CASE("bans stay over an apply, a restart of the daemon and a death of fail2ban, for what is left of their time") {
  if (!is_there()) return;
  OpenFirewall world;
  const Fail2ban fail2ban(world);
  fail2ban.client({"set", "login", "banip", "192.0.2.66"});
  REQUIRE(eventually([&] { return world.left("192.0.2.66").has_value(); }));
  const Outcome applied = world.firewall.apply({"--force"});
  INFO(applied.err);
  REQUIRE(applied.status == 0);
  CHECK_FALSE(world.reaches("192.0.2.66"));
  world.daemon->end(SIGKILL);
  CHECK_FALSE(world.reaches("192.0.2.66"));
  world.start();
  CHECK_FALSE(world.reaches("192.0.2.66"));
  fail2ban.kill();
  CHECK_FALSE(world.reaches("192.0.2.66"));
  const double before = *world.left("192.0.2.66");
  ::sleep(2);
  const auto calls_before = fail2ban.calls().size();
  fail2ban.start();
  // It bans again what its database has, which must not begin anew.
  REQUIRE(eventually([&] { return fail2ban.calls().size() > calls_before; }));
  REQUIRE(eventually([&] { return world.left("192.0.2.66").has_value(); }));
  INFO(fail2ban.calls());
  CHECK(*world.left("192.0.2.66") < before);
  CHECK_FALSE(world.reaches("192.0.2.66"));
}

TEST_CASE("a ban whose time is over ends by itself, and one without an end when fail2ban takes it back") {
  if (!is_there()) return;
  const OpenFirewall world;
  {
    const Fail2ban fail2ban(world, "3");
    fail2ban.client({"set", "login", "banip", "192.0.2.66"});
    REQUIRE(eventually([&] { return world.left("192.0.2.66").has_value(); }));
    // Another jail has banned it for longer meanwhile.
    REQUIRE(world.firewall.run({"block", "--for=600s", "192.0.2.66"}).status == 0);
    REQUIRE(eventually([&] { return fail2ban.log().find("Unban 192.0.2.66") != std::string::npos; }));
    ::sleep(1);
    INFO(fail2ban.log());
    CHECK(fail2ban.calls().find("unblock") == std::string::npos);
    CHECK_FALSE(world.reaches("192.0.2.66"));
    REQUIRE(world.firewall.run({"unblock", "192.0.2.66"}).status == 0);
  }
  const Fail2ban fail2ban(world, "-1");
  fail2ban.client({"set", "login", "banip", "192.0.2.66"});
  REQUIRE(eventually([&] { return !fail2ban.calls().empty() && !world.reaches("192.0.2.66"); }));
  CHECK(fail2ban.calls() == "block --kill 192.0.2.66\n");
  fail2ban.client({"set", "login", "unbanip", "192.0.2.66"});
  REQUIRE(eventually([&] { return fail2ban.calls().find("unblock 192.0.2.66") != std::string::npos; }));
  CHECK(world.reaches("192.0.2.66"));
}
