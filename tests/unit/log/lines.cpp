// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "builder.h"
#include "log/escape.h"
#include "log/journal.h"
#include "log/json_line.h"
#include "log/traffic_line.h"
#include "support/catch.h"

using namespace vuurmuur;
using test::ssh_entry;

namespace {

/// Lines are in local time.
const bool kInUtc = [] {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  return true;
}();

std::string line_of(const log::Entry& entry) {
  std::string text;
  log::TrafficLine().append(text, entry);
  return text;
}

std::string json_of(const log::Entry& entry) {
  std::string text;
  log::append_json(text, entry);
  return text;
}

/// What a line has no place for.
log::Entry without_what_lines_lack(log::Entry entry) {
  entry.time = std::chrono::floor<std::chrono::seconds>(entry.time);
  entry.names.from_zone.clear();
  entry.names.to_zone.clear();
  entry.mark = 0;
  entry.user.reset();
  return entry;
}

std::vector<log::Entry> every_kind() {
  std::vector<log::Entry> entries{ssh_entry()};
  log::Entry entry = ssh_entry();
  entry.rule = {.identity = "0123abcd", .label = "rule 12: accept http from lan to inet", .place = "rules/rules.conf:12"};
  entry.out_device = "eth1";
  entry.names.from_zone = "lan";
  entry.mark = 42;
  entry.user = 1000;
  entry.packet.source = *net::Address::parse("2001:db8::1");
  entry.packet.destination = *net::Address::parse("2001:db8::2");
  entries.push_back(entry);
  entry.source_mac.reset();
  entry.destination_mac.reset();
  entries.push_back(entry);
  entry.packet.ports.reset();
  entry.packet.tcp_flags.reset();
  entry.packet.protocol = net::Protocol::Icmpv6;
  entry.packet.icmp = log::Packet::Icmp{128, 0};
  entry.in_device.clear();
  entry.rule = {};
  entries.push_back(entry);
  entry.packet.icmp.reset();
  entry.packet.protocol = static_cast<net::Protocol>(132);
  entry.rule.identity = "0123abcd";
  entries.push_back(entry);
  entry.packet.source = *net::Address::parse("203.0.113.1");
  entry.packet.destination = *net::Address::parse("203.0.113.2");
  entry.packet.protocol = net::Protocol::Udp;
  entry.packet.ports = log::Packet::Ports{1, 2};
  entries.push_back(entry);
  return entries;
}

}  // namespace

TEST_CASE("the line is that of Vuurmuur 0.8, with the rule behind it") {
  REQUIRE(kInUtc);
  CHECK(line_of(ssh_entry()) ==
        "Nov 23 22:51:07: DROP service ssh from 203.0.113.1 to firewall(inet), prefix: \"in policy \" "
        "(in: eth0 203.0.113.1(3e:8e:9a:8a:8c:53):49629 -> 203.0.113.2(12:80:dc:14:4a:e9):22 TCP flags: ****S* len:40 "
        "ttl:64) [policy: no rule took the packet, #k3v9f0wx]\n");
  CHECK(line_of(every_kind()[2]) ==
        "Nov 23 22:51:07: DROP service ssh from 203.0.113.1 to firewall(inet), prefix: \"in policy \" "
        "(in: eth0 out: eth1 [2001:db8::1]:49629 -> [2001:db8::2]:22 TCP flags: ****S* len:40 ttl:64) "
        "[rule 12: accept http from lan to inet, rules/rules.conf:12, #0123abcd]\n");
  CHECK(line_of(every_kind()[3]) ==
        "Nov 23 22:51:07: DROP service ssh from 203.0.113.1 to firewall(inet), prefix: \"in policy \" "
        "(out: eth1 2001:db8::1 -> 2001:db8::2 ICMPv6 type 128 code 0 len:40 ttl:64)\n");
}

TEST_CASE("lines are read back, those of Vuurmuur 0.8 too") {
  for (const log::Entry& entry : every_kind()) {
    std::string line = line_of(entry);
    INFO(line);
    line.pop_back();
    const auto read = log::read_traffic_line(line, entry.time + std::chrono::hours(24));
    REQUIRE(read.has_value());
    CHECK(json_of(*read) == json_of(without_what_lines_lack(entry)));
    CHECK(*read == without_what_lines_lack(entry));
  }
  const auto old = log::read_traffic_line(
      "Nov 23 22:51:07: NFLOG service 36771->9999(udp) from 203.0.113.1 to firewall(inet), prefix: \"fromnet \" (in: eth0 "
      "203.0.113.1(3e:8e:9a:8a:8c:53):36771 -> 203.0.113.2(12:80:dc:14:4a:e9):9999 UDP len:10 ttl:64)",
      ssh_entry().time);
  REQUIRE(old.has_value());
  CHECK(old->packet.ports == log::Packet::Ports{36771, 9999});
  CHECK(old->packet.length == 10);
  CHECK(old->rule == log::RuleName{});
}

TEST_CASE("a line without a year is of the last time that it was that day") {
  const auto year_of = [](std::string_view line, const char* not_after) {
    const auto read = log::read_traffic_line(line, *log::utc_from(not_after));
    REQUIRE(read.has_value());
    std::string text;
    log::append_utc(text, read->time);
    return text.substr(0, 19);
  };
  std::string line = line_of(ssh_entry());
  line.pop_back();
  CHECK(year_of(line, "2026-11-23T22:51:07.000000Z") == "2026-11-23T22:51:07");
  CHECK(year_of(line, "2027-01-05T00:00:00.000000Z") == "2026-11-23T22:51:07");
  CHECK(year_of(line, "2026-11-22T00:00:00.000000Z") == "2025-11-23T22:51:07");
  line.replace(0, 6, "Dec  1");
  CHECK(year_of(line, "2026-12-02T00:00:00.000000Z") == "2026-12-01T22:51:07");
}

