// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "diag/source.h"
#include "net/address.h"

namespace vuurmuur::saved {

/// A word that begins with dashes, and those that follow it: "! --dport 80", "--tcp-flags FIN,SYN SYN".
struct Option {
  std::string name;  ///< with its dashes; those of iptables(8) itself in the short form ("-s", not "--source")
  bool is_inverted = false;
  std::vector<std::string> values;
  diag::Span span;
};

/// "-m limit --limit 3/min".
struct Match {
  std::string name;  ///< empty for what belongs to iptables(8) itself, and to a protocol that is asked for by -p alone
  std::vector<Option> options;
  diag::Span span;
};

/// A line that begins with -A.
struct Rule {
  std::vector<Match> matches;  ///< what a packet must be like
  std::string target;          ///< what then becomes of it, or the chain it goes to; empty: it is only counted
  bool is_goto = false;        ///< -g, not -j
  std::vector<Option> target_options;
  diag::Span span;
};

struct Chain {
  std::string name;
  std::string policy;  ///< "ACCEPT", "DROP"; empty for a chain of the user's
  std::vector<Rule> rules;
  diag::Span span;
};

struct Table {
  std::string name;
  std::vector<Chain> chains;

  /// The place of a chain in `chains`.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view chain) const;
  Chain& add(std::string_view chain);

 private:
  /// So that a name is looked up without being copied.
  struct HashOfName {
    using is_transparent = void;
    [[nodiscard]] std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
  };
  std::unordered_map<std::string, std::size_t, HashOfName, std::equal_to<>> places_;
};

/// What iptables-save(8) or ip6tables-save(8) have written of one family.
struct Ruleset {
  std::vector<Table> tables;

  [[nodiscard]] const Table* find(std::string_view table) const;
  /// Whose rules they are, by the first address or ICMP that a rule names; IPv4 when none does.
  [[nodiscard]] net::Family family() const;
};

}  // namespace vuurmuur::saved
