// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/iptables_save.h"

#include <algorithm>
#include <vector>

#include "backend/comment_char.h"
#include "backend/cut_text.h"
#include "backend/protocol_name.h"
#include "backend/rule_parts.h"
#include "backend/save_text.h"

namespace vuurmuur::backend {
namespace {

void append_address(std::string& out, std::string_view option, const std::optional<net::Prefix>& prefix) {
  if (!prefix || prefix->is_any()) return;
  out += option;
  out += prefix->to_string();
  out += ' ';
}

void append_interface(std::string& out, std::string_view option, const std::string& name) {
  if (name.empty() || name == "+") return;
  out += option;
  out += name;
  out += ' ';
}

std::string_view chain_of(const ir::Table& table, const ir::Target& target) {
  if (const auto* jump = std::get_if<ir::JumpTarget>(&target)) return table.chain(jump->chain).name;
  if (const auto* jump = std::get_if<ir::GotoTarget>(&target)) return table.chain(jump->chain).name;
  return {};
}

void append_rule(std::string& out, const ir::Ruleset& ruleset, const ir::Table& table, net::Family family,
                 const ir::Rule& rule, const TextOptions& options) {
  append_address(out, "-s ", rule.source);
  append_address(out, "-d ", rule.destination);
  append_interface(out, "-i ", rule.in_interface);
  append_interface(out, "-o ", rule.out_interface);
  if (rule.protocol && *rule.protocol != net::Protocol{}) {
    out += "-p ";
    out += protocol_name(static_cast<std::uint8_t>(*rule.protocol));
    out += ' ';
  }
  if (rule.fragment) out += "-f ";
  for (const ir::Match& match : rule.matches) append_match(out, family, match);
  if (const std::string comment = comment_text(ruleset, rule, options); !comment.empty()) append_comment(out, comment);
  append_target(out, family, rule.target, chain_of(table, rule.target));
  out.pop_back();
}

std::string_view policy_word(const ir::Chain& chain) {
  if (chain.kind != ir::ChainKind::Builtin) return "-";
  return chain.policy_drop ? "DROP" : "ACCEPT";
}

void append_table(std::string& out, const ir::Ruleset& ruleset, net::Family family, const ir::Table& table,
                  const TextOptions& options) {
  out += '*';
  out += ir::to_string(table.name());
  out += '\n';
  const auto order = chains_in_order(table);
  for (const ir::Chain* chain : order) append_chain_line(out, *chain);
  append_rule_lines(out, ruleset, family, table, order, options);
  out += "COMMIT\n";
}

}  // namespace

std::vector<const ir::Chain*> chains_in_order(const ir::Table& table) {
  std::vector<const ir::Chain*> order;
  order.reserve(table.chains().size());
  for (const ir::Chain& chain : table.chains()) order.push_back(&chain);
  const auto others = std::stable_partition(order.begin(), order.end(),
                                            [](const ir::Chain* c) { return c->kind == ir::ChainKind::Builtin; });
  std::sort(others, order.end(), [](const ir::Chain* a, const ir::Chain* b) { return a->name < b->name; });
  return order;
}

void append_chain_line(std::string& out, const ir::Chain& chain) {
  out += ':';
  out += chain.name;
  out += ' ';
  out += policy_word(chain);
  out += " [0:0]\n";
}

void append_rule_lines(std::string& out, const ir::Ruleset& ruleset, net::Family family, const ir::Table& table,
                       const std::vector<const ir::Chain*>& chains, const TextOptions& options) {
  for (const ir::Chain* chain : chains) {
    for (const ir::Rule& rule : chain->rules) {
      out += "-A ";
      out += chain->name;
      out += ' ';
      append_rule(out, ruleset, table, family, rule, options);
      out += '\n';
    }
  }
}

std::string comment_text(const ir::Ruleset& ruleset, const ir::Rule& rule, const TextOptions& options) {
  if (!options.comments || !rule.commented) return {};
  return comment_text(ruleset, rule.origin);
}

std::string comment_text(const ir::Ruleset& ruleset, ir::OriginId origin) {
  std::string text;
  append_comment_text(text, ruleset, origin);
  return text;
}

void append_comment_text(std::string& out, const ir::Ruleset& ruleset, ir::OriginId origin) {
  const std::string& label = ruleset.origin(origin).label;
  const auto begin = static_cast<std::ptrdiff_t>(out.size());
  if (label.size() <= kMaxComment) {
    out += label;
  } else {
    std::string text = label;
    cut_text(text, kMaxComment);
    out += text;
  }
  std::transform(out.begin() + begin, out.end(), out.begin() + begin, comment_char);
}

std::string rule_text(const ir::Ruleset& ruleset, const ir::Table& table, net::Family family, const ir::Rule& rule,
                      const TextOptions& options) {
  std::string out;
  append_rule(out, ruleset, table, family, rule, options);
  return out;
}

std::string iptables_save(const ir::Ruleset& ruleset, net::Family family, const TextOptions& options) {
  std::string out;
  for (const ir::Table& table : ruleset.rules(family).tables)
    if (!table.is_empty()) append_table(out, ruleset, family, table, options);
  return out;
}

}  // namespace vuurmuur::backend
