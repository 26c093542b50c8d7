// SPDX-License-Identifier: GPL-2.0-or-later
// Who listens to queues: from programs that bind and leave them to what commands and whoever watches are told.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>

#include "base/unique_fd.h"
#include "helpers/daemon_fixture.h"
#include "helpers/udp.h"
#include "helpers/watcher.h"
#include "lab/error.h"
#include "lab/queue_consumer.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::test;

namespace {

/// A connection from the peer to the firewall, always the same.
class PeerConnection {
 public:
  explicit PeerConnection(const DaemonFixture& fixture) : fixture_(fixture) {}
  /// So many packets.
  void send(int count = 1) {
    const lab::Inside there(fixture_.firewall.peer());
    if (!socket_) socket_.emplace("192.0.2.2");
    sockaddr_storage name = socket_->name;
    auto* const to = reinterpret_cast<sockaddr_in*>(&name);
    to->sin_addr.s_addr = ::htonl(0xc0000201);
    to->sin_port = ::htons(7777);
    for (int i = 0; i < count; ++i)
      static_cast<void>(
          ::sendto(socket_->fd.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&name), socket_->size));
  }

 private:
  const DaemonFixture& fixture_;
  std::optional<UdpSocket> socket_;  ///< once something was sent
};

struct QueueFixture : DaemonFixture {
  QueueFixture() {
    // What limits floods of UDP would stop most of them before they are queued.
    firewall.tree.write("config.conf", "USE_UDP_LIMIT=\"No\"\nBACKEND=\"xtables\"\n");
    firewall.tree.rules(
        "nfqueue service any from world.inet to firewall options nfqueuenum=\"5\"\n"
        "nfqueue service any from firewall to world.inet options nfqueuenum=\"8:9\",bypass");
  }
  void send(int count) { connection.send(count); }
  /// The queue as "vuurmuur queues" shows it.
  [[nodiscard]] nlohmann::ordered_json queue(std::uint16_t number) const {
    for (auto& queue : firewall.json({"queues"}))
      if (queue.at("first") <= number && number <= queue.at("last")) return queue;
    return nullptr;
  }
  PeerConnection connection{*this};
};

/// Whether the last events of a kind say that; in the end.
bool is_told(const Watcher& watcher, const std::string& event, const std::string& detail) {
  return eventually([&] {
    const auto all = watcher.objects();
    return std::ranges::any_of(all, [&](const auto& object) {
      return object.at("event") == event &&
             object.at("detail").template get<std::string>().find(detail) != std::string::npos;
    });
  });
}

}  // namespace

TEST_CASE("queues are shown with the rules that send there, without a daemon too") {
  QueueFixture fixture;
  REQUIRE(fixture.firewall.apply().status == 0);
  lab::QueueConsumer consumer(fixture.firewall.space());
  consumer.bind(5);
  consumer.bind(77);
  CHECK(
      fixture.queue(8).dump() ==
      R"({"first":8,"last":9,"state":"unattended","bypass":true,"rules":[{"rule":"rule 2: nfqueue any from firewall to world.inet","place":"rules/rules.conf:2"}]})");
  CHECK(fixture.queue(77).at("rules").empty());
  CHECK(fixture.queue(5).at("state") == "well");
  // The neighbour has to be found first.
  REQUIRE(eventually([&] {
    fixture.send(1);
    return !consumer.pending().empty();
  }));
  const auto before = fixture.queue(5);
  fixture.send(3);
  const auto now = fixture.queue(5);
  CHECK(now.at("packets").get<int>() - before.at("packets").get<int>() == 3);
  CHECK(now.at("waiting").get<int>() - before.at("waiting").get<int>() == 3);
  CHECK(now.at("dropped") == 0);
  CHECK(now.at("copied") == 65531);
  const std::string text = fixture.firewall.run({"queues"}).out;
  INFO(text);
  CHECK(text.find(
            "queue        state       listens                   waiting    packets  dropped  socket full  rules\n") ==
        0);
  CHECK(text.find("\n8-9          unattended  nobody: passes                  -          -        -            -  rule "
                  "2: nfqueue any from firewall to world.inet\n") != std::string::npos);
  CHECK(text.find("  no rule\n") != std::string::npos);
  CHECK(fixture.firewall.run({"queues", "--watch=0"}).status == 1);
}

