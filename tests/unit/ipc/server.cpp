// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <barrier>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <thread>
#include <vector>

#include "ipc/client.h"
#include "ipc/socket_address.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::ipc;
using namespace std::chrono_literals;

namespace {

/// A server in a directory of its own that answers with what it was asked.
struct Fixture {
  std::string directory = "/tmp/vuurmuur-ipc.XXXXXX";
  std::string path;
  base::PollLoop loop;
  int calls = 0;
  ClientId last{};
  Server server;

  explicit Fixture(Limits limits = {})
      : server(loop,
               [this](const Peer& peer, const Call& call, ClientId client) -> std::optional<Reply> {
                 ++calls;
                 last = client;
                 if (call.method == "a.b.Later") return std::nullopt;
                 if (call.method == "a.b.Slow") ::usleep(30'000);
                 return Reply{.parameters = {{"method", call.method}, {"uid", peer.uid}, {"echo", call.parameters}},
                              .continues = call.more};
               },
               limits) {
    REQUIRE(::mkdtemp(directory.data()) != nullptr);
    path = directory + "/control";
    REQUIRE(server.listen(path));
  }
  ~Fixture() { std::filesystem::remove_all(directory); }

  base::UniqueFd connect() {
    base::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const sockaddr_un address = *socket_address(path);
    REQUIRE(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    turn();
    return fd;
  }
  /// Lets the server do what there is to do.
  void turn(int rounds = 5) {
    for (int i = 0; i < rounds; ++i) REQUIRE(loop.run_once(0ms));
  }
  void send(const base::UniqueFd& fd, std::string_view bytes) {
    static_cast<void>(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
    turn();
  }
};

/// What is there to be read; "closed" at the end of the stream, empty when nothing is there.
std::string read_all(const base::UniqueFd& fd) {
  std::string text;
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t got = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) return text.empty() ? "closed" : text;
    if (got < 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

std::string call(const std::string& method) { return to_wire(Call{.method = method}); }

}  // namespace

TEST_CASE("a call gets its reply, and several at once get theirs in order") {
  Fixture fixture;
  const auto fd = fixture.connect();
  fixture.send(fd, call("a.B") + call("a.C"));
  const std::string replies = read_all(fd);
  CHECK(replies.find("a.B") < replies.find("a.C"));
  CHECK(replies.find("\"uid\":" + std::to_string(::getuid())) != std::string::npos);
}

TEST_CASE("one byte at a time is a call as well, and garbage closes only its own connection") {
  Fixture fixture;
  const auto slow = fixture.connect(), bad = fixture.connect();
  const std::string message = call("a.Slow");
  for (std::size_t i = 0; i + 1 < message.size(); ++i) fixture.send(slow, message.substr(i, 1));
  fixture.send(bad, std::string_view("garbage\0", 8));
  CHECK(read_all(bad) == "closed");
  CHECK(read_all(slow).empty());
  fixture.send(slow, std::string_view("\0", 1));
  CHECK(read_all(slow).find("a.Slow") != std::string::npos);
}

TEST_CASE("a message that does not end is not waited for") {
  Fixture fixture({.unfinished = 30ms});
  const auto fd = fixture.connect(), other = fixture.connect();
  fixture.send(fd, "{\"method\":");
  ::usleep(50'000);
  fixture.turn();
  CHECK(read_all(fd) == "closed");
  fixture.send(other, call("a.B"));
  CHECK(read_all(other).find("a.B") != std::string::npos);
  ::usleep(50'000);
  fixture.turn();
  CHECK(read_all(other).empty());  // idle between calls is no offence
}

TEST_CASE("a message that is too long closes its connection") {
  Fixture fixture({.request_bytes = 100});
  const auto fd = fixture.connect();
  fixture.send(fd, std::string(101, 'x'));
  CHECK(read_all(fd) == "closed");
}

TEST_CASE("who asks too fast waits, and nobody else does") {
  Fixture fixture({.calls_per_second = 50, .calls_burst = 3});
  const auto fast = fixture.connect(), other = fixture.connect();
  std::string many;
  for (int i = 0; i < 6; ++i) many += call("a.Fast");
  fixture.send(fast, many);
  CHECK(fixture.calls == 3);
  fixture.send(other, call("a.Other"));
  CHECK(read_all(other).find("a.Other") != std::string::npos);
  const auto deadline = base::boottime() + 2'000'000'000;
  while (fixture.calls < 7 && base::boottime() < deadline) REQUIRE(fixture.loop.run_once(10ms));
  CHECK(fixture.calls == 7);
}

TEST_CASE("who does not fetch replies is not served further, and in the end closed") {
  Fixture fixture({.waiting_bytes = 4u << 20, .calls_per_second = 1'000'000, .calls_burst = 1'000'000});
  const auto fd = fixture.connect(), other = fixture.connect();
  const std::string big = to_wire(Call{.method = "a.Big", .parameters = {{"x", std::string(900'000, 'x')}}});
  for (int i = 0; i < 20; ++i) fixture.send(fd, big);
  CHECK(fixture.calls < 20);
  fixture.send(other, call("a.Other"));
  CHECK(read_all(other).find("a.Other") != std::string::npos);
}

TEST_CASE("clients are bounded, and those that come too many are closed") {
  Fixture fixture({.clients = 3, .clients_of_one_user = 2});
  std::vector<base::UniqueFd> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(fixture.connect());
  // Root may come when others took all there is.
  const std::size_t most = ::getuid() == 0 ? 6 : 2;
  CHECK(fixture.server.client_count() == most);
  CHECK(read_all(clients.back()) == "closed");
  clients.front().reset();
  fixture.turn();
  const auto late = fixture.connect();
  fixture.send(late, call("a.Late"));
  CHECK(read_all(late).find("a.Late") != std::string::npos);
}

TEST_CASE("a socket that a dead process left is taken over, one in use is not") {
  Fixture fixture;
  Server second(fixture.loop, [](const Peer&, const Call&, ClientId) { return Reply{}; });
  CHECK(second.listen(fixture.path).error().code == EADDRINUSE);
  std::string left = fixture.directory + "/left";
  const sockaddr_un address = *socket_address(left);
  {
    const base::UniqueFd dead(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::bind(dead.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  {
    Server third(fixture.loop, [](const Peer&, const Call&, ClientId) { return Reply{}; });
    CHECK(third.listen(left));
  }
  CHECK(::access(left.c_str(), F_OK) != 0);
}

TEST_CASE("of many that take over what a dead process left at the same moment, one listens, and he is found there") {
  Fixture fixture;
  for (int round = 0; round < 100; ++round) {
    const std::string left = fixture.directory + "/left";
    const sockaddr_un address = *socket_address(left);
    {
      const base::UniqueFd dead(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
      REQUIRE(::bind(dead.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    }
    constexpr std::size_t kServers = 4;
    std::vector<std::unique_ptr<base::PollLoop>> loops;
    std::vector<std::unique_ptr<Server>> servers;
    for (std::size_t i = 0; i < kServers; ++i) {
      loops.push_back(std::make_unique<base::PollLoop>());
      servers.push_back(
          std::make_unique<Server>(*loops.back(), [](const Peer&, const Call&, ClientId) { return Reply{}; }));
    }
    std::array<bool, kServers> listens{};
    std::barrier together(kServers);
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < kServers; ++i)
        threads.emplace_back([&, i] {
          together.arrive_and_wait();
          listens.at(i) = servers[i]->listen(left).has_value();
        });
    }
    REQUIRE(std::ranges::count(listens, true) == 1);
    const base::UniqueFd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
}

TEST_CASE("a socket that somebody else made blocking is not waited at") {
  base::PollLoop loop;
  Server server(loop, [](const Peer&, const Call&, ClientId) { return Reply{}; });
  base::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un nameless{.sun_family = AF_UNIX, .sun_path = {}};
  REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&nameless), sizeof nameless.sun_family) == 0);
  sockaddr_un given{};
  socklen_t size = sizeof given;
  REQUIRE(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&given), &size) == 0);
  REQUIRE(::listen(socket.get(), 8) == 0);
  REQUIRE(server.listen(std::move(socket)));
  const base::UniqueFd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(client.get(), reinterpret_cast<const sockaddr*>(&given), size) == 0);
  ::alarm(5);  // ends a server that would wait for the next client
  REQUIRE(loop.run_once(0ms));
  ::alarm(0);
}

TEST_CASE("a client of ours asks and is answered, and gives up in time") {
  Fixture fixture;
  const pid_t child = ::fork();
  if (child == 0) {
    auto client = Client::connect(fixture.path);
    if (!client) ::_exit(1);
    const auto reply = client->call({.method = "a.B", .parameters = {{"x", 7}}}, 5000ms);
    ::_exit(reply && reply->parameters.at("echo").at("x") == 7 ? 0 : 2);
  }
  int status = -1;
  while (::waitpid(child, &status, WNOHANG) == 0) REQUIRE(fixture.loop.run_once(10ms));
  CHECK(status == 0);
  auto client = Client::connect(fixture.path);
  REQUIRE(client);
  CHECK(client->call({.method = "a.B"}, 20ms).error().code == ETIMEDOUT);
  CHECK(Client::connect(fixture.directory + "/none").error().code == ENOENT);
}

TEST_CASE("who asks much at once does not keep others from their turn") {
  Fixture fixture({.turn = 0ms});
  const auto greedy = fixture.connect(), modest = fixture.connect();
  std::string many;
  for (int i = 0; i < 50; ++i) many += to_wire(Call{.method = "a.b.C", .oneway = i % 2 == 0});
  static_cast<void>(::send(greedy.get(), many.data(), many.size(), MSG_NOSIGNAL));
  fixture.turn(3);
  fixture.send(modest, call("a.b.C"));
  CHECK_FALSE(read_all(modest).empty());
  CHECK(fixture.calls < 50);
  fixture.turn(60);
  CHECK(fixture.calls == 51);
}

TEST_CASE("a call that takes more is told again and again, and other calls of its client wait for the last one") {
  Fixture fixture({.waiting_bytes = 1u << 20});
  const auto fd = fixture.connect();
  fixture.send(fd, to_wire(Call{.method = "a.b.Watch", .more = true}) + call("a.b.C"));
  CHECK(fixture.calls == 1);
  CHECK(reply_from(read_all(fd).c_str())->continues);
  const ClientId watcher = fixture.last;
  CHECK(fixture.server.tell(watcher, {.parameters = {{"n", 1}}, .continues = true}));
  CHECK(reply_from(read_all(fd).c_str()) == Reply{.parameters = {{"n", 1}}, .continues = true});
  CHECK(fixture.server.has_fetched(watcher));
  CHECK(fixture.server.tell(watcher, {.parameters = {{"n", 2}}}));
  fixture.turn();
  CHECK(fixture.calls == 2);
  CHECK(read_all(fd).find("a.b.C") != std::string::npos);
}

TEST_CASE("who is told more than he fetches is closed, and who goes is not told") {
  Fixture fixture({.waiting_bytes = 1u << 20});
  const auto slow = fixture.connect();
  fixture.send(slow, to_wire(Call{.method = "a.b.Watch", .more = true}));
  const ClientId watcher = fixture.last;
  const Reply reply{.parameters = {{"text", std::string(100'000, 'x')}}, .continues = true};
  int told = 0;
  while (told < 100 && fixture.server.tell(watcher, reply)) ++told;
  CHECK(told > 3);
  CHECK(told < 40);
  CHECK_FALSE(fixture.server.is_there(watcher));
  CHECK_FALSE(fixture.server.has_fetched(watcher));

  auto gone = fixture.connect();
  fixture.send(gone, to_wire(Call{.method = "a.b.Watch", .more = true}));
  const ClientId other = fixture.last;
  CHECK(fixture.server.is_there(other));
  gone.reset();
  fixture.turn();
  CHECK_FALSE(fixture.server.is_there(other));
  CHECK(fixture.server.client_count() == 0);
}

TEST_CASE("an answer that is longer than what may wait is said to be that, and the client goes on") {
  Fixture fixture({.waiting_bytes = 1000, .too_long = {.parameters = Json::object(), .error = "a.b.TooLong"}});
  const auto fd = fixture.connect();
  fixture.send(fd, to_wire(Call{.method = "a.b.C", .parameters = {{"text", std::string(2000, 'x')}}, .more = true}));
  CHECK(reply_from(read_all(fd).c_str())->error == "a.b.TooLong");
  fixture.send(fd, call("a.b.D"));
  CHECK(read_all(fd).find("a.b.D") != std::string::npos);
}

TEST_CASE("a call that is answered later keeps that client's other calls waiting, and nobody else's") {
  Fixture fixture({.waiting_bytes = 1000, .too_long = {.parameters = Json::object(), .error = "a.b.TooLong"}});
  const auto fd = fixture.connect(), other = fixture.connect();
  fixture.send(fd, call("a.b.Later") + call("a.b.C"));
  const ClientId waiting = fixture.last;
  CHECK(read_all(fd).empty());
  fixture.send(other, call("a.b.D"));
  CHECK(read_all(other).find("a.b.D") != std::string::npos);
  fixture.server.tell(waiting, Reply{.parameters = {{"late", true}}, .error = {}});
  fixture.turn();
  const std::string replies = read_all(fd);
  CHECK(replies.find("late") < replies.find("a.b.C"));

  fixture.send(fd, call("a.b.Later"));
  fixture.server.tell(waiting, Reply{.parameters = {{"text", std::string(2000, 'x')}}, .error = {}});
  CHECK(reply_from(read_all(fd).c_str())->error == "a.b.TooLong");
  // Nobody wants to hear of this one.
  fixture.send(fd, to_wire(Call{.method = "a.b.Later", .oneway = true}) + call("a.b.E"));
  CHECK(read_all(fd).find("a.b.E") != std::string::npos);
}

TEST_CASE("a user whose call takes long rests as long, with all of his clients, and then they go on") {
  Fixture fixture({.restless_user = static_cast<uid_t>(-2)});
  std::vector<base::UniqueFd> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(fixture.connect());
  const std::string slow = call("a.b.Slow");
  for (const auto& client : clients) static_cast<void>(::send(client.get(), slow.data(), slow.size(), MSG_NOSIGNAL));
  // One round would have served them all.
  fixture.turn(1);
  CHECK(fixture.calls == 1);
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  while (fixture.calls < 4 && std::chrono::steady_clock::now() < deadline) REQUIRE(fixture.loop.run_once(10ms));
  CHECK(fixture.calls == 4);
}
