// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/table_image.h"

#include <linux/netfilter.h>

#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <random>

#include "apply/entry.h"
#include "apply/entry_layout.h"
#include "apply/table_encoder.h"
#include "apply/table_errors.h"
#include "apply/table_visitor.h"
#include "backend/xtables_entry.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;

namespace {

constexpr ir::TableName kFilter = ir::TableName::Filter;

TableSnapshot snapshot_of(net::Family family, const ipt_getinfo& info, std::span<const std::byte> entries) {
  const std::shared_ptr<std::byte[]> bytes(new std::byte[entries.size()]);
  std::ranges::copy(entries, bytes.get());
  const auto* info_bytes = reinterpret_cast<const std::byte*>(&info);
  return {.family = family,
          .table = kFilter,
          .info = {info_bytes, info_bytes + sizeof info},
          .entries = bytes,
          .size = entries.size()};
}

/// What the kernel would give back after it took a request.
TableSnapshot after(net::Family family, const TableRequest& request) {
  const auto head = load<ipt_replace>(request.bytes.get());
  ipt_getinfo info{};
  info.valid_hooks = head.valid_hooks;
  info.num_entries = head.num_entries;
  info.size = head.size;
  std::memcpy(info.hook_entry, head.hook_entry, sizeof info.hook_entry);
  std::memcpy(info.underflow, head.underflow, sizeof info.underflow);
  return snapshot_of(family, info, std::span(request.bytes.get(), request.size).subspan(sizeof head));
}

/// Filter as the kernel makes it: three policies and the end.
TableSnapshot empty_filter(net::Family family) {
  const EntryLayout layout = layout_of(family);
  std::vector<std::byte> entries;
  ipt_getinfo info{};
  const auto add = [&](const char* target, std::size_t target_size, std::int32_t verdict) {
    const std::size_t at = entries.size();
    entries.resize(at + layout.size + target_size);
    store(&entries[at + layout.target_offset], static_cast<std::uint16_t>(layout.size));
    store(&entries[at + layout.next_offset], static_cast<std::uint16_t>(layout.size + target_size));
    auto& head = *reinterpret_cast<xt_entry_target*>(&entries[at + layout.size]);
    head.u.target_size = static_cast<std::uint16_t>(target_size);
    std::strcpy(head.u.user.name, target);
    store(&entries[at + layout.size + sizeof(xt_entry_target)], verdict);
    ++info.num_entries;
    return static_cast<unsigned>(at);
  };
  for (const unsigned hook : {NF_INET_LOCAL_IN, NF_INET_FORWARD, NF_INET_LOCAL_OUT}) {
    info.valid_hooks |= 1U << hook;
    info.hook_entry[hook] = info.underflow[hook] = add("", XT_ALIGN(sizeof(xt_standard_target)), -NF_ACCEPT - 1);
  }
  add(XT_ERROR_TARGET, XT_ALIGN(sizeof(xt_error_target)), 0);
  info.size = static_cast<unsigned>(entries.size());
  return snapshot_of(family, info, entries);
}

/// Rules of "-i INTERFACE -j TARGET", one behind the other.
std::vector<std::byte> rules(net::Family family,
                             const std::vector<std::pair<std::string, std::string>>& interfaces_and_targets) {
  std::vector<std::byte> entries, entry;
  for (const auto& [interface, target] : interfaces_and_targets) {
    ir::Ruleset ruleset;
    ir::Table& table = ruleset.rules(family).table(kFilter);
    ir::Rule rule{.in_interface = interface, .target = ir::JumpTarget{table.chain_named(target)}, .commented = false};
    rule.origin = ruleset.add_origin("test");
    backend::encode_entry(ruleset, table, family, rule, {.comments = false}, entry);
    entries.insert(entries.end(), entry.begin(), entry.end());
  }
  return entries;
}

/// A table as text, in the order of the kernel.
std::string text_of(const TableImage& image, net::Family family) {
  std::string text;
  for (const std::string& chain : image.chains()) {
    const auto policy = image.policy(chain);
    text += chain + (policy ? policy->drop ? " DROP" : " ACCEPT" : "") + "\n";
    const auto [begin, end] = image.rules_of(chain);
    for (std::uint32_t i = begin; i < end; ++i)
      text += "  " + backend::entry_text(family, image.rule(i), image.target_of(image.rule(i))) + "\n";
  }
  return text;
}

TableImage image_of(TableSnapshot snapshot) {
  auto image = TableImage::read(std::move(snapshot));
  INFO((image ? std::string() : image.error().message));
  REQUIRE(image);
  return std::move(*image);
}

TableRequest request_of(const TableImage& image) {
  auto request = image.request();
  REQUIRE(request);
  return std::move(*request);
}

const std::vector<RulePlan> kOne{RulePlan::add()};
const std::vector<RulePlan> kThree(3, RulePlan::add());

/// INPUT jumps to "b", which jumps to "a"; the policy of FORWARD is DROP.
TableImage some_rules(net::Family family) {
  TableImage image = image_of(empty_filter(family));
  REQUIRE(image.create_chain("b"));
  REQUIRE(image.create_chain("a"));
  REQUIRE(image.set_rules("INPUT", rules(family, {{"eth0", "b"}, {"eth1", "DROP"}, {"eth2", "RETURN"}}), kThree));
  REQUIRE(image.set_rules("b", rules(family, {{"eth3", "a"}}), kOne));
  REQUIRE(image.set_rules("a", rules(family, {{"eth4", "ACCEPT"}}), kOne));
  REQUIRE(image.set_policy("FORWARD", true));
  return image;
}

constexpr std::string_view kSomeRules =
    "INPUT ACCEPT\n  -i eth0 -j b\n  -i eth1 -j DROP\n  -i eth2 -j RETURN\nFORWARD DROP\nOUTPUT ACCEPT\n"
    "a\n  -i eth4 -j ACCEPT\nb\n  -i eth3 -j a\n";

}  // namespace

