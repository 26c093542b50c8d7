// SPDX-License-Identifier: GPL-2.0-or-later
#include "log/record.h"

#include <linux/netfilter/nfnetlink_log.h>

#include "builder.h"
#include "log/recorder.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::test;

namespace {

ByteVector numbered(std::uint32_t sequence, std::string_view prefix = "vrmr: DROP in policy #k3v9f0wx") {
  return message(8, {attribute(NFULA_PREFIX, prefix), attribute(NFULA_IFINDEX_INDEV, hex("00000002")),
                     attribute(NFULA_SEQ, {static_cast<std::uint8_t>(sequence >> 24), static_cast<std::uint8_t>(sequence >> 16),
                                           static_cast<std::uint8_t>(sequence >> 8), static_cast<std::uint8_t>(sequence)}),
                     attribute(NFULA_PAYLOAD, ipv4(6, tcp(49629, 22, 2)))});
}

constexpr log::Time kNow{std::chrono::seconds(1795474267)};

std::string device_name(std::uint32_t number) { return "eth" + std::to_string(number); }

}  // namespace

TEST_CASE("a message of the kernel is read whole") {
  const ByteVector bytes = message(
      8, {attribute(NFULA_PACKET_HDR, hex("0800 01 00")), attribute(NFULA_PREFIX, "vrmr: DROP in policy "),
          attribute(NFULA_IFINDEX_INDEV, hex("00000002")), attribute(NFULA_IFINDEX_OUTDEV, hex("00000003")),
          attribute(NFULA_MARK, hex("0000002a")), attribute(NFULA_HWADDR, hex("0006 0000 3e8e9a8a8c53 0000")),
          attribute(NFULA_HWHEADER, hex("1280dc144ae9 3e8e9a8a8c53 0800")), attribute(NFULA_SEQ, hex("00000007")),
          attribute(NFULA_TIMESTAMP, hex("000000006b04a15b 000000000001e240")), attribute(NFULA_UID, hex("000003e8")),
          attribute(NFULA_PAYLOAD, ipv4(17, hex("1234 0035 0008 0000")))});
  log::Record record;
  REQUIRE(log::read_record(bytes, record));
  CHECK(record.group == 8);
  CHECK(record.sequence == 7);
  CHECK(record.prefix == "vrmr: DROP in policy ");
  CHECK(record.in_device == 2);
  CHECK(record.out_device == 3);
  CHECK(record.mark == 42);
  CHECK(record.user == 1000);
  CHECK(record.source_mac->to_string() == "3e:8e:9a:8a:8c:53");
  CHECK(record.destination_mac->to_string() == "12:80:dc:14:4a:e9");
  REQUIRE(record.time.has_value());
  CHECK(record.time->time_since_epoch() == std::chrono::seconds(0x6b04a15b) + std::chrono::microseconds(123456));
  REQUIRE(record.packet.has_value());
  CHECK(record.packet->ports == log::Packet::Ports{0x1234, 53});

  // Nothing of it is left in what comes next.
  REQUIRE(log::read_record(message(9, {}), record));
  CHECK(record == log::Record{.group = 9});
}

TEST_CASE("a message that is cut or lies about its lengths is no record, and nothing behind it is read") {
  const ByteVector whole = numbered(1);
  log::Record record;
  for (std::size_t size = 0; size < whole.size(); ++size)
    static_cast<void>(log::read_record(std::vector(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)), record));
  CHECK_FALSE(log::read_record(message(8, {hex("0300 0a00")}), record));
  CHECK_FALSE(log::read_record(message(8, {hex("ff00 0a00 41")}), record));
  CHECK_FALSE(log::read_record(hex("0200"), record));
}

TEST_CASE("an entry names the rule of its record, that of the table before as well") {
  log::Recorder recorder(device_name);
  const auto old_rules = std::make_shared<log::RuleTable>(
      std::vector{log::RuleName{"k3v9f0wx", "rule 3: drop any from inet to firewall", "rules/rules.conf:3"}});
  recorder.use(nullptr, old_rules);
  const log::Entry* entry = recorder.take(numbered(1), kNow);
  REQUIRE(entry != nullptr);
  CHECK(entry->action == "DROP");
  CHECK(entry->prefix == "in policy ");
  CHECK(entry->rule.place == "rules/rules.conf:3");
  CHECK(entry->in_device == "eth2");
  CHECK(entry->out_device.empty());
  CHECK(entry->time == kNow);
  CHECK(entry->names.service == "49629->22(tcp)");
  CHECK(entry->names.from == "203.0.113.1");

  recorder.use(nullptr, std::make_shared<log::RuleTable>());
  CHECK(recorder.take(numbered(2), kNow)->rule.place == "rules/rules.conf:3");
  recorder.use(nullptr, std::make_shared<log::RuleTable>());
  entry = recorder.take(numbered(3), kNow);
  CHECK(entry->rule == log::RuleName{.identity = "k3v9f0wx", .label = {}, .place = {}});
}

TEST_CASE("records of others are left, records that are missing are counted") {
  log::Recorder recorder(device_name);
  CHECK(recorder.take(numbered(0xfffffffe), kNow) != nullptr);
  CHECK(recorder.take_lost() == 0);
  CHECK(recorder.take(numbered(0xffffffff, "something else"), kNow) == nullptr);
  CHECK(recorder.take(numbered(0), kNow) != nullptr);
  CHECK(recorder.take_lost() == 0);
  CHECK(recorder.take(numbered(11), kNow) != nullptr);
  CHECK(recorder.take_lost() == 10);
  CHECK(recorder.take_lost() == 0);
  // Bound anew.
  CHECK(recorder.take(numbered(0), kNow) != nullptr);
  CHECK(recorder.take_lost() == 0);
  CHECK(recorder.take(message(8, {attribute(NFULA_PREFIX, "vrmr: DROP x ")}), kNow) == nullptr);
}
