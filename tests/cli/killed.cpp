// SPDX-License-Identifier: GPL-2.0-or-later
// kill -9 at every system call of an apply. VUURMUUR_KILL_RULES=N makes both policies N rules long, VUURMUUR_KILL_STEP=S
// kills at every S-th call only (default 9; 1 is the whole proof).
#include <arpa/inet.h>
#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "base/unique_fd.h"
#include "helpers/firewall.h"
#include "helpers/killer.h"
#include "lab/run.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::test;

namespace {

namespace fs = std::filesystem;

constexpr std::uint16_t kForbiddenPort = 4242;

unsigned setting(const char* name, unsigned otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

/// Rules without counters.
std::string rules() {
  std::string text;
  for (const char* program : {"iptables-legacy-save", "ip6tables-legacy-save"}) {
    const std::string saved = lab::run_ok({program});
    for (const std::string_view line : base::split(saved, '\n'))
      if (!line.starts_with('#')) text += fmt::format("{}\n", line.starts_with(':') ? line.substr(0, line.find(" [")) : line);
  }
  return text;
}

sockaddr_in address_of(const char* address) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(kForbiddenPort);
  ::inet_pton(AF_INET, address, &result.sin_addr);
  return result;
}

/// A process behind the wire that sends, all the time, what both policies forbid; and the socket that must not get it.
class ForbiddenTraffic {
 public:
  explicit ForbiddenTraffic(const Firewall& firewall) : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_in own = address_of("192.0.2.1");
    REQUIRE(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0);
    sender_ = ::fork();
    REQUIRE(sender_ >= 0);
    if (sender_ == 0) send_for_ever(firewall);
  }
  ForbiddenTraffic(const ForbiddenTraffic&) = delete;
  ForbiddenTraffic& operator=(const ForbiddenTraffic&) = delete;
  ~ForbiddenTraffic() {
    ::kill(sender_, SIGKILL);
    ::waitpid(sender_, nullptr, 0);
  }

  /// How many packets came through since the last call.
  [[nodiscard]] unsigned received() const {
    unsigned count = 0;
    char byte = 0;
    while (::recv(socket_.get(), &byte, 1, MSG_DONTWAIT) >= 0) ++count;
    return count;
  }

 private:
  [[noreturn]] static void send_for_ever(const Firewall& firewall) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    // The laboratory has bound us to one processor: on another one, if there is one, no moment goes unwatched.
    cpu_set_t all;
    CPU_ZERO(&all);
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) CPU_SET(cpu, &all);
    ::sched_setaffinity(0, sizeof all, &all);
    const lab::Inside there(firewall.peer());
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const sockaddr_in target = address_of("192.0.2.1");
    const timespec pause{.tv_sec = 0, .tv_nsec = 200'000};
    for (;;) {
      ::sendto(fd, "x", 1, 0, reinterpret_cast<const sockaddr*>(&target), sizeof target);
      ::nanosleep(&pause, nullptr);
    }
  }

  base::UniqueFd socket_;
  pid_t sender_ = -1;
};

void copy_state(const fs::path& from, const fs::path& to) {
  for (const auto& entry : fs::directory_iterator(to)) fs::remove_all(entry.path());
  fs::copy(from, to, fs::copy_options::recursive);
}

/// Rules that differ in every one between the two policies, and one that admits the service by which they are told apart.
void write_rules(const Firewall& firewall, const std::string& service, unsigned count) {
  std::string text = "accept service " + service + " from world.inet to firewall\n";
  for (unsigned i = 1; i < count; ++i)
    text += fmt::format("accept service {} from {}.world.inet to firewall options comment=\"{}\"\n", service,
                        i % 2 == 0 ? "web" : "mail", i);
  firewall.tree.rules(text);
}

}  // namespace

TEST_CASE("killed at any system call of an apply, a start brings one whole generation and nothing forbidden got in") {
  const Firewall firewall;
  const unsigned count = setting("VUURMUUR_KILL_RULES", 3), step = setting("VUURMUUR_KILL_STEP", 9);
  firewall.tree.write("services/https", "ACTIVE=\"Yes\"\nRANGE=\"6;443\"\n");
  const ForbiddenTraffic traffic(firewall);
  while (traffic.received() == 0) ::usleep(1000);  // an open firewall lets it in: the test can see it

  write_rules(firewall, "http", count);
  const Outcome first = firewall.apply();
  INFO(first.err);
  REQUIRE(first.status == 0);
  const TemporaryDirectory kept;
  copy_state(firewall.state(), kept.path());
  const std::string old_rules = rules();
  write_rules(firewall, "https", count);
  REQUIRE(firewall.apply().status == 0);
  const std::string new_rules = rules();
  REQUIRE(old_rules != new_rules);
  static_cast<void>(traffic.received());

  const std::vector<std::string> apply{"apply", firewall.tree.path().string()};
  unsigned kills = 0, back = 0, forward = 0;
  std::chrono::milliseconds slowest{0};
  for (std::size_t nth = 1;; nth += step) {
    copy_state(kept.path(), firewall.state());
    REQUIRE(firewall.run({"restore"}).status == 0);
    REQUIRE(rules() == old_rules);
    const KilledRun run = run_and_kill(apply, firewall.state().string(), nth);
    if (!run.is_killed) {
      REQUIRE(run.status == 0);
      break;
    }
    ++kills;
    CAPTURE(nth);
    CHECK(traffic.received() == 0);
    const auto begin = std::chrono::steady_clock::now();
    const Outcome restored = firewall.run({"restore"});
    slowest = std::max(slowest, std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin));
    CAPTURE(restored.err);
    REQUIRE(restored.status == 0);
    const auto status = firewall.json({"status"});
    CHECK(status.at("state") == "confirmed");
    const bool is_old = status.at("confirmed") == 1;
    CHECK(rules() == (is_old ? old_rules : new_rules));
    CHECK(traffic.received() == 0);
    ++(is_old ? back : forward);
  }
  WARN(fmt::format("{} rules: killed at {} system calls: {} times back, {} times forward; restore took {} ms at most",
                   count, kills, back, forward, slowest.count()));
  CHECK(back > 50);
  CHECK(forward > 0);
  CHECK(slowest < std::chrono::seconds(2));
}
