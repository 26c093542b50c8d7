// SPDX-License-Identifier: GPL-2.0-or-later
// The writers against iptables itself: what we print, what we encode and what the kernel gives back are the same rules.
#include <libiptc/libiptc.h>
#include <netdb.h>
extern "C" {  // libip6tc.h does not say so itself
#include <libiptc/libip6tc.h>
}

#include <algorithm>
#include <cstring>
#include <map>

#include "backend/iptables_save.h"
#include "backend/shell_script.h"
#include "backend/xtables_entry.h"
#include "base/strings.h"
#include "lab/namespace.h"
#include "lab/run.h"
#include "support/catch.h"
#include "unit/backend/every_rule.h"

namespace vuurmuur::backend {
namespace {

using net::Family;

/// Table name to its rule lines, in the order of the text.
using RuleLines = std::map<std::string, std::vector<std::string>>;

RuleLines rule_lines(std::string_view save) {
  RuleLines lines;
  std::string table;
  for (const std::string_view line : base::split(save, '\n')) {
    if (line.starts_with('*')) table = line.substr(1);
    if (line.starts_with("-A")) lines[table].emplace_back(line);
  }
  return lines;
}

/// The line with the protocol by its name in /etc/protocols: iptables 1.8.9 prints all names, 1.8.11 few of them.
std::string with_protocol_name(std::string line) {
  constexpr std::string_view kOption = " -p ";
  const std::size_t option = line.find(kOption);
  if (option == std::string::npos) return line;
  const std::size_t begin = option + kOption.size(), size = line.find(' ', begin) - begin;
  const auto number = base::parse_number<int>(std::string_view(line).substr(begin, size));
  if (!number) return line;
  const protoent* const protocol = ::getprotobynumber(*number);
  return protocol == nullptr ? line : line.replace(begin, size, protocol->p_name);
}

/// The rules of the namespace that the thread is in. All tables are named, because the list of those in use cannot be
/// read in a user namespace.
RuleLines kernel_lines(Family family) {
  std::string text;
  for (const char* table : {"raw", "mangle", "nat", "filter"})
    text += lab::run_ok({family == Family::Ipv4 ? "iptables-legacy-save" : "ip6tables-legacy-save", "-t", table});
  RuleLines lines = rule_lines(text);
  for (auto& [table, rules] : lines)
    for (std::string& rule : rules) rule = with_protocol_name(std::move(rule));
  return lines;
}

void restore(Family family, std::string_view text) {
  lab::run_ok({family == Family::Ipv4 ? "iptables-legacy-restore" : "ip6tables-legacy-restore"}, text);
}

/// libiptc of one family behind one name.
struct Ipv4Tc {
  static constexpr Family kFamily = Family::Ipv4;
  using Entry = ipt_entry;
  static constexpr auto init = iptc_init, free = iptc_free;
  static constexpr auto create_chain = iptc_create_chain;
  static constexpr auto append = iptc_append_entry;
  static constexpr auto commit = iptc_commit;
  static constexpr auto first_chain = iptc_first_chain, next_chain = iptc_next_chain;
  static constexpr auto first_rule = iptc_first_rule, next_rule = iptc_next_rule;
  static constexpr auto target = iptc_get_target;
  static constexpr auto strerror = iptc_strerror;
};

struct Ipv6Tc {
  static constexpr Family kFamily = Family::Ipv6;
  using Entry = ip6t_entry;
  static constexpr auto init = ip6tc_init, free = ip6tc_free;
  static constexpr auto create_chain = ip6tc_create_chain;
  static constexpr auto append = ip6tc_append_entry;
  static constexpr auto commit = ip6tc_commit;
  static constexpr auto first_chain = ip6tc_first_chain, next_chain = ip6tc_next_chain;
  static constexpr auto first_rule = ip6tc_first_rule, next_rule = ip6tc_next_rule;
  static constexpr auto target = ip6tc_get_target;
  static constexpr auto strerror = ip6tc_strerror;
};

/// Compares line by line, so that a failure shows the line.
void check_same(const RuleLines& seen, const RuleLines& expected) {
  REQUIRE(seen.size() == expected.size());
  for (const auto& [table, lines] : expected) {
    INFO(table);
    REQUIRE(seen.contains(table));
    const auto& others = seen.at(table);
    for (std::size_t i = 0; i < std::min(lines.size(), others.size()); ++i) CHECK(others[i] == lines[i]);
    CHECK(others.size() == lines.size());
  }
}

/// The bytes of an entry. Behind the final NUL of the names of its parts programs and kernel leave what was there
/// before: cleared here.
template <class Entry>
std::vector<std::byte> bytes_of(const Entry& entry) {
  const auto* data = reinterpret_cast<const std::byte*>(&entry);
  std::vector<std::byte> bytes(data, data + entry.next_offset);
  for (std::size_t offset = sizeof(Entry); offset < bytes.size();) {
    auto& part = *reinterpret_cast<xt_entry_match*>(bytes.data() + offset);
    char* name = part.u.user.name;
    const std::size_t length = ::strnlen(name, sizeof part.u.user.name);
    std::memset(name + length, 0, sizeof part.u.user.name - length);
    offset += part.u.match_size;
  }
  return bytes;
}

/// Loads a ruleset through libiptc, rule by rule as encode_entry() makes them.
template <class Tc>
void load_entries(const ir::Ruleset& ruleset) {
  std::vector<std::byte> entry;
  for (const ir::Table& table : ruleset.rules(Tc::kFamily).tables) {
    auto* handle = Tc::init(std::string(ir::to_string(table.name())).c_str());
    REQUIRE(handle != nullptr);
    for (const ir::Chain& chain : table.chains())
      if (chain.kind != ir::ChainKind::Builtin) REQUIRE(Tc::create_chain(chain.name.c_str(), handle));
    for (const ir::Chain& chain : table.chains())
      for (const ir::Rule& rule : chain.rules) {
        encode_entry(ruleset, table, Tc::kFamily, rule, {}, entry);
        INFO(rule_text(ruleset, table, Tc::kFamily, rule));
        REQUIRE(Tc::append(chain.name.c_str(), reinterpret_cast<const typename Tc::Entry*>(entry.data()), handle));
      }
    const bool committed = Tc::commit(handle);
    INFO(ir::to_string(table.name()) << ": " << Tc::strerror(errno));
    CHECK(committed);
    Tc::free(handle);
  }
}

/// A rule of the kernel: its line as the decoder gives it, and its bytes.
struct KernelRule {
  std::string line;
  std::vector<std::byte> bytes;
};

template <class Tc>
std::map<std::string, std::vector<KernelRule>> read_entries() {
  std::map<std::string, std::vector<KernelRule>> rules;
  for (const char* table : {"raw", "mangle", "nat", "filter"}) {
    auto* handle = Tc::init(table);
    REQUIRE(handle != nullptr);
    for (const char* chain = Tc::first_chain(handle); chain != nullptr; chain = Tc::next_chain(handle))
      for (const auto* rule = Tc::first_rule(chain, handle); rule != nullptr; rule = Tc::next_rule(rule, handle)) {
        const std::string text = entry_text(Tc::kFamily, rule, Tc::target(rule, handle));
        rules[table].push_back({"-A " + std::string(chain) + " " + text, bytes_of(*rule)});
      }
    Tc::free(handle);
  }
  return rules;
}

template <class Tc>
RuleLines decoded_lines() {
  RuleLines lines;
  for (const auto& [table, rules] : read_entries<Tc>())
    for (const KernelRule& rule : rules) lines[table].push_back(rule.line);
  return lines;
}

}  // namespace

TEMPLATE_TEST_CASE("iptables gives back every rule as we print it", "", Ipv4Tc, Ipv6Tc) {
  lab::enter_laboratory();
  const lab::NetNamespace space;
  const lab::Inside inside(space);
  const ir::Ruleset ruleset = backend_test::every_rule(TestType::kFamily);
  const std::string text = iptables_save(ruleset, TestType::kFamily);
  restore(TestType::kFamily, text);
  check_same(kernel_lines(TestType::kFamily), rule_lines(text));
}

TEMPLATE_TEST_CASE("an encoded rule is the same to iptables as its text", "", Ipv4Tc, Ipv6Tc) {
  lab::enter_laboratory();
  const ir::Ruleset ruleset = backend_test::every_rule(TestType::kFamily);
  const lab::NetNamespace by_entries, by_text;
  const lab::Inside inside(by_entries);
  load_entries<TestType>(ruleset);
  const std::string text = iptables_save(ruleset, TestType::kFamily);
  check_same(kernel_lines(TestType::kFamily), rule_lines(text));

  // Not only the print: the kernel holds the same bytes as after iptables-restore.
  const auto ours = read_entries<TestType>();
  const lab::Inside other(by_text);
  restore(TestType::kFamily, text);
  const auto theirs = read_entries<TestType>();
  REQUIRE(ours.size() == theirs.size());
  for (const auto& [table, rules] : ours) {
    const auto& expected = theirs.at(table);
    REQUIRE(rules.size() == expected.size());
    for (std::size_t i = 0; i < rules.size(); ++i) {
      INFO(table << ": " << rules[i].line);
      CHECK(rules[i].bytes == expected[i].bytes);
    }
  }
}

TEMPLATE_TEST_CASE("a rule read back from the kernel is shown as its text", "", Ipv4Tc, Ipv6Tc) {
  lab::enter_laboratory();
  const lab::NetNamespace space;
  const lab::Inside inside(space);
  const ir::Ruleset ruleset = backend_test::every_rule(TestType::kFamily);
  load_entries<TestType>(ruleset);
  check_same(decoded_lines<TestType>(), rule_lines(iptables_save(ruleset, TestType::kFamily)));
}

TEMPLATE_TEST_CASE("queues up to the last one are loaded, also where iptables cannot read the range", "", Ipv4Tc,
                   Ipv6Tc) {
  lab::enter_laboratory();
  const lab::NetNamespace space;
  const lab::Inside inside(space);
  backend_test::Builder builder(TestType::kFamily);
  builder.add_target(ir::NfqueueTarget{.first = 1, .last = 65535});
  load_entries<TestType>(builder.result());
  const RuleLines expected{{"filter", {"-A INPUT -j VRMR-INPUT", "-A VRMR-INPUT -j NFQUEUE --queue-balance 1:65535"}}};
  check_same(decoded_lines<TestType>(), expected);
  check_same(kernel_lines(TestType::kFamily), expected);
}

TEMPLATE_TEST_CASE("rules of others with parts that we never use are shown by name", "", Ipv4Tc, Ipv6Tc) {
  lab::enter_laboratory();
  const lab::NetNamespace space;
  const lab::Inside inside(space);
  const std::string net = TestType::kFamily == Family::Ipv4 ? "192.0.2.0/24" : "2001:db8::/32";
  const std::string icmp = TestType::kFamily == Family::Ipv4 ? "icmp" : "ipv6-icmp";
  restore(TestType::kFamily,
          "*filter\n:F2B - [0:0]\n:F2B2 - [0:0]\n"
          "-A INPUT ! -s " +
              net + " ! -d " + net +
              " ! -i lo -p tcp -m multiport --dports 22,80 -j F2B\n"
              "-A INPUT ! -p " +
              icmp +
              " -m conntrack ! --ctstate NEW -j RETURN\n"
              "-A INPUT -m state --state NEW\n"
              "-A INPUT -m statistic --mode random --probability 0.5 -m comment --comment half -j LOG\n"
              "-A INPUT -p tcp -m tcp ! --dport 22 -j NFQUEUE --queue-num 4\n"
              "-A F2B -g F2B2\n"
              "-A F2B2 -m limit --limit 1/sec -j RETURN\nCOMMIT\n");
  const RuleLines lines = decoded_lines<TestType>();
  REQUIRE(lines.contains("filter"));
  CHECK(lines.at("filter") ==
        std::vector<std::string>{
            "-A INPUT ! -s " + net + " ! -d " + net + " ! -i lo -p tcp -m multiport [rev 1] -j F2B",
            "-A INPUT ! -p " + icmp + " -m conntrack [rev 3] -j RETURN",
            "-A INPUT -m conntrack [rev 3]",
            "-A INPUT -m statistic [rev 0] -m comment --comment half -j LOG [rev 0]",
            "-A INPUT -p tcp -m tcp [rev 0] -j NFQUEUE --queue-num 4",
            "-A F2B -g F2B2",
            "-A F2B2 -m limit --limit 1/sec -j RETURN",
        });
}

TEST_CASE("the script loads the ruleset, again and over an older one, and leaves the rules of others") {
  lab::enter_laboratory();
  const lab::NetNamespace space;
  const lab::Inside inside(space);
  const std::string others =
      "*nat\n:VRMR-OLD - [0:0]\n:DOCKER - [0:0]\n-A PREROUTING -j VRMR-OLD\n-A PREROUTING -j DOCKER\nCOMMIT\n"
      "*filter\n:DOCKER - [0:0]\n:PRE-VRMR-INPUT - [0:0]\n:VRMR-INPUT - [0:0]\n:VRMR-OLD - [0:0]\n"
      "-A INPUT -p tcp -m comment --comment \"not -j VRMR-OLD\" -j DOCKER\n"
      "-A INPUT -j VRMR-INPUT\n-A PRE-VRMR-INPUT -s 192.0.2.9/32 -j DROP\n-A VRMR-INPUT -j VRMR-OLD\n-A VRMR-OLD -j "
      "DROP\n"
      "-A DOCKER -g VRMR-OLD\nCOMMIT\n";
  restore(Family::Ipv4, others);

  ir::Ruleset ruleset;
  const ir::OriginId origin = ruleset.add_origin("rule 1: it's $HOME `x`");
  for (const Family family : net::kFamilies) {
    ir::Table& filter = ruleset.rules(family).table(ir::TableName::Filter);
    const ir::ChainId input = filter.chain_named("VRMR-INPUT");
    filter.append(filter.builtin(ir::Hook::Input),
                  {.target = ir::JumpTarget{input}, .origin = origin, .commented = false});
    filter.append(input, {.target = ir::JumpTarget{filter.chain_named("PRE-VRMR-INPUT", ir::ChainKind::Foreign)},
                          .origin = origin,
                          .commented = false});
    filter.append(input, {.in_interface = "lo", .target = ir::AcceptTarget{}, .origin = origin});
    filter.chain(filter.builtin(ir::Hook::Input)).policy_drop = true;
  }
  ruleset.sysctls = {{"net/ipv4/ip_forward", "1", true}, {"net/ipv4/conf/all/rp_filter", "2", false}};

  const std::string script = shell_script(ruleset);
  for (int run = 0; run < 2; ++run) {
    INFO("run " << run);
    lab::run_ok(
        {"env", "IPTABLES_RESTORE=iptables-legacy-restore", "IP6TABLES_RESTORE=ip6tables-legacy-restore", "sh", "-s"},
        script);
    check_same(kernel_lines(Family::Ipv4),
               {{"nat", {"-A PREROUTING -j DOCKER"}},
                {"filter",
                 {"-A INPUT -p tcp -m comment --comment \"not -j VRMR-OLD\" -j DOCKER", "-A INPUT -j VRMR-INPUT",
                  "-A PRE-VRMR-INPUT -s 192.0.2.9/32 -j DROP", "-A VRMR-INPUT -j PRE-VRMR-INPUT",
                  "-A VRMR-INPUT -i lo -m comment --comment \"rule 1: it_s $HOME `x`\" -j ACCEPT"}}});
    check_same(kernel_lines(Family::Ipv6),
               {{"filter",
                 {"-A INPUT -j VRMR-INPUT", "-A VRMR-INPUT -j PRE-VRMR-INPUT",
                  "-A VRMR-INPUT -i lo -m comment --comment \"rule 1: it_s $HOME `x`\" -j ACCEPT"}}});
    for (const char* program : {"iptables-legacy-save", "ip6tables-legacy-save"}) {
      const std::string save = lab::run_ok({program, "-t", "filter"});
      CHECK(save.find(":INPUT DROP ") != std::string::npos);
      CHECK(save.find("VRMR-OLD -") == std::string::npos);
    }
    CHECK(lab::run_ok({"cat", "/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv4/conf/all/rp_filter"}) == "1\n2\n");
  }
}

}  // namespace vuurmuur::backend