TEST_CASE("a table put together is read back as the same, before and after") {
  for (const net::Family family : net::kFamilies) {
    const TableImage image = some_rules(family);
    CHECK(text_of(image, family) == kSomeRules);
    const TableRequest request = request_of(image);
    TableImage again = image_of(after(family, request));
    CHECK(text_of(again, family) == kSomeRules);
    CHECK(again.references("a") == 1);
    CHECK(again.references("b") == 1);
    CHECK_FALSE(again.is_changed());
    // Without a change it is put together to the same bytes.
    const TableRequest same = request_of(again);
    CHECK(std::ranges::equal(std::span(same.bytes.get(), same.size), std::span(request.bytes.get(), request.size)));
    const TableSnapshot foreseen = snapshot_after(image.before(), request), read = after(family, request);
    CHECK(foreseen.info == read.info);
    CHECK(std::ranges::equal(foreseen.bytes(), read.bytes()));
  }
}

TEST_CASE("jumps follow their chains when others come, go and change") {
  for (const net::Family family : net::kFamilies) {
    TableImage image = image_of(after(family, request_of(some_rules(family))));
    REQUIRE(image.create_chain("aa"));
    REQUIRE(image.set_rules("aa", rules(family, {{"eth5", "b"}, {"eth6", "ACCEPT"}, {"eth7", "DROP"}}), kThree));
    const std::vector<RulePlan> plan{RulePlan::keep(0), RulePlan::add(), RulePlan::keep(2)};
    REQUIRE(image.set_rules("INPUT", rules(family, {{"eth8", "aa"}}), plan));
    REQUIRE(image.set_rules("a", {}, {}));
    const TableImage again = image_of(after(family, request_of(image)));
    CHECK(text_of(again, family) ==
          "INPUT ACCEPT\n  -i eth0 -j b\n  -i eth8 -j aa\n  -i eth2 -j RETURN\nFORWARD DROP\nOUTPUT ACCEPT\n"
          "a\naa\n  -i eth5 -j b\n  -i eth6 -j ACCEPT\n  -i eth7 -j DROP\nb\n  -i eth3 -j a\n");
    CHECK(again.references("b") == 2);
  }
}

