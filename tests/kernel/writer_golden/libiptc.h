// SPDX-License-Identifier: GPL-2.0-or-later
// Rules through libiptc and through the programs of iptables, for comparison with ours.
#pragma once
#include <libiptc/libiptc.h>
#include <netdb.h>
extern "C" {  // libip6tc.h does not say so itself
#include <libiptc/libip6tc.h>
}

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "backend/iptables_save.h"
#include "backend/xtables_entry.h"
#include "base/strings.h"
#include "lab/run.h"
#include "support/catch.h"

namespace vuurmuur::backend {

/// Table name to its rule lines, in the order of the text.
using RuleLines = std::map<std::string, std::vector<std::string>>;

inline RuleLines rule_lines(std::string_view save) {
  RuleLines lines;
  std::string table;
  for (const std::string_view line : base::split(save, '\n')) {
    if (line.starts_with('*')) table = line.substr(1);
    if (line.starts_with("-A")) lines[table].emplace_back(line);
  }
  return lines;
}

/// The line with the protocol by its name in /etc/protocols: iptables 1.8.9 prints all names, 1.8.11 few of them.
inline std::string with_protocol_name(std::string line) {
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
inline RuleLines kernel_lines(net::Family family) {
  std::string text;
  for (const char* table : {"raw", "mangle", "nat", "filter"})
    text += lab::run_ok({family == net::Family::Ipv4 ? "iptables-legacy-save" : "ip6tables-legacy-save", "-t", table});
  RuleLines lines = rule_lines(text);
  for (auto& [table, rules] : lines)
    for (std::string& rule : rules) rule = with_protocol_name(std::move(rule));
  return lines;
}

inline void restore(net::Family family, std::string_view text) {
  lab::run_ok({family == net::Family::Ipv4 ? "iptables-legacy-restore" : "ip6tables-legacy-restore"}, text);
}

/// libiptc of one family behind one name.
struct Ipv4Tc {
  static constexpr net::Family kFamily = net::Family::Ipv4;
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
  static constexpr net::Family kFamily = net::Family::Ipv6;
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
inline void check_same(const RuleLines& seen, const RuleLines& expected) {
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
void load_entries(const ir::Ruleset& ruleset, const SetIndices* sets = nullptr) {
  std::vector<std::byte> entry;
  for (const ir::Table& table : ruleset.rules(Tc::kFamily).tables) {
    auto* handle = Tc::init(std::string(ir::to_string(table.name())).c_str());
    REQUIRE(handle != nullptr);
    for (const ir::Chain& chain : table.chains())
      if (chain.kind != ir::ChainKind::Builtin) REQUIRE(Tc::create_chain(chain.name.c_str(), handle));
    for (const ir::Chain& chain : table.chains())
      for (const ir::Rule& rule : chain.rules) {
        encode_entry(ruleset, table, Tc::kFamily, rule, {.sets = sets}, entry);
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
std::map<std::string, std::vector<KernelRule>> read_entries(const SetIndices* sets = nullptr) {
  std::map<std::string, std::vector<KernelRule>> rules;
  for (const char* table : {"raw", "mangle", "nat", "filter"}) {
    auto* handle = Tc::init(table);
    REQUIRE(handle != nullptr);
    for (const char* chain = Tc::first_chain(handle); chain != nullptr; chain = Tc::next_chain(handle))
      for (const auto* rule = Tc::first_rule(chain, handle); rule != nullptr; rule = Tc::next_rule(rule, handle)) {
        const std::string text = entry_text(Tc::kFamily, rule, Tc::target(rule, handle), {.sets = sets});
        rules[table].push_back({"-A " + std::string(chain) + " " + text, bytes_of(*rule)});
      }
    Tc::free(handle);
  }
  return rules;
}

}  // namespace vuurmuur::backend
