// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon's socket among clients that mean no good: garbage, a byte a second, 10,000 connections, 100 MB, another
// user.
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "helpers/daemon_fixture.h"
#include "helpers/process_size.h"
#include "ipc/socket_address.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::test;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

std::chrono::milliseconds since(Clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
}

base::UniqueFd connect_to(const std::string& path) {
  base::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = *ipc::socket_address(path);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fd.reset();
  return fd;
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// A process of its own that does something bad until it is done or killed.
class Attacker {
 public:
  template <class Work>
  explicit Attacker(const Work& work) : pid_(::fork()) {
    REQUIRE(pid_ >= 0);
    if (pid_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    work();
    ::_exit(0);
  }
  Attacker(const Attacker&) = delete;
  Attacker& operator=(const Attacker&) = delete;
  ~Attacker() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] bool is_over() {
    if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
    return pid_ < 0;
  }

 private:
  pid_t pid_;
};

/// The longest that an honest client waits for its answer while something goes on; it asks a few times a second, and
/// again when there was no room for it.
template <class Condition>
std::chrono::milliseconds slowest_answer(const DaemonFixture& fixture, const Condition& goes_on) {
  std::chrono::milliseconds slowest{0};
  do {
    const auto begin = Clock::now();
    for (bool is_answered = false; !is_answered && since(begin) < 10s;) {
      auto client = ipc::Client::connect(fixture.socket);
      if (!client) continue;
      const auto reply = client->call({.method = "org.vuurmuur.Manager.Status"}, 10s);
      is_answered = reply && reply->error.empty();
    }
    slowest = std::max(slowest, since(begin));
    std::this_thread::sleep_for(50ms);
  } while (goes_on());
  return slowest;
}

/// Waits, as a user who is nobody here, for the path of a socket, and answers what a call there gives. Made before the
/// laboratory, whose user namespace has only one user.
class OtherUser {
 public:
  OtherUser() {
    REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets_) == 0);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) serve();
  }
  OtherUser(const OtherUser&) = delete;
  OtherUser& operator=(const OtherUser&) = delete;
  ~OtherUser() {
    // From within the laboratory it cannot be killed: it ends by itself when nobody is there any more.
    for (const int fd : sockets_) ::close(fd);
    ::waitpid(pid_, nullptr, 0);
  }
  /// Empty when this process could not become another user.
  [[nodiscard]] std::string error_of(const std::string& path, const std::string& method) const {
    const std::string question = path + " " + method;
    REQUIRE(::send(sockets_[0], question.data(), question.size(), 0) > 0);
    char answer[256] = {};
    REQUIRE(::recv(sockets_[0], answer, sizeof answer - 1, 0) >= 0);
    return std::string(answer) == "same" ? std::string() : std::string(answer);
  }

 private:
  [[noreturn]] void serve() {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close(sockets_[0]);
    constexpr uid_t kNobody = 65534;
    const bool is_other = ::setgroups(0, nullptr) == 0 && ::setgid(kNobody) == 0 && ::setuid(kNobody) == 0;
    for (;;) {
      char question[512] = {};
      if (::recv(sockets_[1], question, sizeof question - 1, 0) <= 0) ::_exit(0);
      const std::string text(question);
      std::string answer = "same";
      if (is_other) {
        auto client = ipc::Client::connect(text.substr(0, text.find(' ')));
        answer = client ? "no reply" : client.error().message;
        if (client)
          if (const auto reply = client->call({.method = text.substr(text.find(' ') + 1)}, 5s))
            answer = reply->error + ".";
      }
      ::send(sockets_[1], answer.data(), answer.size(), 0);
    }
  }

  int sockets_[2];
  pid_t pid_ = -1;
};

}  // namespace