TEST_CASE("each new entry says which old one it goes on from") {
  const net::Family family = net::Family::Ipv4;
  TableImage image = image_of(after(family, request_of(some_rules(family))));
  // Old entries: 0 to 2 INPUT, 3 its policy, 4 FORWARD, 5 OUTPUT, 6 "a", 7 its rule, 8 its end, 9 "b", 10, 11, 12 end.
  const std::vector<RulePlan> plan{RulePlan::keep(1), RulePlan::add(), RulePlan::add_continuing(0)};
  REQUIRE(image.set_rules("INPUT", rules(family, {{"eth9", "DROP"}, {"eth0", "b"}}), plan));
  REQUIRE(image.create_chain("c"));
  constexpr std::uint32_t kNew = TableRequest::kFromZero;
  CHECK(request_of(image).old_entries ==
        std::vector<std::uint32_t>{1, kNew, 0, 3, 4, 5, 6, 7, 8, 9, 10, 11, kNew, kNew, kNew});
}

TEST_CASE("chains are made, found and deleted by the rules of iptables") {
  TableImage image = some_rules(net::Family::Ipv6);
  CHECK(image.create_chain("a").error().code == EEXIST);
  CHECK(image.create_chain("ACCEPT").error().code == EEXIST);
  CHECK_FALSE(image.create_chain(std::string(40, 'x')));
  CHECK(image.delete_chain("INPUT").error().code == EINVAL);
  CHECK(image.delete_chain("a").error().code == EMLINK);
  CHECK(image.delete_chain("none").error().code == ENOENT);
  CHECK(image.set_rules("none", {}, {}).error().code == ENOENT);
  CHECK(image.set_policy("a", true).error().code == EINVAL);
  REQUIRE(image.set_rules("b", {}, {}));
  CHECK(image.delete_chain("a").error().code == ENOTEMPTY);
  REQUIRE(image.set_rules("a", {}, {}));
  REQUIRE(image.delete_chain("a"));
  CHECK(image.chains() == std::vector<std::string>{"INPUT", "FORWARD", "OUTPUT", "b"});
  CHECK(image.set_rules("b", rules(net::Family::Ipv6, {{"eth0", "FORWARD"}}), kOne).error().code == EINVAL);
  CHECK_FALSE(image.policy("b"));
}

TEST_CASE("a rule without a target goes on to the next") {
  const net::Family family = net::Family::Ipv4;
  std::vector<std::byte> entries = rules(family, {{"eth0", ""}, {"eth1", "DROP"}});
  TableImage image = image_of(empty_filter(family));
  const std::vector<RulePlan> plan(2, RulePlan::add());
  REQUIRE(image.set_rules("INPUT", std::move(entries), plan));
  const TableImage again = image_of(after(family, request_of(image)));
  CHECK(text_of(again, family) == "INPUT ACCEPT\n  -i eth0\n  -i eth1 -j DROP\nFORWARD ACCEPT\nOUTPUT ACCEPT\n");
}

TEST_CASE("a table of a strange form is refused, not misread") {
  const net::Family family = net::Family::Ipv4;
  const TableRequest request = request_of(some_rules(family));
  const TableSnapshot good = after(family, request);
  const auto refusal = [&](const std::function<void(ipt_getinfo&, std::vector<std::byte>&)>& spoil) {
    auto info = load<ipt_getinfo>(good.info.data());
    std::vector<std::byte> entries(good.bytes().begin(), good.bytes().end());
    spoil(info, entries);
    const auto image = TableImage::read(snapshot_of(family, info, entries));
    REQUIRE_FALSE(image);
    const std::string begin = "read table filter (IPv4): it has a form that no iptables program gives it: ";
    REQUIRE(image.error().message.starts_with(begin));
    return image.error().message.substr(begin.size());
  };
  const std::size_t rule = sizeof(ipt_entry) + XT_ALIGN(sizeof(xt_standard_target));
  CHECK(refusal([](ipt_getinfo& info, auto&) { ++info.num_entries; }) == "the number of its entries is wrong");
  CHECK(refusal([](ipt_getinfo& info, auto&) { info.hook_entry[NF_INET_LOCAL_IN] = 8; }) == "rules outside of chains");
  CHECK(refusal([](ipt_getinfo& info, auto&) { info.underflow[NF_INET_LOCAL_IN] = 8; }) == "a chain without an end");
  CHECK(refusal([](ipt_getinfo&, auto& entries) { entries.resize(entries.size() - 8); }) ==
        "the sizes of an entry are wrong");
  CHECK(refusal([&](ipt_getinfo&, auto& entries) {
          store(&entries[sizeof(ipt_entry) + sizeof(xt_entry_target)], static_cast<std::int32_t>(rule));
          store(&entries[rule + sizeof(ipt_entry) + sizeof(xt_entry_target)], std::int32_t{0x7fff0});
        }) == "a rule of chain INPUT leads into the middle of a chain");
  CHECK(refusal([&](ipt_getinfo&, auto& entries) {
          store(&entries[3 * rule + sizeof(ipt_entry) + sizeof(xt_entry_target)], std::int32_t{-4});
        }) == "chain INPUT has a policy that is neither ACCEPT nor DROP");
}