TEST_CASE("nothing is said of queues where there are none") {
  DaemonFixture fixture;
  CHECK(fixture.firewall.run({"queues"}).out == "no rule sends to a queue, and no program listens to one\n");
  CHECK(fixture.firewall.json({"queues"}).dump() == "[]");
}

TEST_CASE("the daemon tells when nobody listens, when packets are dropped and when no verdict comes") {
  QueueFixture fixture;
  fixture.start();
  Watcher watcher(fixture, fixture.socket, {"status", "--watch", "--json"});
  REQUIRE(eventually([&] { return !watcher.lines().empty(); }));
  REQUIRE(fixture.call("Apply").error.empty());
  REQUIRE(is_told(
      watcher, "queue unattended",
      "queue 5: nobody listens, what is sent there is dropped (rule 1: nfqueue any from world.inet to firewall)"));
  CHECK(is_told(watcher, "queue unattended",
                "queues 8-9: nobody listens, what is sent there passes without inspection (rule 2: "));

  std::optional<lab::QueueConsumer> consumer(std::in_place, fixture.firewall.space());
  consumer->bind(5);
  CHECK(is_told(watcher, "queue attended", "queue 5: a program listens (port id "));
  REQUIRE(eventually([&] {
    fixture.send(1);
    return fixture.queue(5).at("waiting") != 0;
  }));
  CHECK(is_told(watcher, "queue stuck", "wait, and no verdict came for "));
  CHECK(fixture.call("Queues").parameters.at("queues").at(0).at("state") == "stuck");
  for (const lab::Queued& queued : consumer->pending()) consumer->accept(queued);
  CHECK(is_told(watcher, "queue well", "queue 5: goes on"));

  // More than the kernel keeps in a queue of which nothing was said (NFQNL_QMAX_DEFAULT), or in the socket of a program
  // that may not have a larger one.
  const auto before = fixture.queue(5);
  const auto sum = [](const nlohmann::ordered_json& queue) {
    return queue.at("waiting").get<int>() + queue.at("dropped").get<int>() + queue.at("user_dropped").get<int>();
  };
  fixture.send(1500);
  CHECK(sum(fixture.queue(5)) - sum(before) == 1500);
  const auto events = [&](std::string_view event) {
    return std::ranges::count_if(watcher.objects(), [&](const auto& object) { return object.at("event") == event; });
  };
  // Who gives a verdict now and then is not stuck.
  CHECK(eventually([&] {
    try {
      for (const lab::Queued& queued : consumer->pending()) consumer->accept(queued);
    } catch (const lab::LabError&) {  // told that the socket had no room for some
    }
    return events("queue dropping") != 0;
  }));
  CHECK(is_told(watcher, "queue dropping", "queue 5: packets are dropped: the "));

  consumer.reset();
  CHECK(eventually([&] { return events("queue unattended") == 3; }));
  CHECK(watcher.end(SIGINT) == 0);
}

