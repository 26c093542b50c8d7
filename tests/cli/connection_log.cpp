// SPDX-License-Identifier: GPL-2.0-or-later
// What the daemon writes of connections as they begin and end: from traffic and conntrack entries in a namespace to
// lines.
#include <fmt/format.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "base/strings.h"
#include "helpers/daemon_fixture.h"
#include "helpers/udp.h"
#include "lab/run.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::test;
using namespace std::chrono_literals;

namespace {

std::string text_of(const std::filesystem::path& file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

std::size_t count_in(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++count;
  return count;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The first line that has a text, without its line break.
std::string line_with(const std::string& text, const std::string& part) {
  for (const std::string_view line : base::split(text, '\n'))
    if (line.find(part) != std::string_view::npos) return std::string(line);
  return {};
}

void conntrack(const std::string& words) {
  std::vector<std::string> command{"conntrack"};
  for (const std::string_view word : base::split(words, ' ')) command.emplace_back(word);
  lab::run_ok(command);
}

/// What a process had of the processors (/proc/PID/schedstat, the first number).
std::chrono::nanoseconds processor_time(pid_t pid) {
  std::int64_t nanoseconds = 0;
  std::ifstream(fmt::format("/proc/{}/schedstat", pid)) >> nanoseconds;
  return std::chrono::nanoseconds(nanoseconds);
}

constexpr const char* kBoth = "LOG_NEW_CONNECTIONS=\"Yes\"\nLOG_CONNECTIONS=\"Yes\"\n";

/// A daemon with these settings, whose SmallTree is in force, with a service of UDP, and both families on the wire.
struct LoggingDaemon : DaemonFixture {
  TemporaryDirectory logs;

  explicit LoggingDaemon(const std::string& settings = kBoth) {
    lab::ip("addr add 2001:db8::1/64 dev eth0 nodad\n");
    {
      const lab::Inside there(firewall.peer());
      lab::ip("addr add 2001:db8::2/64 dev far0 nodad\n");
    }
    firewall.tree.write("services/talk", "ACTIVE=\"Yes\"\nRANGE=\"17;9000\"\n");
    firewall.tree.rules(
        "accept service http from world.inet to firewall\naccept service talk from world.inet to firewall");
    use(settings);
    start();
    REQUIRE(firewall.apply().status == 0);
    // The daemon sees it in the journal, and looks at all connections first.
    REQUIRE(eventually([&] { return notes_connections(); }));
  }
  void use(const std::string& settings) const {
    firewall.tree.write("config.conf", fmt::format("LOGDIR=\"{}\"\n{}", logs.path().string(), settings));
  }
  [[nodiscard]] std::string begun(const std::string& end = "log") const {
    return text_of(logs.path() / ("connnew." + end));
  }
  [[nodiscard]] std::string ended(const std::string& end = "log") const {
    return text_of(logs.path() / ("connections." + end));
  }

 private:
  /// Asked with a connection that ends at once.
  [[nodiscard]] bool notes_connections() const {
    conntrack("-I -p udp -s 192.0.2.250 -d 192.0.2.1 --sport 1 --dport 1 --timeout 60");
    conntrack("-D -p udp -s 192.0.2.250");
    for (const char* end : {"log", "json"})
      if (has(begun(end), "192.0.2.250") || has(ended(end), "192.0.2.250")) return true;
    return false;
  }
};

constexpr auto kTcp = "-I -p tcp --state ESTABLISHED -u SEEN_REPLY,ASSURED --timeout 600 ";

/// A socket that waits for connections at port 80 of all addresses of both families.
base::UniqueFd listen_at_80() {
  base::UniqueFd listener(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 name{};
  name.sin6_family = AF_INET6;
  name.sin6_port = htons(80);
  REQUIRE(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0);
  REQUIRE(::listen(listener.get(), 4) == 0);
  return listener;
}

/// An address with a port, as connect(2) takes it.
struct Name {
  Name(const std::string& text, std::uint16_t port) {
    const auto address = net::Address::parse(text);
    REQUIRE(address);
    const bool is_ipv4 = address->family == net::Family::Ipv4;
    storage.ss_family = is_ipv4 ? AF_INET : AF_INET6;
    auto* ipv4 = reinterpret_cast<sockaddr_in*>(&storage);
    auto* ipv6 = reinterpret_cast<sockaddr_in6*>(&storage);
    (is_ipv4 ? ipv4->sin_port : ipv6->sin6_port) = htons(port);
    std::memcpy(is_ipv4 ? static_cast<void*>(&ipv4->sin_addr) : &ipv6->sin6_addr, address->bytes.data(),
                is_ipv4 ? 4 : 16);
    size = is_ipv4 ? sizeof *ipv4 : sizeof *ipv6;
  }
  sockaddr_storage storage{};
  socklen_t size = 0;
};

/// A connection of TCP, or one datagram, from the peer to this machine.
base::UniqueFd reach(const Firewall& firewall, int type, const std::string& address, std::uint16_t port) {
  const Name name(address, port);
  const lab::Inside there(firewall.peer());
  base::UniqueFd client(::socket(name.storage.ss_family, type | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(client.get(), reinterpret_cast<const sockaddr*>(&name.storage), name.size) == 0);
  REQUIRE(::send(client.get(), "four", 4, 0) == 4);
  return client;
}

}  // namespace

TEST_CASE(
    "connections of TCP and UDP are logged as they begin and end, over both families, with names, bytes and rule") {
  const std::string engine = GENERATE("xtables", "nft");
  CAPTURE(engine);
  const LoggingDaemon daemon(fmt::format("{}BACKEND=\"{}\"\n", kBoth, engine));
  const auto listener = listen_at_80();
  const auto begin = std::chrono::steady_clock::now();
  const auto tcp4 = reach(daemon.firewall, SOCK_STREAM, "192.0.2.1", 80);
  const auto tcp6 = reach(daemon.firewall, SOCK_STREAM, "2001:db8::1", 80);
  const auto udp4 = reach(daemon.firewall, SOCK_DGRAM, "192.0.2.1", 9000);
  const auto udp6 = reach(daemon.firewall, SOCK_DGRAM, "2001:db8::1", 9000);
  REQUIRE(eventually(
      [&] { return count_in(daemon.begun(), "service http ") + count_in(daemon.begun(), "service talk ") >= 4; }));
  const std::string begun = daemon.begun();
  INFO(begun);
  const std::string stamp = "[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8}: ";
  const auto is_in = [](const std::string& text, const std::string& expression) {
    return std::regex_search(text, std::regex(expression));
  };
  CHECK(is_in(begun, stamp + "NEW service http from 192\\.0\\.2\\.2 to firewall\\(nic\\) \\(192\\.0\\.2\\.2:[0-9]+ -> "
                             "192\\.0\\.2\\.1:80 TCP\\) \\[in, rule 1: accept http from world\\.inet to firewall, "
                             "rules/rules\\.conf:1\\]\n"));
  CHECK(is_in(begun, stamp + "NEW service http from 2001:db8::2 to firewall\\(nic\\) \\(\\[2001:db8::2\\]:[0-9]+ -> "
                             "\\[2001:db8::1\\]:80 TCP\\) \\[in, rule 1: accept http from world\\.inet to firewall, "
                             "rules/rules\\.conf:1\\]\n"));
  for (const char* from : {"192.0.2.2", "2001:db8::2"})
    CHECK(has(line_with(begun, fmt::format("NEW service talk from {} to firewall(nic) (", from)),
              ":9000 UDP) [in, rule 2: accept talk from world.inet to firewall, rules/rules.conf:2]"));
  // A second at least, so that it is told.
  REQUIRE(eventually([&] { return std::chrono::steady_clock::now() - begin > 1100ms; }));
  for (const char* family : {"ipv4", "ipv6"})
    for (const char* protocol : {"tcp", "udp"}) conntrack(fmt::format("-D -f {} -p {}", family, protocol));
  const auto number_of_ended = [&] {
    const std::string text = daemon.ended();
    return count_in(text, "service http ") + count_in(text, "service talk ");
  };
  REQUIRE(eventually([&] { return number_of_ended() >= 4; }));
  const std::string ended = daemon.ended();
  INFO(ended);
  // SYN, ACK and data there, SYN and ACK back: 40 bytes of headers with 20 of options in the first of each, 12 in
  // others.
  CHECK(is_in(ended,
              stamp + "ACCEPT service http from 192\\.0\\.2\\.2 to firewall\\(nic\\) \\([1-9][0-9]*s 168b><112b "
                      "192\\.0\\.2\\.2:[0-9]+ -> 192\\.0\\.2\\.1:80 TCP mark:[0-9]+\\) \\[in, 3p><2p, rule 1: accept "
                      "http from world\\.inet to firewall, rules/rules\\.conf:1\\]\n"));
  CHECK(is_in(ended, stamp + "ACCEPT service http from 2001:db8::2 to firewall\\(nic\\) \\([1-9][0-9]*s 228b><152b "));
  CHECK(is_in(ended,
              "ACCEPT service talk from 192\\.0\\.2\\.2 to firewall\\(nic\\) \\([1-9][0-9]*s 32b><0b .*:9000 UDP "
              "mark:[0-9]+\\) \\[in, 1p><0p, rule 2: accept talk from world\\.inet to firewall, "));
  CHECK(is_in(ended, "ACCEPT service talk from 2001:db8::2 to firewall\\(nic\\) \\([1-9][0-9]*s 52b><0b .*:9000 UDP "));
}

TEST_CASE("both sides of NAT, the queue and the log group are told") {
  const LoggingDaemon daemon;
  conntrack(std::string(kTcp) +
            "-s 192.0.2.80 -d 203.0.113.9 --sport 5000 --dport 443 -r 203.0.113.9 -q 192.0.2.1 --reply-port-src 443 "
            "--reply-port-dst 5001");
  conntrack(std::string(kTcp) +
            "-s 198.51.100.7 -d 192.0.2.1 --sport 6000 --dport 8080 -r 192.0.2.25 -q 198.51.100.7 --reply-port-src 80 "
            "--reply-port-dst 6000");
  conntrack(std::string(kTcp) + "-s 2001:db8::80 -d 2001:db8::1 --sport 4002 --dport 80 -m 0x10005000");
  conntrack(std::string(kTcp) + "-s 2001:db8::80 -d 2001:db8::1 --sport 4003 --dport 80 -m 0x20003000");
  REQUIRE(eventually([&] { return has(daemon.begun(), ":4003 -> "); }));
  const std::string begun = daemon.begun();
  INFO(begun);
  CHECK(has(begun,
            "NEW service 5000->443(tcp) from web.world.inet to 203.0.113.9 (192.0.2.80:5000 -> 203.0.113.9:443 TCP "
            "seen as 192.0.2.1:5001) [forward"));
  CHECK(has(begun,
            "NEW service http from 198.51.100.7 to mail.world.inet (198.51.100.7:6000 -> 192.0.2.1:8080 TCP sent to "
            "192.0.2.25:80) [forward"));
  CHECK(has(begun, "([2001:db8::80]:4002 -> [2001:db8::1]:80 TCP) [in, queue 5"));
  CHECK(has(begun, "([2001:db8::80]:4003 -> [2001:db8::1]:80 TCP) [in, group 3"));
  conntrack("-D -f ipv4 -p tcp");
  conntrack("-D -f ipv6 -p tcp");
  REQUIRE(eventually([&] { return count_in(daemon.ended(), " TCP mark:") >= 4; }));
  const std::string ended = daemon.ended();
  INFO(ended);
  CHECK(has(ended, "TCP mark:0 seen as 192.0.2.1:5001) [forward, 0p><0p"));
  CHECK(has(ended, "TCP mark:0 sent to 192.0.2.25:80) [forward, 0p><0p"));
  CHECK(has(ended, ": NFQUEUE(5) service http from 2001:db8::80 to firewall(nic) ("));
  CHECK(has(ended, ": NFLOG(3) service http from 2001:db8::80 to firewall(nic) ("));
}

TEST_CASE("names follow what is applied, and what ends has the rule that admitted it") {
  const LoggingDaemon daemon;
  const std::string entry = "-s 192.0.2.80 -d 192.0.2.1 --dport 80 --sport ";
  conntrack(kTcp + entry + "1000");
  REQUIRE(eventually([&] { return has(daemon.begun(), ":1000 -> "); }));
  daemon.firewall.tree.write("services/web", "ACTIVE=\"Yes\"\nRANGE=\"6;80\"\n");
  std::filesystem::remove(daemon.firewall.tree.path() / "services/http");
  daemon.firewall.tree.rules(
      "accept service talk from world.inet to firewall\naccept service web from world.inet to firewall");
  REQUIRE(daemon.firewall.apply().status == 0);
  std::uint16_t port = 1000;
  REQUIRE(eventually([&] {
    conntrack(fmt::format("{}{}{}", kTcp, entry, ++port));
    return has(daemon.begun(), "NEW service web from web.world.inet");
  }));
  CHECK(has(line_with(daemon.begun(), "service web"),
            "rule 2: accept web from world.inet to firewall, rules/rules.conf:2]"));
  conntrack("-D -p tcp");
  REQUIRE(eventually(
      [&] { return has(daemon.ended(), fmt::format(":{} -> ", port)) && has(daemon.ended(), ":1000 -> "); }));
  CHECK(has(line_with(daemon.ended(), ":1000 -> "),
            "rule 1: accept http from world.inet to firewall, rules/rules.conf:1]"));
  CHECK(
      has(line_with(daemon.ended(), fmt::format(":{} -> ", port)), "rule 2: accept web from world.inet to firewall, "));
}

TEST_CASE("what is not wanted is not logged") {
  const LoggingDaemon daemon("LOG_CONNECTIONS=\"Yes\"\n");
  CHECK(std::filesystem::exists(daemon.logs.path() / "connections.log"));
  CHECK_FALSE(std::filesystem::exists(daemon.logs.path() / "connnew.log"));
  daemon.use("LOG_NEW_CONNECTIONS=\"Yes\"\n");
  REQUIRE(daemon.firewall.apply().status == 0);
  std::uint16_t port = 1000;
  REQUIRE(eventually([&] {
    conntrack(fmt::format("{}-s 192.0.2.80 -d 192.0.2.1 --sport {} --dport 80", kTcp, ++port));
    return has(daemon.begun(), fmt::format(":{} -> ", port));
  }));
  const std::string ended = daemon.ended();
  conntrack("-D -p tcp");
  conntrack(fmt::format("{}-s 192.0.2.81 -d 192.0.2.1 --sport 1 --dport 80", kTcp));
  REQUIRE(eventually([&] { return has(daemon.begun(), "192.0.2.81:1 -> "); }));
  CHECK(daemon.ended() == ended);
}

TEST_CASE("as JSON each thing has its name, and files that are moved are followed by others") {
  const LoggingDaemon daemon(std::string(kBoth) + "LOG_FORMAT=\"json\"\n");
  conntrack(std::string(kTcp) + "-s 192.0.2.80 -d 192.0.2.1 --sport 4002 --dport 80 -m 0x10005000");
  conntrack("-D -s 192.0.2.80");
  REQUIRE(eventually([&] { return has(daemon.ended("json"), "\"source_port\": 4002,"); }));
  const auto line = nlohmann::json::parse(line_with(daemon.ended("json"), "\"source_port\": 4002,"));
  CHECK(line.at("event") == "end");
  CHECK(line.at("action") == "NFQUEUE(5)");
  CHECK(line.at("from") == "web.world.inet");
  CHECK(line.at("to") == "firewall(nic)");
  CHECK(line.at("from_zone") == "inet");
  CHECK(line.at("to_zone") == "firewall");
  CHECK(line.at("service") == "http");
  CHECK(line.at("direction") == "in");
  CHECK(line.at("queue") == 5);
  CHECK(line.at("rule") == "rule 1: accept http from world.inet to firewall");
  CHECK(line.at("duration").is_number_unsigned());
  CHECK(nlohmann::json::parse(line_with(daemon.begun("json"), "\"source_port\": 4002,")).at("event") == "new");

  for (const char* name : {"connnew.json", "connections.json"})
    std::filesystem::rename(daemon.logs.path() / name, daemon.logs.path() / (std::string(name) + ".1"));
  daemon.daemon->signal(SIGUSR1);
  REQUIRE(eventually([&] {
    conntrack(std::string(kTcp) + "-s 192.0.2.80 -d 192.0.2.1 --sport 4003 --dport 80");
    conntrack("-D -s 192.0.2.80");
    return has(daemon.begun("json"), "\"source_port\": 4003,") && has(daemon.ended("json"), "\"source_port\": 4003,");
  }));
}

TEST_CASE("what the kernel had no room for is counted and told, and soon nothing is missing") {
  const LoggingDaemon daemon;
  lab::ip("route add 10.0.0.0/8 dev eth0\n");
  const TemporaryDirectory files;
  constexpr unsigned kMany = 60'000;
  std::string entries;
  for (unsigned i = 0; i < kMany; ++i)
    entries += fmt::format(
        "-A -p tcp --state ESTABLISHED -u SEEN_REPLY,ASSURED --timeout 600 -s 10.0.{}.{} -d 192.0.2.1 --sport 4000 "
        "--dport 80\n",
        i / 250, i % 250 + 1);
  files.write("entries", entries);
  daemon.daemon->signal(SIGSTOP);
  lab::run_ok({"conntrack", "-R", (files.path() / "entries").string()});
  // And one that ends while nobody listens.
  conntrack("-D -s 10.0.0.1");
  daemon.daemon->signal(SIGCONT);
  const auto begin = std::chrono::steady_clock::now();
  const auto used = processor_time(daemon.daemon->pid());
  REQUIRE(eventually([&] { return has(daemon.begun(), ": FOUND "); }));
  const auto each = (processor_time(daemon.daemon->pid()) - used) / kMany;
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  const std::string begun = daemon.begun();
  const std::string lost = line_with(begun, ": LOST ");
  const std::string found = line_with(begun, ": FOUND ");
  WARN(fmt::format("{} connections: made even after {} ms, {} ns of the processor for each\n{}\n{}", kMany,
                   took.count(), each.count(), lost, found));
  CHECK(has(daemon.ended(), lost));
  // Each is told once: those whose event was read, and those that were found. The one that ended may be among them.
  const std::size_t told = count_in(begun, "NEW service http from 10.0.");
  CHECK(told >= kMany - 1);
  CHECK(told <= kMany);
  CHECK(count_in(begun, "(10.0.3.77:4000 ") == 1);
  CHECK(count_in(begun, "(10.0.239.250:4000 ") == 1);
  // As many were lost as were found, but for the one that ended, and what the machine itself began and ended.
  std::smatch numbers;
  REQUIRE(std::regex_search(lost, numbers, std::regex("LOST ([0-9]+) events: ")));
  const std::size_t number_lost = std::stoull(numbers[1]);
  REQUIRE(std::regex_search(found, numbers, std::regex("FOUND ([0-9]+) connections ")));
  const std::size_t number_found = std::stoull(numbers[1]);
  CHECK(number_lost <= number_found + 10);
  CHECK(number_found <= number_lost);
  // Afterwards all goes on.
  conntrack("-D -s 10.0.3.77");
  CHECK(eventually([&] { return has(daemon.ended(), "from 10.0.3.77 to firewall(nic)"); }));
  CHECK(has(line_with(daemon.ended(), "from 10.0.3.77 to"), "rule 1: accept http from world.inet to firewall, "));
  CHECK(daemon.call("Status").error.empty());
}

TEST_CASE("what hosts sent and received is counted when their connections end, to the byte") {
  LoggingDaemon fixture;
  const auto volume = [&](const std::string& name) {
    const auto answer = fixture.call("Volume", {{"by", "host"}, {"period", "month"}});
    for (const auto& each : answer.parameters.at("volumes"))
      if (each.at("name") == name)
        return fmt::format("sent {} of {}, received {} of {}", each.at("sent").at("packets").dump(),
                           each.at("sent").at("bytes").dump(), each.at("received").at("packets").dump(),
                           each.at("received").at("bytes").dump());
    return std::string("nothing");
  };
  for (int i = 0; i < 3; ++i) static_cast<void>(reach(fixture.firewall, SOCK_DGRAM, "192.0.2.1", 9000));
  REQUIRE(eventually([&] { return count_in(fixture.begun(), "service talk ") == 3; }));
  // They live still.
  CHECK(volume("firewall(nic)") == "nothing");
  conntrack("-D -p udp --dport 9000");
  constexpr int kDatagram = 20 + 8 + 4;
  const std::string there = fmt::format("sent 0 of 0, received 3 of {}", 3 * kDatagram);
  CHECK(eventually([&] { return volume("firewall(nic)") == there; }));
  // Whoever is out there has no name of his own.
  CHECK(volume("world.inet") == fmt::format("sent 3 of {}, received 0 of 0", 3 * kDatagram));
  const Outcome told = fixture.firewall.run({"volume", "--by=host"});
  CHECK(told.status == 0);
}