TEST_CASE("clients that mean no good delay nobody by a second, and leave nothing behind") {
  const OtherUser other;
  DaemonFixture fixture;
  count_what_is_freed_as_free();
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  static_cast<void>(slowest_answer(fixture, [] { return false; }));
  const ProcessSize before = process_size(fixture.daemon->pid());
  const std::string path = fixture.socket;

  std::chrono::milliseconds garbage, slow, many, large, watching;
  {
    Attacker attacker([&] {
      std::string noise(4096, '\0');
      for (int i = 0; i < 2000; ++i) {
        for (std::size_t k = 0; k < noise.size(); ++k)
          noise[k] = static_cast<char>((k * 31 + static_cast<std::size_t>(i) * 17) % 251);
        if (const auto fd = connect_to(path)) send_all(fd.get(), noise);
      }
    });
    garbage = slowest_answer(fixture, [&] { return !attacker.is_over(); });
  }
  {
    Attacker attacker([&] {
      std::vector<base::UniqueFd> held;
      for (int i = 0; i < 30; ++i) held.push_back(connect_to(path));
      for (int second = 0; second < 4; ++second) {
        for (const auto& fd : held)
          if (fd) send_all(fd.get(), "{");
        ::sleep(1);
      }
    });
    slow = slowest_answer(fixture, [&] { return !attacker.is_over(); });
  }
  {
    Attacker attacker([&] {
      std::vector<base::UniqueFd> held;
      for (int i = 0; i < 10'000; ++i) {
        held.push_back(connect_to(path));
        // As many at once as a process may have.
        if (held.size() == 900) held.clear();
      }
    });
    many = slowest_answer(fixture, [&] { return !attacker.is_over(); });
  }
  {
    Attacker attacker([&] {
      const std::string megabyte(1 << 20, 'x');
      for (int i = 0; i < 100; ++i) {
        const auto fd = connect_to(path);
        for (int k = 0; k < 100 && fd && send_all(fd.get(), megabyte); ++k) {
        }
      }
    });
    large = slowest_answer(fixture, [&] { return !attacker.is_over(); });
  }
  {
    Attacker attacker([&] {
      std::vector<base::UniqueFd> held;
      for (int i = 0; i < 30; ++i) {
        held.push_back(connect_to(path));
        const std::string method = i % 3 != 0 ? "WatchCounters" : "Counters";
        for (int calls = 0; calls < (i % 3 != 0 ? 1 : 200) && held.back(); ++calls)
          send_all(held.back().get(), ipc::to_wire(ipc::Call{.method = "org.vuurmuur.Manager." + method, .more = true}));
      }
      ::sleep(4);
    });
    watching = slowest_answer(fixture, [&] { return !attacker.is_over(); });
  }
  CHECK(watching < 1s);
  CHECK(garbage < 1s);
  CHECK(slow < 1s);
  CHECK(many < 1s);
  CHECK(large < 1s);

  std::filesystem::permissions(fixture.run.path(), std::filesystem::perms(0755));
  const std::string changes = other.error_of(path, "org.vuurmuur.Manager.Apply");
  const std::string asks = other.error_of(path, "org.vuurmuur.Manager.Status");
  if (!changes.empty()) {
    CHECK(changes == "org.vuurmuur.Manager.PermissionDenied.");
    CHECK(asks == "org.vuurmuur.Manager.PermissionDenied.");
  }

  REQUIRE(eventually([&] { return process_size(fixture.daemon->pid()).descriptors <= before.descriptors; }));
  const ProcessSize after = process_size(fixture.daemon->pid());
  WARN(fmt::format(
      "an honest client waited at most {} ms during garbage, {} ms during a byte a second, {} ms during 10,000 "
      "connections, {} ms during 100 times 100 MB, {} ms during 30 that watch or ask for counters and fetch nothing; the "
      "daemon grew by {} KB and {} descriptors; another user: {}",
      garbage.count(), slow.count(), many.count(), large.count(), watching.count(),
      after.resident_kilobytes - before.resident_kilobytes,
      after.descriptors - before.descriptors,
      changes.empty() ? "not tried, this user cannot become another" : "refused"));
  CHECK(after.resident_kilobytes - before.resident_kilobytes < 32 * 1024);
  CHECK(fixture.call("Status").parameters.at("confirmed") == 1);
}