TEST_CASE(
    "a program behind one of balanced queues dies: its connections go to the others within two seconds, and back") {
  DaemonFixture fixture;
  fixture.firewall.tree.write("config.conf", "USE_UDP_LIMIT=\"No\"\nBACKEND=\"xtables\"\n");
  fixture.firewall.tree.rules("nfqueue service any from world.inet to firewall options nfqueuenum=\"20:22\"");
  std::array<std::optional<lab::QueueConsumer>, 3> consumers;
  const auto listen = [&](std::size_t which) {
    consumers[which].emplace(fixture.firewall.space());
    consumers[which]->bind(static_cast<std::uint16_t>(20 + which));
  };
  fixture.start();
  Watcher watcher(fixture, fixture.socket, {"status", "--watch", "--json"});
  REQUIRE(eventually([&] { return !watcher.lines().empty(); }));
  // Not before: a program that is started inherits their sockets.
  for (std::size_t i = 0; i < consumers.size(); ++i) listen(i);
  REQUIRE(fixture.call("Apply").error.empty());

  PeerConnection connection(fixture);
  const auto send = [&] { connection.send(); };
  /// How many packets came to each since it was asked last.
  const auto came = [&] {
    std::array<int, 3> counts{};
    for (std::size_t i = 0; i < consumers.size(); ++i)
      if (consumers[i])
        for (const lab::Queued& queued : consumers[i]->pending()) {
          consumers[i]->accept(queued);
          // Not what the firewall answers: nobody is there at the port.
          if (queued.packet.protocol == net::Protocol::Udp) ++counts[i];
        }
    return counts;
  };
  const auto all_of = [](const std::array<int, 3>& counts) { return counts[0] + counts[1] + counts[2]; };
  std::size_t home = 3;
  REQUIRE(eventually([&] {
    send();
    const auto counts = came();
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (counts[i] != 0) home = i;
    return home < 3;
  }));
  const std::string queue = std::to_string(20 + home);
  const auto died = std::chrono::steady_clock::now();
  consumers[home].reset();
  REQUIRE(eventually([&] {
    send();
    return all_of(came()) != 0;
  }));
  const auto gone = std::chrono::steady_clock::now() - died;
  CHECK(gone < std::chrono::seconds(2));
  WARN("connections go to other queues after " << std::chrono::duration_cast<std::chrono::milliseconds>(gone).count()
                                               << " ms");
  CHECK(is_told(watcher, "queue left out",
                "queue " + queue + ": connections go to the other queues of their rules, where somebody listens"));
  // From now on none is lost, and all of a connection come to one.
  while (all_of(came()) != 0) {
  }
  for (int i = 0; i < 20; ++i) send();
  const auto counts = came();
  CHECK(all_of(counts) == 20);
  CHECK(std::ranges::count(counts, 0) == 2);

  const auto status = fixture.call("Status").parameters;
  REQUIRE(!status.at("unattended").empty());
  CHECK(status.at("unattended").at(0).at("first") == 20 + home);
  CHECK(status.at("unattended").at(0).at("end").is_null());
  CHECK_FALSE(status.at("unattended").at(0).at("bypass").get<bool>());

  listen(home);
  CHECK(is_told(watcher, "queue taken in", "queue " + queue + ": gets connections again"));
  CHECK(is_told(watcher, "queue was unattended", "queue " + queue + ": nobody listened for "));
  for (int i = 0; i < 20; ++i) send();
  CHECK(came()[home] == 20);
  const ipc::Reply later = fixture.call("Status");
  for (const auto& period : later.parameters.at("unattended")) CHECK_FALSE(period.at("end").is_null());

  // An apply loads all queues, and what is dead is left out again.
  consumers[home].reset();
  REQUIRE(eventually([&] {
    send();
    return all_of(came()) != 0;
  }));
  REQUIRE(fixture.call("Apply").error.empty());
  REQUIRE(eventually([&] {
    send();
    return all_of(came()) != 0;
  }));
  CHECK(watcher.end(SIGINT) == 0);
}

namespace {

/// A program of its own that accepts what comes to a queue, and can be stopped.
class Program {
 public:
  Program(const lab::NetNamespace& space, std::uint16_t queue) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
    came_.reset(ends[0]);
    base::UniqueFd tell(ends[1]);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) serve(space, queue, tell.get());
    tell.reset();
    // It is bound when it tells so.
    REQUIRE(eventually([this] { return read() != 0; }));
  }
  ~Program() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void send(int signal) const { REQUIRE(::kill(pid_, signal) == 0); }

  /// How many packets of UDP it accepted since it was asked last.
  int came() { return read(); }

 private:
  [[noreturn]] static void serve(const lab::NetNamespace& space, std::uint16_t queue, int tell) noexcept {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    try {
      lab::QueueConsumer consumer(space);
      consumer.bind(queue);
      bool is_well = ::write(tell, "b", 1) == 1;
      while (is_well) {
        pollfd wait{.fd = consumer.fd(), .events = POLLIN, .revents = 0};
        ::poll(&wait, 1, -1);
        for (const lab::Queued& queued : consumer.pending()) {
          consumer.accept(queued);
          if (queued.packet.protocol == net::Protocol::Udp) is_well = ::write(tell, "u", 1) == 1;
        }
      }
    } catch (...) {
    }
    ::_exit(1);
  }
  int read() {
    std::array<char, 4096> bytes{};
    const ssize_t count = ::read(came_.get(), bytes.data(), bytes.size());
    return count < 0 ? 0 : static_cast<int>(count);
  }

  pid_t pid_ = -1;
  base::UniqueFd came_;
};

}  // namespace

