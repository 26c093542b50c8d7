// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ir/marks.h"
#include "ir/match.h"
#include "ir/name_index.h"
#include "ir/origin.h"
#include "ir/set.h"
#include "ir/target.h"
#include "net/address.h"
#include "net/ports.h"

namespace vuurmuur::ir {

/// A rule: all of its conditions hold, then the target. The fields up to `fragment` are those of struct ipt_ip.
struct Rule {
  // The empty initialisers let designated ones leave a member out without a warning.
  std::string in_interface{}, out_interface{};         ///< empty: any
  std::optional<net::Prefix> source{}, destination{};  ///< network form; nothing: any
  std::optional<net::Protocol> protocol{};
  bool fragment = false;  ///< "-f": second and later fragments (IPv4)
  std::vector<Match> matches{};
  Target target{};
  OriginId origin{};
  /// Whether the rule carries its origin as a comment match.
  bool commented = true;

  auto operator<=>(const Rule&) const = default;
};

/// The built-in chains.
enum class Hook : std::uint8_t { Prerouting, Input, Forward, Output, Postrouting };
[[nodiscard]] std::string_view to_string(Hook hook);  ///< "PREROUTING"

/// Whose chain it is.
enum class ChainKind : std::uint8_t {
  Builtin,  ///< the kernel's; others may have rules in it. Ours in it are just jumps to our chains.
  Own,      ///< made, filled and removed by us: the name begins with kOwnPrefix
  Foreign,  ///< made when missing, its content never touched
};

/// What names of our own chains begin with.
inline constexpr std::string_view kOwnPrefix = "VRMR-";
/// Longest name of a chain that iptables takes (28 characters; the kernel has 32 bytes with the final NUL).
inline constexpr std::size_t kMaxChainName = 28;

struct Chain {
  std::string name;
  ChainKind kind = ChainKind::Own;
  std::optional<Hook> hook;  ///< of a built-in chain
  bool policy_drop = false;  ///< of a built-in chain: DROP instead of ACCEPT
  std::vector<Rule> rules;   ///< empty for foreign chains
  bool operator==(const Chain&) const = default;
};

enum class TableName : std::uint8_t { Raw, Mangle, Nat, Filter };
inline constexpr std::array<TableName, 4> kTables{TableName::Raw, TableName::Mangle, TableName::Nat, TableName::Filter};
[[nodiscard]] std::string_view to_string(TableName table);  ///< "filter"

/// The built-in chains of a table, in the order in which iptables-save prints them.
[[nodiscard]] std::vector<Hook> hooks_of(TableName table);

/// A table of one family. Chains keep the order in which they were made; the built-in ones come first.
class Table {
 public:
  Table() = default;
  /// With its built-in chains, policy ACCEPT.
  explicit Table(TableName name);

  [[nodiscard]] TableName name() const { return name_; }
  [[nodiscard]] const std::vector<Chain>& chains() const { return chains_; }
  [[nodiscard]] Chain& chain(ChainId id);
  [[nodiscard]] const Chain& chain(ChainId id) const;
  /// The built-in chain of a hook; the table must have it.
  [[nodiscard]] ChainId builtin(Hook hook) const;
  [[nodiscard]] std::optional<ChainId> find(std::string_view chain_name) const;
  /// The chain of that name, made when missing.
  ChainId chain_named(std::string_view chain_name, ChainKind kind = ChainKind::Own);
  /// Appends a rule. Invalidates references to the chain's rules only.
  void append(ChainId id, Rule rule) { chain(id).rules.push_back(std::move(rule)); }
  /// Whether no chain has a rule and no policy is DROP: the table need not be touched.
  [[nodiscard]] bool is_empty() const;
  [[nodiscard]] std::size_t rule_count() const;
  /// Drops own chains for which `keep` is false (by ChainId) and renumbers the jumps; no kept rule may lead to one.
  void retain_chains(const std::vector<bool>& keep);

  bool operator==(const Table& other) const { return name_ == other.name_ && chains_ == other.chains_; }

 private:
  TableName name_ = TableName::Filter;
  std::vector<Chain> chains_;
  NameIndex by_name_;
};

/// The tables of one family, in the order raw, mangle, nat, filter.
struct FamilyRules {
  net::Family family = net::Family::Ipv4;
  std::array<Table, 4> tables{Table(TableName::Raw), Table(TableName::Mangle), Table(TableName::Nat),
                              Table(TableName::Filter)};

  [[nodiscard]] Table& table(TableName name) { return tables[static_cast<std::size_t>(name)]; }
  [[nodiscard]] const Table& table(TableName name) const { return tables[static_cast<std::size_t>(name)]; }
  bool operator==(const FamilyRules&) const = default;
};

/// A kernel setting: a file below /proc/sys and what is to stand in it.
struct Sysctl {
  std::string path;   ///< "net/ipv4/ip_forward"
  std::string value;  ///< "1"
  /// Written after the rules are in force (forwarding), not before them.
  bool after_rules = false;
  bool operator==(const Sysctl&) const = default;
};

/// The whole result of a compile: what the kernel is to hold.
struct Ruleset {
  FamilyRules ipv4{.family = net::Family::Ipv4};
  FamilyRules ipv6{.family = net::Family::Ipv6};
  /// The sets of both families that rules ask, each name once.
  std::vector<Set> sets;
  std::vector<Sysctl> sysctls;
  /// Addresses whose live connections an apply ends (the blocklist).
  std::vector<net::Prefix> blocked;
  std::vector<Origin> origins;
  /// Which bits of a connection's mark are ours.
  MarkLayout marks{};

  [[nodiscard]] FamilyRules& rules(net::Family family) { return family == net::Family::Ipv4 ? ipv4 : ipv6; }
  [[nodiscard]] const FamilyRules& rules(net::Family family) const { return family == net::Family::Ipv4 ? ipv4 : ipv6; }
  [[nodiscard]] const Origin& origin(OriginId id) const { return origins.at(static_cast<std::size_t>(id)); }
  /// The set of that name; null when there is none. Takes time in proportion to the number of sets.
  [[nodiscard]] const Set* find_set(std::string_view name) const;
  OriginId add_origin(std::string label, std::string place = {});
  [[nodiscard]] std::size_t rule_count() const;
  bool operator==(const Ruleset&) const = default;
};

}  // namespace vuurmuur::ir
