// SPDX-License-Identifier: GPL-2.0-or-later
// Two firewalls with the shipped configuration for keepalived and conntrackd: when the active one dies, connections go
// on through the other, in their queue.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <sstream>

#include "base/unique_fd.h"
#include "helpers/program.h"
#include "helpers/tree.h"
#include "lab/namespace.h"
#include "lab/queue_consumer.h"
#include "lab/requirement.h"
#include "lab/run.h"
#include "support/catch.h"

namespace {

namespace fs = std::filesystem;
using namespace vuurmuur;
using namespace vuurmuur::test;
using Clock = std::chrono::steady_clock;

constexpr const char* kKeepalived = "/usr/sbin/keepalived";
constexpr const char* kConntrackd = "/usr/sbin/conntrackd";
constexpr std::uint16_t kQueue = 7;

std::string shipped(const std::string& name) {
  std::stringstream text;
  text << std::ifstream(fs::path(VM_CONFIG_SOURCES "/high-availability") / name).rdbuf();
  return text.str();
}

void replace(std::string& text, std::string_view what, const std::string& with) {
  REQUIRE(text.find(what) != std::string::npos);
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

/// A program in the thread's namespace, with its output in a file. Killed at the end with the processes that it made:
/// it leads a group of its own.
class Process {
 public:
  Process(const std::vector<std::string>& command, const std::string& output) : pid_(::fork()) {
    REQUIRE(pid_ >= 0);
    if (pid_ != 0) return;
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    static_cast<void>(::freopen("/dev/null", "r", stdin));
    static_cast<void>(::freopen(output.c_str(), "w", stdout));
    ::dup2(STDOUT_FILENO, STDERR_FILENO);
    std::vector<char*> words;
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    ::execv(words.front(), words.data());
    ::_exit(127);
  }
  ~Process() { kill(); }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void kill() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_;
};

/// Two bridges that all ends of the internet and of the LAN are plugged into.
class Switches {
 public:
  Switches() {
    const lab::Inside inside(space_);
    lab::ip(
        "link add internet type bridge forward_delay 0\nlink add lan type bridge forward_delay 0\n"
        "link set internet up\nlink set lan up\n");
  }
  /// Gives a namespace a device that is plugged into a bridge.
  void plug(const lab::NetNamespace& where, const std::string& device, const std::string& bridge) {
    const lab::Inside inside(space_);
    const std::string port = fmt::format("port{}", ++ports_);
    lab::ip(fmt::format("link add {0} type veth peer name {1} netns /proc/{2}/fd/{3}\nlink set {0} master {4} up\n",
                        port, device, ::getpid(), where.fd(), bridge));
  }

 private:
  lab::NetNamespace space_;
  int ports_ = 0;
};

/// One firewall of the pair. Both have the same policy.
class Member {
 public:
  Member(int number, Switches& switches) : number_(number) {
    switches.plug(space, "eth0", "internet");
    switches.plug(space, "eth1", "lan");
    fs::remove_all(files_);
    fs::create_directories(files_);
    write_policy();
  }

  void begin() {
    const lab::Inside inside(space);
    lab::ip(fmt::format(
        "addr add 203.0.113.{0}/24 dev eth0\naddr add 10.1.0.{0}/24 dev eth1\naddr add 192.168.255.{1}/24 dev eth2\n"
        "link set eth0 up\nlink set eth1 up\nlink set eth2 up\n",
        number_ + 1, number_));
    lab::write_setting("net/ipv4/ip_forward", "1");
    const Outcome applied = vuurmuur::test::vuurmuur({.arguments = {"apply", "--force", tree_.path().string()},
                                                      .environment = {{"VUURMUUR_STATE_DIR", state_.path().string()}}});
    INFO(applied.err);
    REQUIRE(applied.status == 0);
    queues.emplace(space);
    queues->bind(kQueue);
  }

  void begin_conntrackd() {
    const lab::Inside inside(space);
    std::string text = shipped("conntrackd.conf");
    // On the second one both addresses change places.
    if (number_ == 2) {
      replace(text, "IPv4_address 192.168.255.1\n    IPv4_Destination_Address 192.168.255.2",
              "IPv4_address 192.168.255.2\n    IPv4_Destination_Address 192.168.255.1");
    }
    replace(text, "/var/lock/conntrackd.lock", files_ + "/conntrackd.lock");
    replace(text, "/run/conntrackd.ctl", files_ + "/conntrackd.ctl");
    // There is no syslog in the laboratory.
    replace(text, "Syslog on\n  LogFile off", "Syslog off\n  LogFile " + files_ + "/conntrackd.log");
    std::ofstream(conntrackd_config()) << text;
    conntrackd_.emplace(std::vector<std::string>{kConntrackd, "-C", conntrackd_config()}, files_ + "/conntrackd.out");
  }
  [[nodiscard]] lab::Finished ask_conntrackd(const std::string& what) const {
    const lab::Inside inside(space);
    return lab::run({kConntrackd, "-C", conntrackd_config(), what});
  }

  void begin_keepalived() {
    const lab::Inside inside(space);
    std::string script = shipped("notify");
    replace(script, "/etc/conntrackd/conntrackd.conf", conntrackd_config());
    std::ofstream(files_ + "/notify") << script;
    fs::permissions(files_ + "/notify", fs::perms::owner_all);
    std::string text = shipped("keepalived.conf");
    replace(text, "/etc/vuurmuur/high-availability/notify", files_ + "/notify");
    if (number_ == 2) {
      replace(text, "router_id firewall-1", "router_id firewall-2");
      replace(text, "priority 150", "priority 100");
    }
    std::ofstream(files_ + "/keepalived.conf") << text;
    keepalived_.emplace(std::vector<std::string>{kKeepalived, "--dont-fork", "--log-console", "--vrrp", "--use-file",
                                                 files_ + "/keepalived.conf", "--pid", files_ + "/keepalived.pid",
                                                 "--vrrp_pid", files_ + "/vrrp.pid"},
                        files_ + "/keepalived.out");
  }

  /// As when its power is gone.
  void die() {
    const lab::Inside inside(space);
    lab::ip("link set eth0 down\nlink set eth1 down\nlink set eth2 down\n");
    keepalived_.reset();
    conntrackd_.reset();
    queues.reset();
  }

  [[nodiscard]] bool is_active() const {
    const lab::Inside inside(space);
    return lab::run_ok({"ip", "-4", "addr", "show"}).find("203.0.113.1/24") != std::string::npos &&
           lab::run_ok({"ip", "-4", "addr", "show"}).find("10.1.0.1/24") != std::string::npos;
  }
  [[nodiscard]] std::string connections() const {
    const lab::Inside inside(space);
    return lab::run({"conntrack", "-L", "-p", "tcp"}).output;
  }
  /// What its programs said.
  [[nodiscard]] std::string said() const {
    std::stringstream text;
    for (const char* name : {"keepalived.out", "conntrackd.out", "conntrackd.log"})
      text << name << ":\n" << std::ifstream(fs::path(files_) / name).rdbuf() << "\n";
    return text.str();
  }

  lab::NetNamespace space;
  std::optional<lab::QueueConsumer> queues;
  std::size_t queued = 0;  ///< packets that its queue had

 private:
  [[nodiscard]] std::string conntrackd_config() const { return files_ + "/conntrackd.conf"; }

  void write_policy() const {
    tree_.write("config.conf", "");
    // The shared address first: what is translated gets that one.
    tree_.write("interfaces/internet.conf",
                "DEVICE=\"eth0\"\nIPADDRESS=\"203.0.113.1\"\nIPADDRESS=\"203.0.113.2\"\nIPADDRESS=\"203.0.113.3\"\n");
    tree_.write("interfaces/lan.conf",
                "DEVICE=\"eth1\"\nIPADDRESS=\"10.1.0.1\"\nIPADDRESS=\"10.1.0.2\"\nIPADDRESS=\"10.1.0.3\"\n");
    tree_.write("interfaces/pair.conf", "DEVICE=\"eth2\"\nIPADDRESS=\"192.168.255.1\"\nIPADDRESS=\"192.168.255.2\"\n");
    for (const char* service : {"vrrp", "conntrackd", "http", "ssh"})
      tree_.copy_file(fs::path(VM_CONFIG_SOURCES "/services") / service, std::string("services/") + service);
    const auto network = [&](const std::string& zone, const std::string& name, const std::string& prefix,
                             const std::string& interface) {
      tree_.write("zones/" + zone + "/zone.config", "ACTIVE=\"Yes\"\n");
      tree_.write("zones/" + zone + "/networks/" + name + "/network.config",
                  "NETWORK=\"" + prefix + "\"\nINTERFACE=\"" + interface + "\"\n");
    };
    network("inet", "world", "0.0.0.0/0", "internet");
    network("lan", "local", "10.1.0.0/24", "lan");
    network("pair", "link", "192.168.255.0/24", "pair");
    // The rules that doc/high-availability.md tells of, and one that sends to a queue.
    tree_.write("rules/rules.conf",
                "RULE=\"accept service vrrp from any to firewall(any) options in_int=\\\"internet\\\"\"\n"
                "RULE=\"accept service vrrp from any to firewall(any) options in_int=\\\"lan\\\"\"\n"
                "RULE=\"accept service vrrp from firewall(any) to any\"\n"
                "RULE=\"accept service conntrackd from link.pair to firewall\"\n"
                "RULE=\"accept service conntrackd from firewall to link.pair\"\n"
                "RULE=\"nfqueue service http from local.lan to world.inet options nfqueuenum=\\\"7\\\"\"\n"
                "RULE=\"snat service any from local.lan to world.inet\"\n");
    tree_.write("rules/blocklist.conf", "");
  }

  int number_;
  // In the laboratory's own /run, for keepalived runs no script below a directory that others can write.
  std::string files_ = fmt::format("/run/firewall-{}", number_);
  TemporaryDirectory tree_, state_;
  std::optional<Process> conntrackd_, keepalived_;
};

/// A machine with one device and one address.
class Machine {
 public:
  Machine(Switches& switches, const std::string& bridge, const std::string& address, const std::string& route) {
    switches.plug(space, "eth0", bridge);
    const lab::Inside inside(space);
    lab::ip(fmt::format("addr add {} dev eth0\nlink set eth0 up\nroute add {}\n", address, route));
  }
  lab::NetNamespace space;
};

sockaddr_in at(const char* address, std::uint16_t port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  name.sin_addr.s_addr = ::inet_addr(address);
  return name;
}

/// The pair with a client in the LAN and a server in the internet.
class World {
 public:
  explicit World(bool has_conntrackd) {
    {
      const lab::Inside inside(one.space);
      lab::ip(fmt::format("link add eth2 type veth peer name eth2 netns /proc/{}/fd/{}\n", ::getpid(), two.space.fd()));
    }
    for (Member* member : {&one, &two}) member->begin();
    if (has_conntrackd)
      for (Member* member : {&one, &two}) member->begin_conntrackd();
    if (has_conntrackd)
      for (Member* member : {&one, &two}) {
        const bool answers = until([&] { return member->ask_conntrackd("-s").status == 0; });
        INFO(member->said());
        REQUIRE(answers);
      }
    for (Member* member : {&one, &two}) member->begin_keepalived();
    const bool is_active = until([&] { return one.is_active(); });
    INFO(one.said());
    REQUIRE(is_active);
    CHECK_FALSE(two.is_active());
    const lab::Inside inside(server_.space);
    listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const sockaddr_in name = at("203.0.113.80", 80);
    REQUIRE(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0);
    REQUIRE(::listen(listener_.get(), 8) == 0);
  }

  struct Connection {
    base::UniqueFd client, server;
  };

  /// A new connection through the pair, or nothing.
  std::optional<Connection> connect() {
    Connection made;
    {
      const lab::Inside inside(client_.space);
      made.client.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    }
    const sockaddr_in name = at("203.0.113.80", 80);
    static_cast<void>(::connect(made.client.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name));
    const bool is_made = until([&] {
      made.server.reset(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      return static_cast<bool>(made.server);
    });
    return is_made ? std::optional(std::move(made)) : std::nullopt;
  }

  /// Whether a byte gets through in each direction.
  bool exchange(const Connection& connection, std::chrono::seconds longest = std::chrono::seconds(20)) {
    char byte = 'x';
    const auto passes = [&](int from, int to) {
      if (::send(from, &byte, 1, MSG_NOSIGNAL) != 1) return false;
      return until([&] { return ::recv(to, &byte, 1, 0) == 1; }, longest);
    };
    return passes(connection.client.get(), connection.server.get()) &&
           passes(connection.server.get(), connection.client.get());
  }

  /// Whether a condition comes true while packets in queues get their verdicts.
  bool until(const std::function<bool()>& condition, std::chrono::seconds longest = std::chrono::seconds(20)) {
    const auto deadline = Clock::now() + longest;
    while (Clock::now() < deadline) {
      for (Member* member : {&one, &two}) {
        if (!member->queues) continue;
        for (const lab::Queued& packet : member->queues->pending()) {
          ++member->queued;
          member->queues->accept(packet);
        }
      }
      if (condition()) return true;
      ::usleep(2'000);
    }
    return false;
  }

 private:
  Switches switches_;

 public:
  Member one{1, switches_}, two{2, switches_};

 private:
  Machine client_{switches_, "lan", "10.1.0.50/24", "default via 10.1.0.1"};
  Machine server_{switches_, "internet", "203.0.113.80/24", "default via 203.0.113.254"};
  base::UniqueFd listener_;
};

/// keepalived changes its groups before it runs a script, and conntrackd forces the size of its socket's buffer: both
/// need the machine's own root, in namespaces of the laboratory all the same.
bool is_there() {
  if (!lab::kernel_has("root for keepalived and conntrackd", ::geteuid() == 0)) return false;
  REQUIRE(fs::exists(kKeepalived));
  REQUIRE(fs::exists(kConntrackd));
  ::setenv("VUURMUUR_LAB_AS_ROOT", "1", 1);
  lab::enter_laboratory();
  return true;
}

}  // namespace

TEST_CASE("when the active firewall dies, connections go on through the other and stay in their queue") {
  if (!is_there()) return;
  World world(/*has_conntrackd=*/true);
  const auto connection = world.connect();
  INFO(world.one.said());
  REQUIRE(connection);
  REQUIRE(world.exchange(*connection));
  CHECK(world.one.queued >= 5);
  CHECK(world.two.queued == 0);
  // The other one knows of it, with its mark, before there is a need.
  const bool is_known = world.until([&] {
    const std::string told = world.two.ask_conntrackd("-e").output;
    return told.find("ESTABLISHED") != std::string::npos && told.find("mark=") != std::string::npos;
  });
  INFO(world.two.ask_conntrackd("-e").output + world.two.said());
  REQUIRE(is_known);

  const std::size_t before = world.one.queued;
  const auto death = Clock::now();
  world.one.die();
  const bool goes_on = world.exchange(*connection);
  const auto gap = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - death);
  INFO(world.two.said() + world.two.connections());
  REQUIRE(goes_on);
  CHECK(world.two.is_active());
  WARN("the connection went on after " << gap.count() << " ms");
  CHECK(gap < std::chrono::seconds(15));
  // Each packet of it went to the same queue, on the other machine.
  CHECK(world.one.queued == before);
  const std::size_t queued = world.two.queued;
  CHECK(queued >= 2);
  REQUIRE(world.exchange(*connection));
  CHECK(world.two.queued >= queued + 2);
  // And new ones can begin.
  const auto next = world.connect();
  REQUIRE(next);
  CHECK(world.exchange(*next));
}

TEST_CASE("without the other one's connections a takeover breaks them") {
  if (!is_there()) return;
  World world(/*has_conntrackd=*/false);
  const auto connection = world.connect();
  REQUIRE(connection);
  REQUIRE(world.exchange(*connection));
  world.one.die();
  REQUIRE(world.until([&] { return world.two.is_active(); }));
  // New ones go through, so it is not the way that is missing.
  const auto next = world.connect();
  REQUIRE(next);
  CHECK(world.exchange(*next));
  CHECK_FALSE(world.exchange(*connection, std::chrono::seconds(5)));
}
