// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include <cstring>
#include <memory>

#include "backend/xtables_entry.h"
#include "support/catch.h"
#include "unit/backend/every_rule.h"

namespace vuurmuur::backend {
namespace {

using net::Family;

/// Calls f(table, rule, entry) for every rule.
template <class F>
void for_each_entry(const ir::Ruleset& ruleset, Family family, F f) {
  std::vector<std::byte> entry;
  for (const ir::Table& table : ruleset.rules(family).tables)
    for (const ir::Chain& chain : table.chains())
      for (const ir::Rule& rule : chain.rules) {
        encode_entry(ruleset, table, family, rule, {}, entry);
        f(table, rule, entry);
      }
}

/// What libiptc says of an encoded entry's target.
template <class Entry>
std::string target_name(const std::vector<std::byte>& entry) {
  const auto* head = reinterpret_cast<const Entry*>(entry.data());
  return reinterpret_cast<const xt_entry_target*>(entry.data() + head->target_offset)->u.user.name;
}

std::string target_name(Family family, const std::vector<std::byte>& entry) {
  return family == Family::Ipv4 ? target_name<ipt_entry>(entry) : target_name<ip6t_entry>(entry);
}

/// A copy in memory of just its size, so that a sanitizer sees a read behind its end.
struct Exact {
  explicit Exact(const std::vector<std::byte>& from) : bytes(new std::byte[from.size()]) {
    std::memcpy(bytes.get(), from.data(), from.size());
  }
  std::unique_ptr<std::byte[]> bytes;
};

std::size_t head_size(Family family) { return family == Family::Ipv4 ? sizeof(ipt_entry) : sizeof(ip6t_entry); }

/// Where target_offset and next_offset stand.
std::size_t offsets_at(Family family) {
  return family == Family::Ipv4 ? offsetof(ipt_entry, target_offset) : offsetof(ip6t_entry, target_offset);
}

void set_next_offset(Family family, std::vector<std::byte>& entry) {
  const auto size = static_cast<std::uint16_t>(entry.size());
  std::memcpy(entry.data() + offsets_at(family) + sizeof size, &size, sizeof size);
}

}  // namespace

TEST_CASE("an encoded rule decodes to its text") {
  for (const Family family : net::kFamilies) {
    const ir::Ruleset ruleset = backend_test::every_rule(family);
    for_each_entry(ruleset, family, [&](const ir::Table& table, const ir::Rule& rule, const auto& entry) {
      // A jump to a chain of others looks like an unknown target until the kernel has it: kernel tests show those.
      if (target_name(family, entry).starts_with("PRE-")) return;
      const Exact exact(entry);
      CHECK(entry_text(family, exact.bytes.get(), target_name(family, entry)) ==
            rule_text(ruleset, table, family, rule));
      CHECK(entry_text(family, exact.bytes.get(), target_name(family, entry), {.comments = false}) ==
            rule_text(ruleset, table, family, rule, {.comments = false}));
      CHECK(entry_comment(family, exact.bytes.get()) == comment_text(ruleset, rule));
    });
  }
}

TEST_CASE("a buffer used again keeps nothing of the entry before") {
  const ir::Ruleset ruleset = backend_test::every_rule(Family::Ipv4);
  for_each_entry(ruleset, Family::Ipv4, [&](const ir::Table& table, const ir::Rule& rule, const auto& entry) {
    std::vector<std::byte> dirty(5000, std::byte{0xff});
    encode_entry(ruleset, table, Family::Ipv4, rule, {}, dirty);
    CHECK(dirty == entry);
  });
}

TEST_CASE("a whole entry, byte for byte") {
  ir::Ruleset ruleset;
  ir::Rule rule{.in_interface = "eth1",
                .source = backend_test::prefix("192.0.2.0/24"),
                .protocol = net::Protocol::Tcp,
                .matches = {ir::TcpMatch{.destination = net::PortRange::one(80)}},
                .target = ir::GotoTarget{ruleset.ipv4.table(ir::TableName::Filter).chain_named("VRMR-X")},
                .commented = false};
  std::vector<std::byte> entry;
  encode_entry(ruleset, ruleset.ipv4.table(ir::TableName::Filter), Family::Ipv4, rule, {}, entry);

  // The sizes are those of 64-bit machines: 112 for the head, 32 + 16 for tcp, 32 + 8 for the target.
  std::vector<std::byte> expected(200);
  auto& head = *reinterpret_cast<ipt_entry*>(expected.data());
  std::memcpy(&head.ip.src, "\xc0\x00\x02\x00", 4);
  std::memcpy(&head.ip.smsk, "\xff\xff\xff\x00", 4);
  std::strcpy(head.ip.iniface, "eth1");
  std::memset(head.ip.iniface_mask, 0xff, 5);
  head.ip.proto = 6;
  head.ip.flags = IPT_F_GOTO;
  head.target_offset = 160;
  head.next_offset = 200;
  auto& match = *reinterpret_cast<xt_entry_match*>(expected.data() + 112);
  match.u.user.match_size = 48;
  std::strcpy(match.u.user.name, "tcp");
  auto& tcp = *reinterpret_cast<xt_tcp*>(expected.data() + 144);
  tcp.spts[1] = 65535;
  tcp.dpts[0] = tcp.dpts[1] = 80;
  auto& target = *reinterpret_cast<xt_entry_target*>(expected.data() + 160);
  target.u.user.target_size = 40;
  std::strcpy(target.u.user.name, "VRMR-X");
  CHECK(entry == expected);
}

TEST_CASE("an entry that contradicts itself is shown as far as it goes") {
  ir::Ruleset ruleset;
  const ir::Table& filter = ruleset.ipv4.table(ir::TableName::Filter);
  const ir::Rule rule{.matches = {ir::ConntrackMatch{ir::kCtNew}, ir::MacMatch{}}, .commented = false};
  std::vector<std::byte> entry;
  const auto with = [&](std::size_t at, std::uint16_t value) {
    encode_entry(ruleset, filter, Family::Ipv4, rule, {}, entry);
    std::memcpy(entry.data() + at, &value, sizeof value);
    return entry_text(Family::Ipv4, Exact(entry).bytes.get(), "ACCEPT");
  };
  const std::size_t offsets = offsetof(ipt_entry, target_offset), first = sizeof(ipt_entry);
  CHECK(with(offsets, 0) == "[malformed]");
  CHECK(with(offsets, 65535) == "[malformed]");
  CHECK(with(first, 0) == "-j ACCEPT [malformed]");
  CHECK(with(first, 31) == "-j ACCEPT [malformed]");
  CHECK(with(first, 33) == "-m conntrack [rev 3] -j ACCEPT [malformed]");
  CHECK(with(first, 32) == "-m conntrack [rev 3] -j ACCEPT [malformed]");
  CHECK(with(first, 65528) == "-j ACCEPT [malformed]");
}

TEST_CASE("no damage to an entry makes the decoder read outside of it") {
  // Every two bytes of every entry set to values that sizes trip over; the sanitizer build is the judge of reads, and
  // what comes out must still be a line.
  for (const Family family : net::kFamilies) {
    const ir::Ruleset ruleset = backend_test::every_rule(family);
    std::size_t lines = 0;
    for_each_entry(ruleset, family, [&](const ir::Table&, const ir::Rule&, const std::vector<std::byte>& entry) {
      const std::string name = target_name(family, entry);
      for (std::size_t at = offsets_at(family); at + 2 <= entry.size(); at += 2) {
        if (at == offsets_at(family) + 2) continue;  // next_offset is the caller's promise
        for (const std::uint16_t value : std::initializer_list<std::uint16_t>{0, 1, 8, 32, 40, 0x7fff, 0xffff}) {
          Exact damaged(entry);
          std::memcpy(damaged.bytes.get() + at, &value, sizeof value);
          const std::string text = entry_text(family, damaged.bytes.get(), name);
          if (text.find('\n') == std::string::npos) ++lines;
          (void)entry_comment(family, damaged.bytes.get());
        }
      }
      for (std::size_t size = head_size(family); size < entry.size(); size += 4) {
        std::vector<std::byte> cut(entry.begin(), entry.begin() + static_cast<std::ptrdiff_t>(size));
        set_next_offset(family, cut);
        CHECK(entry_text(family, Exact(cut).bytes.get(), name).ends_with("[malformed]"));
      }
    });
    CHECK(lines > 10'000);
  }
}

}  // namespace vuurmuur::backend
