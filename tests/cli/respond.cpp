// SPDX-License-Identifier: GPL-2.0-or-later
// Alerts as an inspector writes them, and who gets through the firewall afterwards.
#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "helpers/open_firewall.h"
#include "lab/run.h"

namespace {

namespace fs = std::filesystem;
using namespace vuurmuur;
using namespace vuurmuur::test;

std::string alert(const std::string& source, int signature = 7, int severity = 1,
                  const std::string& destination = "192.0.2.1") {
  return fmt::format(
      R"({{"timestamp":"2026-11-27T00:00:00.000001+0000","event_type":"alert","src_ip":"{}","dest_ip":"{}","proto":"UDP",)"
      R"("alert":{{"action":"allowed","gid":1,"signature_id":{},"signature":"Guess","category":"Attempt","severity":{}}}}})",
      source, destination, signature, severity);
}

/// A firewall with its daemon, and "vuurmuur respond" beside it.
struct Responded : OpenFirewall {
  explicit Responded(std::string_view statements, std::vector<std::string> options = {}) {
    say(statements);
    const bool is_standard = std::ranges::any_of(options, [](const auto& each) { return each.starts_with("--input"); });
    if (!is_standard) options.push_back("--input=unix_dgram:" + eve());
    options.insert(options.begin(), "respond");
    ::setenv("VUURMUUR_SOCKET", socket.c_str(), 1);
    responding.emplace(options, firewall.state().string(), output(), /*keeps_errors=*/true);
    ::unsetenv("VUURMUUR_SOCKET");
    if (!is_standard) REQUIRE(eventually([&] { return fs::exists(eve()); }));
  }
  void say(std::string_view statements) const { firewall.tree.write("rules/responses.conf", std::string(statements)); }
  [[nodiscard]] std::string eve() const { return (run.path() / "eve").string(); }
  [[nodiscard]] std::string output() const { return (run.path() / "responses").string(); }
  [[nodiscard]] std::string told() const {
    std::ifstream file(output());
    return {std::istreambuf_iterator<char>(file), {}};
  }
  /// As an inspector does: in one datagram, and not at all when there is no room.
  void datagram(const std::string& text, int flags = 0) const {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    eve().copy(to.sun_path, sizeof to.sun_path - 1);
    static const base::UniqueFd from(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const ssize_t sent =
        ::sendto(from.get(), text.data(), text.size(), flags, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    if ((flags & MSG_DONTWAIT) == 0) REQUIRE(sent == static_cast<ssize_t>(text.size()));
  }
  [[nodiscard]] std::size_t blocked() const { return firewall.json({"list", "--blocked"}).size(); }

  std::optional<BackgroundProgram> responding;
};

}  // namespace

TEST_CASE("the source of an alert is blocked at once, in either family, as the statements say") {
  const Responded world(
      "never block 192.0.2.2\nignore when signature 9\nblock source for 10m when severity 1\n"
      "block destination for 1h when signature 8\n");
  REQUIRE(world.reaches("192.0.2.66"));
  REQUIRE(world.reaches("2001:db8::66"));
  world.datagram(alert("192.0.2.66") + "\n");
  world.datagram(alert("2001:0db8:0000:0000:0000:0000:0000:0066", 7, 1, "2001:db8::1"));
  REQUIRE(eventually([&] { return world.left("192.0.2.66") && world.left("2001:db8::66"); }));
  CHECK_FALSE(world.reaches("192.0.2.66"));
  CHECK_FALSE(world.reaches("2001:db8::66"));
  CHECK(*world.left("192.0.2.66") > 560);
  CHECK(*world.left("192.0.2.66") <= 600);
  // One that is never blocked, one that is ignored, this machine itself, other events, and what nothing is said of.
  world.datagram(alert("192.0.2.2") + "\n" + alert("192.0.2.77", 9) + "\n" + alert("192.0.2.1"));
  world.datagram(R"({"event_type":"flow","src_ip":"192.0.2.78"})");
  world.datagram(alert("192.0.2.79", 10, 2));
  world.datagram(alert("192.0.2.2", 8, 3, "192.0.2.80"));
  REQUIRE(eventually([&] { return world.left("192.0.2.80").has_value(); }));
  CHECK(world.blocked() == 3);
  CHECK(world.reaches("192.0.2.2"));
  INFO(world.told());
  CHECK(world.told().contains("blocked 192.0.2.66 for 10m: 7 'Guess' from 192.0.2.66 to 192.0.2.1\n"));
  CHECK(world.told().contains("blocked 192.0.2.80 for 1h: 8 'Guess' from 192.0.2.2 to 192.0.2.80\n"));
  REQUIRE(world.firewall.run({"unblock", "192.0.2.66"}).status == 0);
  CHECK(world.reaches("192.0.2.66"));
}

TEST_CASE("live connections of who is blocked for an alert end, those of others go on") {
  const Responded world("block source for 10m when any\n");
  for (const char* const peer : {"192.0.2.66", "192.0.2.67"})
    lab::run_ok({"conntrack", "-I", "-p", "tcp", "--timeout", "600", "--state", "ESTABLISHED", "-u",
                 "ASSURED,SEEN_REPLY", "--sport", "1000", "--dport", "80", "-s", peer, "-d", "192.0.2.1"});
  world.datagram(alert("192.0.2.66"));
  CHECK(eventually([&] { return !lab::run_ok({"conntrack", "-L"}).contains("192.0.2.66"); }));
  CHECK(lab::run_ok({"conntrack", "-L"}).contains("192.0.2.67"));
}

TEST_CASE(
    "SIGHUP has the statements read again, and those with a mistake change nothing; the end takes the socket away") {
  Responded world("block source for 10m when signature 1\n");
  world.datagram(alert("192.0.2.66", 2));
  world.say("block source for 10m when signature 2\n");
  world.responding->signal(SIGHUP);
  REQUIRE(eventually([&] {
    world.datagram(alert("192.0.2.66", 2));
    return world.left("192.0.2.66").has_value();
  }));
  world.say("block sorce for 10m when any\n");
  world.responding->signal(SIGHUP);
  REQUIRE(eventually([&] { return world.told().contains("did you mean 'source'?"); }));
  world.datagram(alert("192.0.2.67", 2));
  REQUIRE(eventually([&] { return world.left("192.0.2.67").has_value(); }));
  CHECK(world.responding->end(SIGTERM) == 0);
  CHECK_FALSE(fs::exists(world.eve()));
}

TEST_CASE(
    "the daemon begins anew, and alerts lead to blocks all the same; one that was killed leaves no socket in the way") {
  Responded world("block source for 10m when any\n");
  world.daemon->end(SIGKILL);
  world.start();
  world.datagram(alert("192.0.2.66"));
  REQUIRE(eventually([&] { return world.left("192.0.2.66").has_value(); }));
  world.responding->end(SIGKILL);
  REQUIRE(fs::exists(world.eve()));
  ::setenv("VUURMUUR_SOCKET", world.socket.c_str(), 1);
  world.responding.emplace(std::vector<std::string>{"respond", "--input=unix_dgram:" + world.eve()},
                           world.firewall.state().string(), world.output(), true);
  ::unsetenv("VUURMUUR_SOCKET");
  // Before it has taken the socket over nobody is there.
  REQUIRE(eventually([&] {
    world.datagram(alert("192.0.2.67"), MSG_DONTWAIT);
    return world.left("192.0.2.67").has_value();
  }));
}

TEST_CASE("alerts that are written to a file, over its rotation") {
  TemporaryDirectory logs;
  const std::string file = (logs.path() / "eve.json").string();
  const auto write = [&](const std::string& text) { std::ofstream(file, std::ios::app) << text << std::flush; };
  write(alert("192.0.2.65") + "\n");
  Responded world("block source for 10m when any\n", {"--input=regular:" + file});
  // Only what is new counts; until it has opened the file nothing is.
  REQUIRE(eventually([&] {
    write(alert("192.0.2.66") + "\n");
    return world.left("192.0.2.66").has_value();
  }));
  fs::rename(file, file + ".1");
  write(alert("192.0.2.67") + "\n" + alert("192.0.2.68").substr(0, 20));
  REQUIRE(eventually([&] { return world.left("192.0.2.67").has_value(); }));
  write(alert("192.0.2.68").substr(20) + "\n");
  REQUIRE(eventually([&] { return world.left("192.0.2.68").has_value(); }));
  fs::resize_file(file, 0);
  write(alert("192.0.2.69") + "\n");
  REQUIRE(eventually([&] { return world.left("192.0.2.69").has_value(); }));
  CHECK_FALSE(world.left("192.0.2.65").has_value());
}

TEST_CASE(
    "a flood of alerts and of nonsense blocks no more than the statements allow, and the daemon answers meanwhile") {
  const Responded world("at most 500 blocked\nat most 100000 a second\nblock source for 10m when any\n");
  const std::string nonsense = R"({"event_type":"alert","alert":)" + std::string(60'000, '[');
  for (int i = 0; i < 100'000; ++i) {
    world.datagram(alert(fmt::format("198.{}.{}.{}", 18 + i / 65'536, i / 256 % 256, i % 256)));
    if (i % 1000 == 0) world.datagram(nonsense);
    if (i % 20'000 == 0) {
      const auto began = std::chrono::steady_clock::now();
      static_cast<void>(world.call("Status"));
      CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(5));
    }
  }
  REQUIRE(eventually([&] { return world.blocked() == 500; }));
  REQUIRE(eventually([&] { return world.told().contains("as many are blocked as 'at most … blocked' says"); }));
  CHECK(world.told().contains("lines are no events in JSON"));
  CHECK(world.blocked() == 500);
  CHECK(world.reaches("192.0.2.66"));
}

TEST_CASE("how long it takes from an alert to the block that is in force is told") {
  const Responded world("at most 100000 a second\nblock source for 10m when any\n");
  std::vector<double> took;
  for (int i = 0; i < 200; ++i) {
    const auto size = fs::file_size(world.output());
    const auto began = std::chrono::steady_clock::now();
    world.datagram(alert(fmt::format("198.51.100.{}", i)));
    while (fs::file_size(world.output()) == size && std::chrono::steady_clock::now() - began < std::chrono::seconds(5))
      ::usleep(50);
    took.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count());
  }
  CHECK(world.blocked() == 200);
  std::ranges::sort(took);
  fmt::print("alert to block in force, {} times: {:.2f} ms (median), {:.2f} ms (longest)\n", took.size(),
             took[took.size() / 2], took.back());
}