TEST_CASE("no spoilt byte of a table makes reading it go astray") {
  std::mt19937 random(7);
  for (const net::Family family : net::kFamilies) {
    const TableSnapshot good = after(family, request_of(some_rules(family)));
    for (int i = 0; i < 3000; ++i) {
      std::vector<std::byte> entries(good.bytes().begin(), good.bytes().end());
      for (auto n = random() % 3 + 1; n > 0; --n) entries[random() % entries.size()] = std::byte(random() % 256);
      const auto image = TableImage::read(snapshot_of(family, load<ipt_getinfo>(good.info.data()), entries));
      // Under the sanitizers, reading beyond the bytes would end the test.
      if (image) CHECK(image->request());
    }
  }
}

TEST_CASE("a table larger than the kernel takes is refused with its size") {
  CHECK(check_table_size(net::Family::Ipv4, kFilter, 1'000'000, 500'000'000));
  const auto refused = check_table_size(net::Family::Ipv4, kFilter, 100'000'000, 15'200'000'000);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == E2BIG);
  CHECK(refused.error().message ==
        "table filter (IPv4) would have 100000000 entries of 15200 MB together; the kernel takes at most 536 MB for a "
        "table");
}

namespace {

/// Chains that jump to each other, as the compiler would give them: not in the order of their names.
ir::Ruleset chains_of_ours(net::Family family) {
  ir::Ruleset ruleset;
  ir::Table& table = ruleset.rules(family).table(kFilter);
  const ir::ChainId second = table.chain_named("VRMR-b"), first = table.chain_named("VRMR-a");
  const ir::OriginId origin = ruleset.add_origin("rule 1: accept");
  table.append(second, {.in_interface = "eth0", .target = ir::JumpTarget{first}, .origin = origin});
  table.append(second, {.in_interface = "eth1", .target = ir::DropTarget{}, .origin = origin});
  table.append(first, {.in_interface = "eth2", .target = ir::AcceptTarget{}, .origin = origin});
  table.chain_named("VRMR-c");
  table.append(table.builtin(ir::Hook::Input), {.target = ir::GotoTarget{second}, .origin = origin});
  return ruleset;
}

enum class Given { AsEncoded, Copied };

struct Filled {
  TableImage image;
  std::span<std::byte> room;  ///< that the encoder made for chains of ours
};

Filled with_chains_of_ours(net::Family family, const ir::Table& table, TableEncoder& encoder, Given given) {
  std::span<std::byte> room;
  TableImage image = image_of(empty_filter(family));
  REQUIRE(image.create_chain("FOREIGN"));
  std::vector<ir::ChainId> ids(encoder.own_chains().begin(), encoder.own_chains().end());
  for (const ir::ChainId id : ids) REQUIRE(image.create_chain(table.chain(id).name));
  ids.push_back(table.find("INPUT").value());
  for (const ir::ChainId id : ids) {
    const EncodedChain chain = encoder.encode(id);
    const std::vector<RulePlan> plan(chain.size(), RulePlan::add());
    backend::EntryBlock block = chain.block();
    if (room.empty()) room = block.room;
    if (given == Given::Copied) block = std::vector<std::byte>(block.bytes.begin(), block.bytes.end());
    REQUIRE(image.set_rules(table.chain(id).name, std::move(block), plan));
  }
  return {std::move(image), room};
}

}  // namespace

TEST_CASE("a request is made around entries that stand as it needs them, and is the same as one that was copied") {
  for (const net::Family family : net::kFamilies) {
    const ir::Ruleset ruleset = chains_of_ours(family);
    const ir::Table& table = ruleset.rules(family).table(kFilter);
    TableEncoder one(ruleset, table, family, {}), other(ruleset, table, family, {});
    const TableRequest copied = request_of(with_chains_of_ours(family, table, one, Given::Copied).image);
    const Filled filled = with_chains_of_ours(family, table, other, Given::AsEncoded);
    const TableRequest made = request_of(filled.image);
    CHECK(made.bytes.get() > filled.room.data());
    CHECK(made.bytes.get() + made.size < filled.room.data() + filled.room.size());
    REQUIRE(made.size == copied.size);
    CHECK(std::memcmp(made.bytes.get(), copied.bytes.get(), made.size) == 0);
    CHECK(made.old_entries == copied.old_entries);
  }
}

TEST_CASE("what does not fit into the room around entries is copied elsewhere") {
  const net::Family family = net::Family::Ipv6;
  const ir::Ruleset ruleset = chains_of_ours(family);
  const ir::Table& table = ruleset.rules(family).table(kFilter);
  TableEncoder encoder(ruleset, table, family, {});
  Filled filled = with_chains_of_ours(family, table, encoder, Given::AsEncoded);
  TableImage& image = filled.image;
  std::vector<std::pair<std::string, std::string>> many(1000, {"eth7", "DROP"});
  REQUIRE(image.set_rules("FOREIGN", rules(family, many), std::vector<RulePlan>(many.size(), RulePlan::add())));
  const TableRequest request = request_of(image);
  const std::less<> before;
  const bool is_inside = !before(request.bytes.get(), filled.room.data()) &&
                         before(request.bytes.get(), filled.room.data() + filled.room.size());
  CHECK_FALSE(is_inside);
  const TableImage again = image_of(snapshot_after(image.before(), request));
  CHECK(again.rules_of("FOREIGN").second - again.rules_of("FOREIGN").first == many.size());
  CHECK(again.rules_of("VRMR-b").second - again.rules_of("VRMR-b").first == 2);
}

namespace {

/// What a walk tells, with the number of a chain as the name that it was told of it.
struct Told final : TableVisitor {
  explicit Told(net::Family of) : family(of) {}
  void chain(std::string_view name, std::uint32_t number) override {
    names[number] = name;
    lines.push_back(std::string(name));
  }
  void rule(const void* entry, std::string_view target, std::optional<std::uint32_t> leads_to) override {
    static_cast<void>(comment_of(family, entry));
    static_cast<void>(counters_of(family, entry));
    jumps.emplace_back(lines.size(), leads_to);
    lines.push_back("  " + std::string(target));
  }
  std::string text() {
    std::string all;
    for (const auto& [line, to] : jumps)
      if (to) lines[line] = "  to " + names[*to];
    for (const std::string& line : lines) all += line + "\n";
    return all;
  }

  net::Family family;
  std::map<std::uint32_t, std::string> names;
  std::vector<std::pair<std::size_t, std::optional<std::uint32_t>>> jumps;
  std::vector<std::string> lines;
};

}  // namespace

TEST_CASE("a walk over a table tells its chains, their rules with their ends, and where jumps lead") {
  for (const net::Family family : net::kFamilies) {
    Told told(family);
    REQUIRE(walk(after(family, request_of(some_rules(family))), told));
    // Verdicts are nothing but a number in the kernel's table.
    CHECK(told.text() == "INPUT\n  to b\n  \n  \n  \nFORWARD\n  \nOUTPUT\n  \na\n  \n  \nb\n  to a\n  \n");
  }
}

TEST_CASE("a walk stays within a table whatever stands in it, and refuses sizes that are wrong") {
  std::mt19937 random(8);
  for (const net::Family family : net::kFamilies) {
    const TableSnapshot good = after(family, request_of(some_rules(family)));
    unsigned refused = 0;
    for (int i = 0; i < 3000; ++i) {
      std::vector<std::byte> entries(good.bytes().begin(), good.bytes().end());
      for (auto n = random() % 3 + 1; n > 0; --n) entries[random() % entries.size()] = std::byte(random() % 256);
      Told told(family);
      const auto walked = walk(snapshot_of(family, load<ipt_getinfo>(good.info.data()), entries), told);
      if (walked) continue;
      ++refused;
      CHECK(walked.error().message == "read " + describe(family, kFilter) + ": the sizes of an entry are wrong");
    }
    CHECK(refused > 10);
  }
}