TEST_CASE("what is no line of the log is nothing") {
  std::string line = line_of(ssh_entry());
  line.pop_back();
  for (std::size_t size = 0; size + 60 < line.size(); ++size)
    CHECK_FALSE(log::read_traffic_line(line.substr(0, size), ssh_entry().time).has_value());
  CHECK_FALSE(log::read_traffic_line("Nov 31 22:51:07: LOST 5 records", ssh_entry().time).has_value());
  CHECK_FALSE(log::read_json_line("{}").has_value());
  CHECK_FALSE(log::read_json_line("[").has_value());
  CHECK_FALSE(log::read_json_line("{\"time\": \"2026-13-23T22:51:07.123456Z\"}").has_value());
}

TEST_CASE("JSON has all that is known, and is read back") {
  CHECK(json_of(ssh_entry()) ==
        "{\"time\": \"2026-11-23T22:51:07.123456Z\", \"action\": \"DROP\", \"service\": \"ssh\", \"from\": "
        "\"203.0.113.1\", \"to\": \"firewall(inet)\", \"prefix\": \"in policy\", \"in\": \"eth0\", \"source\": "
        "\"203.0.113.1\", \"source_port\": 49629, \"source_mac\": \"3e:8e:9a:8a:8c:53\", \"destination\": "
        "\"203.0.113.2\", \"destination_port\": 22, \"destination_mac\": \"12:80:dc:14:4a:e9\", \"protocol\": \"TCP\", "
        "\"tcp_flags\": \"****S*\", \"length\": 40, \"ttl\": 64, \"rule\": \"policy: no rule took the packet\", "
        "\"identity\": \"k3v9f0wx\"}");
  for (log::Entry entry : every_kind()) {
    INFO(json_of(entry));
    entry.prefix = "in policy";
    const auto read = log::read_json_line(json_of(entry));
    REQUIRE(read.has_value());
    CHECK(*read == entry);
  }
}

TEST_CASE("nothing that others chose reaches a file as it is") {
  log::Entry entry = ssh_entry();
  const std::string hostile = std::string("\x1b[2J\r\n\"\\\x7f\xc2\x9b") + '\0' + "\xff\xe2\x80\xae\xf0\x80\x80\x80";
  entry.action = entry.prefix = entry.in_device = entry.out_device = hostile;
  entry.names.service = entry.names.from = entry.names.to = hostile;
  entry.rule = {.identity = hostile, .label = hostile, .place = hostile};
  std::string fields;
  log::append_journal_fields(fields, entry, log::TrafficLine());
  for (const std::string& text : {line_of(entry), json_of(entry), fields}) {
    INFO(text);
    CHECK(std::ranges::none_of(text, [](char c) { return (c < 0x20 && c != '\n') || c == 0x7f; }));
    CHECK(text.find('\xff') == std::string::npos);
    CHECK(text.find("\xc2\x9b") == std::string::npos);
    CHECK(text.find("\xe2\x80\xae") == std::string::npos);
  }
  CHECK(std::ranges::count(line_of(entry), '\n') == 1);
  CHECK(std::ranges::count(json_of(entry), '\n') == 0);
  CHECK(log::unescaped(log::escaped(hostile)) == hostile);
  CHECK(log::escaped("zürich €") == "zürich €");
  CHECK(log::escaped("a\x1b[1m") == "a\\x1b[1m");
}

TEST_CASE("the journal gets a field for each thing") {
  std::string fields;
  log::append_journal_fields(fields, every_kind()[1], log::TrafficLine());
  CHECK(fields ==
        "MESSAGE=DROP service ssh from 203.0.113.1 to firewall(inet), prefix: \"in policy \" (in: eth0 out: eth1 "
        "[2001:db8::1](3e:8e:9a:8a:8c:53):49629 -> [2001:db8::2](12:80:dc:14:4a:e9):22 TCP flags: ****S* len:40 ttl:64) "
        "[rule 12: accept http from lan to inet, rules/rules.conf:12, #0123abcd]\n"
        "PRIORITY=6\nSYSLOG_IDENTIFIER=vuurmuur\nVUURMUUR_ACTION=DROP\nVUURMUUR_PREFIX=in policy\nVUURMUUR_SERVICE=ssh\n"
        "VUURMUUR_FROM=203.0.113.1\nVUURMUUR_TO=firewall(inet)\nVUURMUUR_FROM_ZONE=lan\nVUURMUUR_IN=eth0\n"
        "VUURMUUR_OUT=eth1\nVUURMUUR_SOURCE=2001:db8::1\nVUURMUUR_DESTINATION=2001:db8::2\nVUURMUUR_SOURCE_PORT=49629\n"
        "VUURMUUR_DESTINATION_PORT=22\nVUURMUUR_SOURCE_MAC=3e:8e:9a:8a:8c:53\n"
        "VUURMUUR_DESTINATION_MAC=12:80:dc:14:4a:e9\nVUURMUUR_PROTOCOL=TCP\nVUURMUUR_TCP_FLAGS=****S*\n"
        "VUURMUUR_LENGTH=40\nVUURMUUR_TTL=64\nVUURMUUR_MARK=42\nVUURMUUR_USER=1000\n"
        "VUURMUUR_RULE=rule 12: accept http from lan to inet\nVUURMUUR_PLACE=rules/rules.conf:12\n"
        "VUURMUUR_IDENTITY=0123abcd\n");
}
