// SPDX-License-Identifier: GPL-2.0-or-later
// No packet is lost from the count while tables are exchanged under traffic.
#include <arpa/inet.h>
#include <sched.h>
#include <sys/socket.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "apply/apply.h"
#include "apply/rule_counters.h"
#include "base/strings.h"
#include "base/unique_fd.h"
#include "lab/run.h"
#include "machine.h"
#include "support/catch.h"
#include "unit/apply/rulesets.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

constexpr std::uint16_t kPort = 9999;

/// Sends datagrams to this machine, on any processor, as long as it lives. Each passes OUTPUT before send() returns.
class Sender {
 public:
  Sender() : receiver_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_port = htons(kPort);
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // Nobody reads: what does not fit is thrown away behind the rules.
    REQUIRE(::bind(receiver_.get(), reinterpret_cast<const sockaddr*>(&address_), sizeof address_) == 0);
    thread_ = std::thread([this] { run(); });
  }
  ~Sender() { stop(); }

  /// How many were sent in all.
  std::uint64_t stop() {
    is_stopped_ = true;
    if (thread_.joinable()) thread_.join();
    return sent_;
  }
  [[nodiscard]] std::uint64_t sent() const { return sent_; }

 private:
  void run() {
    cpu_set_t all;
    std::memset(&all, 0xff, sizeof all);
    ::sched_setaffinity(0, sizeof all, &all);
    const base::UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    while (!is_stopped_)
      if (::sendto(fd.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&address_), sizeof address_) == 1) ++sent_;
  }

  sockaddr_in address_{};
  base::UniqueFd receiver_;
  std::atomic<bool> is_stopped_ = false;
  std::atomic<std::uint64_t> sent_ = 0;
  std::thread thread_;
};

/// Packets that met the first rule or chain whose line in iptables-legacy-save has this in it.
std::uint64_t counted(const std::string& save, std::string_view text) {
  for (const std::string_view line : base::split(save, '\n')) {
    if (line.find(text) == std::string_view::npos) continue;
    const std::size_t begin = line.find('[') + 1;
    const auto number = base::parse_number<std::uint64_t>(line.substr(begin, line.find(':', begin) - begin));
    REQUIRE(number);
    return *number;
  }
  FAIL("no line has '" << text << "' in it:\n" << save);
  return 0;
}

/// The datagrams are counted by our jump and by one rule of our chain, among others that come and go.
ir::Ruleset generation(unsigned number) {
  ir::Ruleset ruleset;
  ChainBuilder(ruleset, net::Family::Ipv4, ir::TableName::Filter, "OUTPUT").jump("VRMR-OUTPUT");
  ChainBuilder own(ruleset, net::Family::Ipv4, ir::TableName::Filter, "VRMR-OUTPUT");
  for (unsigned i = 0; i < 20; ++i)
    if ((number + i) % 3 != 0) own.accept_port(static_cast<std::uint16_t>(1 + i), static_cast<int>(i));
  ir::Rule rule{.protocol = net::Protocol::Udp};
  rule.matches.emplace_back(ir::UdpMatch{.destination = net::PortRange::one(kPort)});
  rule.target = ir::AcceptTarget{};
  own.add(std::move(rule), "counted");
  for (unsigned i = 20; i < 40; ++i)
    if ((number + i) % 4 != 0) own.accept_port(static_cast<std::uint16_t>(1 + i), static_cast<int>(i));
  return ruleset;
}

}  // namespace

