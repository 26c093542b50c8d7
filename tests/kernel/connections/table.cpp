// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's table of connections, read and changed, held against the program conntrack.
#include "apply/conntrack_table.h"

#include <algorithm>
#include <cerrno>
#include <fstream>

#include "lab/namespace.h"
#include "lab/run.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;

namespace {

/// An empty namespace that the test is in.
struct Space {
  struct Laboratory {
    Laboratory() { lab::enter_laboratory(); }
  } laboratory;
  lab::NetNamespace space;
  lab::Inside inside{space};
};

void insert(std::vector<std::string> what) {
  std::vector<std::string> command{"conntrack", "-I", "--timeout", "600"};
  command.insert(command.end(), what.begin(), what.end());
  lab::run_ok(command);
}

void insert_tcp(const std::string& from, const std::string& to, const std::string& mark) {
  insert({"-p", "tcp", "--state", "ESTABLISHED", "-u", "SEEN_REPLY", "-s", from, "-d", to, "--sport", "40000",
          "--dport", "80", "-m", mark});
}

std::vector<LiveConnection> read() {
  auto connections = read_connections();
  REQUIRE(connections);
  std::ranges::sort(*connections, {}, &LiveConnection::original);
  return *connections;
}

ConnectionChange end_of(const LiveConnection& connection) {
  return {.original = connection.original, .id = connection.id};
}

ConnectionChange mark_of(const LiveConnection& connection, std::uint32_t field) {
  return {.original = connection.original, .id = connection.id, .field = field, .mask = 0x3ffff000};
}

}  // namespace

TEST_CASE("connections of both families and several protocols are read as they are") {
  const Space space;
  insert_tcp("10.0.0.1", "10.9.0.1", "0x80001fff");
  insert({"-p", "udp", "-s", "10.0.0.2", "-d", "203.0.113.2", "--sport", "5353", "--dport", "53", "-r", "10.1.0.9",
          "-q", "10.0.0.2", "--reply-port-src", "5300", "--reply-port-dst", "5353"});
  insert({"-p", "icmp", "-s", "10.0.0.3", "-d", "10.9.0.1", "--icmp-type", "8", "--icmp-code", "0", "--icmp-id", "77"});
  insert({"-p", "gre", "-s", "10.0.0.4", "-d", "10.9.0.1", "--srckey", "7", "--dstkey", "9"});
  insert_tcp("2001:db8::1", "2001:db8:9::1", "0x1002a000");
  insert({"-p", "tcp", "--state", "ESTABLISHED", "-u", "SEEN_REPLY", "-s", "10.0.0.5", "-d", "10.9.0.1", "--sport", "1",
          "--dport", "2", "-w", "5"});
  const auto connections = read();
  REQUIRE(connections.size() == 6);
  CHECK(to_string(connections[0]) == "tcp 10.0.0.1:40000 > 10.9.0.1:80");
  CHECK(connections[0].mark == 0x80001fff);
  CHECK(connections[0].id != 0);
  CHECK(to_string(connections[1]) == "udp 10.0.0.2:5353 > 203.0.113.2:53, to 10.1.0.9:5300");
  CHECK(to_string(connections[2]) == "icmp 10.0.0.3 > 10.9.0.1 type 8 code 0");
  CHECK(connections[2].original.icmp_identifier == 77);
  CHECK(connections[3].original.source_port == 7);
  CHECK(connections[3].original.destination_port == 9);
  CHECK(connections[4].in_other_zone);
  CHECK_FALSE(connections[3].in_other_zone);
  CHECK(to_string(connections[5]) == "tcp [2001:db8::1]:40000 > [2001:db8:9::1]:80");
  CHECK(connections[5].mark == 0x1002a000);
}

TEST_CASE("exactly what is named ends, of every protocol") {
  const Space space;
  insert_tcp("10.0.0.1", "10.9.0.1", "0");
  insert_tcp("10.0.0.2", "10.9.0.1", "0");
  insert({"-p", "icmp", "-s", "10.0.0.3", "-d", "10.9.0.1", "--icmp-type", "8", "--icmp-code", "0", "--icmp-id", "77"});
  insert({"-p", "gre", "-s", "10.0.0.4", "-d", "10.9.0.1", "--srckey", "7", "--dstkey", "9"});
  insert_tcp("2001:db8::1", "2001:db8:9::1", "0");
  insert_tcp("2001:db8::2", "2001:db8:9::1", "0");
  const auto before = read();
  const auto answers =
      change_connections(std::vector{end_of(before[0]), end_of(before[2]), end_of(before[3]), end_of(before[4])});
  REQUIRE(answers);
  CHECK(*answers == std::vector<int>(4, 0));
  CHECK(read() == std::vector{before[1], before[5]});
}

TEST_CASE("a mark changes below its mask alone, whatever the other bits are by then") {
  const Space space;
  insert_tcp("10.0.0.1", "10.9.0.1", "0xc0000fff");
  insert_tcp("2001:db8::1", "2001:db8:9::1", "0x10007abc");
  auto expected = read();
  // Somebody writes a bit of his own after the table was read.
  lab::run_ok({"conntrack", "-U", "-s", "10.0.0.1", "-d", "10.9.0.1", "-m", "0xc0000ffe"});
  const auto answers =
      change_connections(std::vector{mark_of(expected[0], 0x1002a000), mark_of(expected[1], 0x20003000)});
  REQUIRE(answers);
  CHECK(*answers == std::vector<int>(2, 0));
  expected[0].mark = 0xd002affe;
  expected[1].mark = 0x20003abc;
  CHECK(read() == expected);
}

TEST_CASE("what is gone, or another connection by now, is told and left alone") {
  const Space space;
  insert_tcp("10.0.0.1", "10.9.0.1", "0");
  insert_tcp("10.0.0.2", "10.9.0.1", "0");
  const auto before = read();
  lab::run_ok({"conntrack", "-D", "-s", "10.0.0.1"});
  auto replaced = end_of(before[1]);
  replaced.id ^= 1;
  const auto answers =
      change_connections(std::vector{end_of(before[0]), mark_of(before[0], 0x1002a000), replaced, end_of(before[1])});
  REQUIRE(answers);
  CHECK(*answers == std::vector<int>{ENOENT, ENOENT, ENOENT, 0});
  CHECK(read().empty());
}

TEST_CASE("thousands are read and changed without one missing") {
  const Space space;
  constexpr unsigned kMany = 3000;
  const std::string file = "/run/connections";
  std::ofstream lines(file);
  for (unsigned i = 0; i < kMany; ++i)
    lines << "-I -p udp -s 10.0." << i / 250 << '.' << i % 250 << " -d 10.9.0.1 --sport 1 --dport 2 --timeout 600\n";
  lines.close();
  lab::run_ok({"conntrack", "-R", file});
  const auto connections = read();
  REQUIRE(connections.size() == kMany);
  std::vector<ConnectionChange> changes;
  for (unsigned i = 0; i < kMany; ++i)
    changes.push_back(i % 2 == 0 ? end_of(connections[i]) : mark_of(connections[i], 0x1002a000));
  const auto answers = change_connections(changes);
  REQUIRE(answers);
  CHECK(std::ranges::count(*answers, 0) == kMany);
  const auto left = read();
  CHECK(left.size() == kMany / 2);
  CHECK(std::ranges::all_of(left, [](const LiveConnection& one) { return one.mark == 0x1002a000; }));
  // Every answer is a refusal now for those that have ended.
  const auto again = change_connections(changes);
  REQUIRE(again);
  CHECK(std::ranges::count(*again, ENOENT) == kMany / 2);
}