TEST_CASE("a program behind one of balanced queues hangs: its connections go to the others, and back when it goes on") {
  DaemonFixture fixture;
  fixture.firewall.tree.write("config.conf", "USE_UDP_LIMIT=\"No\"\nBACKEND=\"xtables\"\n");
  // With bypass, which helps nobody while a program is bound.
  fixture.firewall.tree.rules("nfqueue service any from world.inet to firewall options nfqueuenum=\"20:21\",bypass");
  // Before others are started, whose pipes they would keep open.
  std::array<std::optional<Program>, 2> programs;
  for (std::size_t i = 0; i < programs.size(); ++i)
    programs[i].emplace(fixture.firewall.space(), static_cast<std::uint16_t>(20 + i));
  fixture.start();
  Watcher watcher(fixture, fixture.socket, {"status", "--watch", "--json"});
  REQUIRE(eventually([&] { return !watcher.lines().empty(); }));
  REQUIRE(fixture.call("Apply").error.empty());

  PeerConnection connection(fixture);
  const auto send = [&] { connection.send(); };
  const auto events = [&](std::string_view what) {
    return std::ranges::count_if(watcher.objects(), [&](const auto& object) { return object.at("event") == what; });
  };
  std::size_t home = 2;
  REQUIRE(eventually([&] {
    send();
    for (std::size_t i = 0; i < programs.size(); ++i)
      if (programs[i]->came() != 0) home = i;
    return home < 2;
  }));
  Program &hung = *programs[home], &other = *programs[1 - home];
  const std::string queue = "queue " + std::to_string(20 + home);

  hung.send(SIGSTOP);
  const auto stopped = std::chrono::steady_clock::now();
  static_cast<void>(hung.came());
  REQUIRE(eventually([&] {
    send();
    return other.came() != 0;
  }));
  const auto gone = std::chrono::steady_clock::now() - stopped;
  CHECK(gone < std::chrono::seconds(4));
  WARN("connections of a program that hangs go to other queues after "
       << std::chrono::duration_cast<std::chrono::milliseconds>(gone).count() << " ms");
  CHECK(is_told(watcher, "queue stuck", queue + ": "));
  CHECK(is_told(watcher, "queue left out", queue + ": connections go to the other queues of their rules"));
  CHECK(events("queue unattended") == 0);
  const auto status = fixture.call("Status").parameters;
  REQUIRE(!status.at("unattended").empty());
  const auto& period = status.at("unattended").at(0);
  CHECK(period.at("first") == 20 + home);
  CHECK(period.at("stuck").get<bool>());
  CHECK_FALSE(period.at("bypass").get<bool>());
  CHECK(period.at("end").is_null());
  CHECK(fixture.call("Queues").parameters.at("queues").at(home).at("state") == "stuck");
  const std::string text =
      vuurmuur::test::vuurmuur({.arguments = {"status"},
                                .environment = {{"VUURMUUR_STATE_DIR", fixture.firewall.state().string()},
                                                {"VUURMUUR_SOCKET", fixture.socket}}})
          .out;
  INFO(text);
  CHECK(text.find(queue + ": stuck since ") != std::string::npos);
  // From now on none is lost.
  ::usleep(200'000);
  static_cast<void>(other.came());
  for (int i = 0; i < 20; ++i) send();
  int came = 0;
  CHECK(eventually([&] { return (came += other.came()) == 20; }));

  hung.send(SIGCONT);
  CHECK(is_told(watcher, "queue well", queue + ": goes on"));
  CHECK(is_told(watcher, "queue was unattended", queue + ": its program was stuck for "));
  CHECK(is_told(watcher, "queue taken in", queue + ": gets connections again"));
  ::usleep(200'000);
  // What had waited.
  static_cast<void>(hung.came());
  for (int i = 0; i < 20; ++i) send();
  came = 0;
  CHECK(eventually([&] { return (came += hung.came()) == 20; }));

  // Both hang: nothing is left out, and nothing passes.
  hung.send(SIGSTOP);
  other.send(SIGSTOP);
  REQUIRE(eventually([&] {
    send();
    return events("queue stuck") >= 3 && events("queue taken in") >= 2;
  }));
  CHECK(fixture.call("Queues").parameters.at("queues").at(0).at("state") == "stuck");
  CHECK(fixture.call("Queues").parameters.at("queues").at(1).at("state") == "stuck");
  CHECK(hung.came() + other.came() == 0);
  CHECK(watcher.end(SIGINT) == 0);
}