TEST_CASE("counters of ours and of others are exact over 200 reloads under traffic") {
  const Machine machine;
  restore_ipv4(
      "*filter\n:OUTPUT ACCEPT [0:0]\n:theirs - [0:0]\n-A OUTPUT -o lo -j theirs\n-A theirs -p tcp -j DROP\nCOMMIT\n");
  const auto kernel = make_kernel();
  REQUIRE(apply::apply(*kernel, generation(0)));
  Sender sender;
  for (unsigned number = 1; number <= 200; ++number) {
    // Some traffic over each generation.
    const std::uint64_t before = sender.sent();
    while (sender.sent() < before + 50) std::this_thread::yield();
    const auto report = apply::apply(*kernel, generation(number));
    INFO((report ? std::string() : report.error().message));
    REQUIRE(report);
    CHECK(report->warnings.empty());
  }
  const std::uint64_t sent = sender.stop();
  const std::string save = saved_ipv4("filter");
  CHECK(sent >= 10'000);
  CHECK(counted(save, "-A OUTPUT -o lo -j theirs") == sent);
  CHECK(counted(save, "-A OUTPUT -j VRMR-OUTPUT") == sent);
  CHECK(counted(save, "--comment counted") == sent);
}

TEST_CASE("a policy goes on counting over reloads under traffic") {
  const Machine machine;
  const auto kernel = make_kernel();
  const auto generation_of = [](std::uint16_t port) {
    ir::Ruleset ruleset;
    ChainBuilder(ruleset, net::Family::Ipv4, ir::TableName::Filter, "OUTPUT").jump("VRMR-OUTPUT");
    ChainBuilder(ruleset, net::Family::Ipv4, ir::TableName::Filter, "VRMR-OUTPUT").accept_port(port, 1);
    return ruleset;
  };
  REQUIRE(apply::apply(*kernel, generation_of(1)));
  Sender sender;
  for (std::uint16_t port = 2; port <= 50; ++port) {
    const std::uint64_t before = sender.sent();
    while (sender.sent() < before + 50) std::this_thread::yield();
    REQUIRE(apply::apply(*kernel, generation_of(port)));
  }
  const std::uint64_t sent = sender.stop();
  CHECK(counted(saved_ipv4("filter"), ":OUTPUT ACCEPT") == sent);
}

TEST_CASE("a rule goes on counting in another chain and under another number, exactly") {
  const Machine machine;
  const auto kernel = make_kernel();
  const auto generation_of = [](unsigned number) {
    const std::string chain = "VRMR-TREE-" + std::to_string(number % 3);
    ir::Ruleset ruleset;
    for (const net::Family family : net::kFamilies) {
      ChainBuilder(ruleset, family, ir::TableName::Filter, "OUTPUT").jump("VRMR-OUTPUT");
      ChainBuilder(ruleset, family, ir::TableName::Filter, "VRMR-OUTPUT").jump(chain);
      ir::Rule rule{.protocol = net::Protocol::Udp, .target = ir::AcceptTarget{}};
      // With and without the port, as a tree leaves out what its branches have asked.
      if (number % 2 == 0) rule.matches.emplace_back(ir::UdpMatch{.destination = net::PortRange::one(kPort)});
      ChainBuilder(ruleset, family, ir::TableName::Filter, chain)
          .accept_port(static_cast<std::uint16_t>(number), static_cast<int>(number))
          .add(std::move(rule), "rule " + std::to_string(number % 5 + 1) + ": counted");
    }
    return ruleset;
  };
  REQUIRE(apply::apply(*kernel, generation_of(0)));
  Sender sender;
  for (unsigned number = 1; number <= 100; ++number) {
    const std::uint64_t before = sender.sent();
    while (sender.sent() < before + 50) std::this_thread::yield();
    // The families one after the other, and side by side.
    const Options options{.worth_thread = number % 3 == 0 ? Options{}.worth_thread : 0};
    REQUIRE(apply::apply(*kernel, generation_of(number), options));
  }
  const std::uint64_t sent = sender.stop();
  CHECK(counted(saved_ipv4("filter"), ": counted\"") == sent);
}

TEST_CASE(
    "rules that carry tags count on under traffic, also as others write the table anew, and by the other writer") {
  const Machine machine;
  const auto generation_of = [](int number) {
    ir::Ruleset ruleset;
    ChainBuilder(ruleset, net::Family::Ipv4, ir::TableName::Filter, "OUTPUT").jump("VRMR-OUTPUT");
    ir::Rule rule{.protocol = net::Protocol::Udp, .target = ir::AcceptTarget{}};
    if (number % 2 == 0) rule.matches.emplace_back(ir::UdpMatch{.destination = net::PortRange::one(kPort)});
    ChainBuilder(ruleset, net::Family::Ipv4, ir::TableName::Filter, "VRMR-OUTPUT")
        .accept_port(static_cast<std::uint16_t>(number), number)
        .add(std::move(rule), "rule " + std::to_string(number % 5 + 50) + ": counted");
    return ruleset;
  };
  const auto own = make_kernel(TableWriter::Own), libiptc = make_kernel(TableWriter::Libiptc);
  REQUIRE(apply::apply(*own, generation_of(1), {.comments = false}));
  Sender sender;
  for (int number = 2; number <= 60; ++number) {
    const std::uint64_t before = sender.sent();
    while (sender.sent() < before + 50) std::this_thread::yield();
    // With comments now and then, as when a policy shrinks.
    const auto report = apply::apply(*own, generation_of(number), {.comments = number % 7 == 0});
    REQUIRE(report);
    CHECK(report->warnings.empty());
    lab::run_ok({"iptables-legacy", "-w", "-A", "OUTPUT", "-p", "tcp", "-j", "DROP"});
    lab::run_ok({"iptables-legacy", "-w", "-D", "OUTPUT", "-p", "tcp", "-j", "DROP"});
  }
  const std::uint64_t sent = sender.stop();
  REQUIRE(apply::apply(*libiptc, generation_of(62), {.comments = false}));
  const auto counters = read_counters(*own, Options().state_directory);
  REQUIRE(counters);
  const auto rule = std::ranges::find(*counters, "rule 52: counted", &RuleCounters::origin);
  REQUIRE(rule != counters->end());
  CHECK(rule->ipv4.packets == sent);
  // One walks over the kernel's bytes, the other one over what libiptc made of them.
  const auto by_libiptc = read_counters(*libiptc, Options().state_directory);
  REQUIRE(by_libiptc);
  CHECK(std::ranges::equal(*counters, *by_libiptc, [](const RuleCounters& a, const RuleCounters& b) {
    return a.origin == b.origin && a.ipv4.packets == b.ipv4.packets && a.ipv4.bytes == b.ipv4.bytes;
  }));
  CHECK(saved_ipv4("filter").find("--comment") == std::string::npos);
  // And told by name in lists.
  const auto tables = list(*own, Options().state_directory);
  REQUIRE(tables);
  const auto names = [&](const ListedChain& chain) {
    return std::ranges::any_of(chain.rules,
                               [](const ListedRule& listed) { return listed.origin == "rule 52: counted"; });
  };
  CHECK(std::ranges::any_of(tables->front().chains, names));
}
