// SPDX-License-Identifier: GPL-2.0-or-later
// Many rules that differ in nothing but addresses and port become one rule that asks a set, which takes a packet the
// same time whatever is in it: lists of hosts, hosts with ports, pairs of hosts. Rules of different origin share a set
// whose elements count each for its own. Expects that rules which could be left out are left out (merge-duplicates).
// Guarantees that every packet meets the same verdict and counts for the same origin as before.
#include <fmt/format.h>

#include <map>
#include <unordered_set>

#include "compile/passes.h"
#include "compile/rule_groups.h"

namespace vuurmuur::compile {
namespace {

/// What a set is made of for a group: the conditions in which its rules differ, and more where a set needs it.
struct Columns {
  bool source = false, destination = false, port = false;

  [[nodiscard]] std::optional<ir::SetKey> key() const {
    if (source && destination) return port ? ir::SetKey::SourcePortDestination : ir::SetKey::SourceDestination;
    if (source) return port ? ir::SetKey::SourcePort : ir::SetKey::Source;
    if (destination) return port ? ir::SetKey::DestinationPort : ir::SetKey::Destination;
    return std::nullopt;
  }
};

Columns columns_of(const std::vector<SetParts>& parts) {
  const SetParts& first = parts.front();
  Columns columns;
  for (const SetParts& each : parts) {
    columns.source |= each.source != first.source;
    columns.destination |= each.destination != first.destination;
    columns.port |= each.port != first.port;
  }
  // hash:ip,port,ip is looked up once, hash:net,net once for each pair of prefix lengths.
  if (columns.source && columns.destination) columns.port = first.port.has_value();
  // No set holds ports alone: they are looked up together with the one address.
  if (columns.port && !columns.source && !columns.destination) {
    columns.destination = first.destination.length != 0;
    columns.source = !columns.destination;
  }
  return columns;
}

/// Whether sets may count for several origins: what a set counts is taken as verdicts of table filter.
Origins origins_in(ir::TableName table) { return table == ir::TableName::Filter ? Origins::Any : Origins::Same; }

class ChainLists {
 public:
  ChainLists(Context& context, ir::Table& table) : context_(context), family_(context.family), table_(table) {
    for (const ir::Set& set : context.ruleset.sets) names_.insert(set.name);
  }

  void rewrite(ir::ChainId id) {
    const std::size_t fewest = context_.options.shape.set_elements;
    if (table_.chain(id).rules.size() <= fewest) return;
    const RuleGroups groups = group_rules(table_.chain(id).rules, fewest, origins_in(table_.name()));
    // Nothing to bring together, or brought together it would still be what it is.
    if (groups.size() == 0 || groups.size() == groups.rules.size()) return;
    std::vector<ir::Rule> rules = std::move(table_.chain(id).rules);
    std::vector<ir::Rule> result;
    result.reserve(rules.size());
    std::map<std::string, unsigned> uses;
    for (std::size_t at = 0; at < groups.size(); ++at) {
      const RuleGroup group = groups[at];
      if (group.size() > fewest)
        if (auto rule = rule_with_set(group, rules, table_.chain(id).name, uses)) {
          result.push_back(std::move(*rule));
          continue;
        }
      for (const std::uint32_t i : group) result.push_back(std::move(rules[i]));
    }
    table_.chain(id).rules = std::move(result);
  }

 private:
  std::optional<ir::Rule> rule_with_set(RuleGroup group, const std::vector<ir::Rule>& rules, const std::string& chain,
                                        std::map<std::string, unsigned>& uses) {
    std::vector<SetParts> parts;
    parts.reserve(group.size());
    for (const std::uint32_t i : group) parts.push_back(SetParts::of(rules[i]));
    const Columns columns = columns_of(parts);
    const ir::Rule& first = rules[group.front()];
    const auto key = columns.key();
    if (!key) return std::nullopt;

    ir::Set set{.name = {}, .family = family_, .key = *key, .elements = {}};
    set.elements.reserve(group.size());
    for (std::size_t i = 0; i < group.size(); ++i) {
      const ir::Rule& rule = rules[group[i]];
      ir::SetElement& element = set.elements.emplace_back(ir::SetElement{.origin = rule.origin});
      if (columns.source) element.source = parts[i].source.prefix(family_);
      if (columns.destination) element.destination = parts[i].destination.prefix(family_);
      if (columns.port) element.port = ir::ProtocolPort{*rule.protocol, *parts[i].port};
      set.is_counted |= rule.origin != first.origin;
    }
    if (context_.options.can_hold && !context_.options.can_hold(set)) return std::nullopt;

    ir::Rule rule = first;
    if (columns.port) rule = without_set_parts(rule);
    rule.source = columns.source ? std::nullopt : first.source;
    rule.destination = columns.destination ? std::nullopt : first.destination;
    if (set.is_counted) rule.commented = false;
    set.name = ir::set_name(set, purpose(set, rule, chain, uses));
    rule.matches.push_back(ir::SetMatch{.set = set.name, .key = set.key});
    if (names_.insert(set.name).second) context_.ruleset.sets.push_back(std::move(set));
    return rule;
  }

  /// Lists that count nothing are one wherever they are asked. Those that count are told apart, and keep their purpose
  /// when their content changes.
  std::string purpose(const ir::Set& set, const ir::Rule& rule, const std::string& chain,
                      std::map<std::string, unsigned>& uses) const {
    if (!set.is_counted) return "list";
    std::string text =
        fmt::format("{} {} {} {} {} {} {}", to_string(table_.name()), chain, rule.in_interface, rule.out_interface,
                    rule.protocol ? static_cast<int>(*rule.protocol) : -1, directions(set.key), rule.target.index());
    return fmt::format("{} {}", text, ++uses[text]);
  }

  Context& context_;
  net::Family family_;
  ir::Table& table_;
  std::unordered_set<std::string> names_;  ///< of sets that are there
};

}  // namespace

void pass_address_sets(Context& context) {
  for (ir::Table& table : context.rules().tables) {
    ChainLists lists(context, table);
      for (std::size_t i = 0; i < table.chains().size(); ++i)
        if (table.chains()[i].kind == ir::ChainKind::Own) lists.rewrite(static_cast<ir::ChainId>(i));
    }
}

}  // namespace vuurmuur::compile
