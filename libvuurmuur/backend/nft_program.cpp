// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/nft_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "backend/nft_counting.h"
#include "backend/nft_helpers.h"
#include "backend/nft_known.h"
#include "backend/nft_maps.h"
#include "backend/nft_names.h"
#include "backend/nft_sets.h"
#include "backend/nft_statements.h"
#include "base/assert.h"

namespace vuurmuur::backend::nft {
namespace {

constexpr Index kNowhere = UINT32_MAX;

/// linux/netfilter_ipv4.h, enum nf_ip_hook_priorities; those of IPv6 are the same.
constexpr std::int32_t kRawPriority = -300, kMangle = -150, kDestinationNat = -100, kFilterPriority = 0,
                       kSourceNat = 100;
/// Right behind conntrack (-200), which gives a packet the connection that a helper is set on.
constexpr std::int32_t kHelperPriority = -199;

/// A table of the IR, or the part of table raw that sets helpers.
struct Part {
  const ir::Table& table;
  bool sets_helpers = false;

  [[nodiscard]] std::string name_of(std::string_view chain) const {
    if (!sets_helpers) return chain_name(table.name(), chain);
    const std::string name = chain_name(table.name(), chain);
    return "helper" + name.substr(name.find('_'));
  }

  [[nodiscard]] Base base_of(const ir::Chain& chain) const {
    Base base{.hook = *chain.hook, .policy_drop = chain.policy_drop};
    const bool leaves = base.hook == ir::Hook::Postrouting || base.hook == ir::Hook::Input;
    switch (table.name()) {
      case ir::TableName::Raw: base.priority = sets_helpers ? kHelperPriority : kRawPriority; break;
      case ir::TableName::Mangle:
        base.priority = kMangle;
        // A packet of the machine's own whose mark was changed is routed anew (iptable_mangle.c).
        if (base.hook == ir::Hook::Output) base.type = Base::Type::Route;
        break;
      case ir::TableName::Nat:
        base.priority = leaves ? kSourceNat : kDestinationNat;
        base.type = Base::Type::Nat;
        break;
      case ir::TableName::Filter: base.priority = kFilterPriority; break;
    }
    return base;
  }
};

/// What is the same for both families.
struct Labels {
  explicit Labels(const ir::Ruleset& ruleset) : counting(ruleset), counter_names(counting.label_count()) {}

  const std::string& counter_name_of(std::uint32_t label) {
    std::string& name = counter_names[label];
    if (name.empty()) name = counter_name(counting.label(label));
    return name;
  }

  Counting counting;
  std::vector<std::string> counter_names;  ///< by label; made on first use
};

class ProgramBuilder final : public Surroundings {
 public:
  ProgramBuilder(const ir::Ruleset& ruleset, net::Family family, const Options& options, Labels& labels)
      : ruleset_(ruleset), family_(family), options_(options), labels_(labels), counting_(labels.counting) {
    counter_of_label_.assign(counting_.label_count(), kNowhere);
    program_.family = family;
  }

  Program run() {
    const ir::FamilyRules& rules = ruleset_.rules(family_);
    const HelperSplit raw = split_helpers(rules.table(ir::TableName::Raw));
    const Part parts[] = {{raw.rest},
                          {raw.helpers, true},
                          {rules.table(ir::TableName::Mangle)},
                          {rules.table(ir::TableName::Nat)},
                          {rules.table(ir::TableName::Filter)}};
    add_sets();
    std::vector<std::vector<Index>> places;
    for (const Part& part : parts) places.emplace_back(part.table.chains().size(), kNowhere);
    for (const bool base : {true, false})
      for (std::size_t i = 0; i < std::size(parts); ++i) add_chains(parts[i], base, places[i]);
    for (std::size_t i = 0; i < std::size(parts); ++i) fill_chains(parts[i], places[i]);
    return std::move(program_);
  }

  [[nodiscard]] Index chain(ir::ChainId id) const override {
    const Index index = (*places_)[static_cast<std::size_t>(id)];
    VM_ASSERT(index != kNowhere);
    return index;
  }

  [[nodiscard]] Index set(const std::string& name) const override { return port_set_ ? *port_set_ : sets_.at(name); }
  [[nodiscard]] const Set& set_at(Index index) const override { return program_.sets[index]; }

  [[nodiscard]] Index meter(const ir::HashlimitMatch& match) override {
    std::string_view what = match.name;
    if (what.starts_with(ir::kOwnSetPrefix)) what.remove_prefix(what.find('-') + 1);
    const std::string name = fmt::format("{}-meter-{}-{}", ir::kOwnSetPrefix, what, match.source_length);
    const auto [found, is_new] = sets_.try_emplace(name, static_cast<Index>(program_.sets.size()));
    if (is_new)
      program_.sets.push_back({.name = name,
                               .kind = Set::Kind::Meters,
                               .key = {Field::Source},
                               .source_length = match.source_length,
                               .elements = {}});
    return found->second;
  }

  [[nodiscard]] Index helper(const std::string& name, net::Protocol protocol) override {
    const std::string object = helper_name(name, static_cast<std::uint8_t>(protocol));
    for (std::size_t i = 0; i < program_.helpers.size(); ++i)
      if (program_.helpers[i].name == object) return static_cast<Index>(i);
    program_.helpers.push_back({object, name, protocol});
    return static_cast<Index>(program_.helpers.size() - 1);
  }

 private:
  Index counter_of(ir::OriginId origin) {
    const std::uint32_t label = counting_.label_of(origin);
    Index& counter = counter_of_label_[label];
    if (counter == kNowhere) {
      counter = static_cast<Index>(program_.counters.size());
      program_.counters.push_back({labels_.counter_name_of(label), counting_.label(label)});
    }
    return counter;
  }

  void add_sets() {
    for (const ir::Set& set : ruleset_.sets) {
      if (set.family != family_) continue;
      if (!ir::has_port(set.key)) {
        sets_.emplace(set.name, add_set(set, {}));
        continue;
      }
      auto& by_protocol = port_sets_[set.name];
      for (const net::Protocol protocol : protocols_of(set)) by_protocol.emplace_back(protocol, add_set(set, protocol));
    }
  }

  Index add_set(const ir::Set& set, std::optional<net::Protocol> protocol) {
    program_.sets.push_back(make_set(
        set, protocol, [this](ir::OriginId origin) { return counter_of(origin); }, program_.counters));
    return static_cast<Index>(program_.sets.size() - 1);
  }

  void add_chains(const Part& part, bool base, std::vector<Index>& places) {
    const auto& chains = part.table.chains();
    for (std::size_t i = 0; i < chains.size(); ++i) {
      const ir::Chain& chain = chains[i];
      if ((chain.kind == ir::ChainKind::Builtin) != base) continue;
      // A hook is only taken where something is to be done there.
      if (base && chain.rules.empty() && !chain.policy_drop) continue;
      places[i] = static_cast<Index>(program_.chains.size());
      Chain made{.name = part.name_of(chain.name),
                 .base = {},
                 .is_foreign = chain.kind == ir::ChainKind::Foreign,
                 .rules = {}};
      if (base) made.base = part.base_of(chain);
      program_.chains.push_back(std::move(made));
    }
  }

  void fill_chains(const Part& part, const std::vector<Index>& places) {
    places_ = &places;
    const Counting::OfTable counting(counting_, part.table);
    const auto& chains = part.table.chains();
    for (std::size_t i = 0; i < chains.size(); ++i) {
      if (places[i] == kNowhere || chains[i].kind == ir::ChainKind::Foreign) continue;
      std::vector<Rule>& to = program_.chains[places[i]].rules;
      to.reserve(chains[i].rules.size());
      for (const ir::Rule& rule : chains[i].rules) {
        const bool counts = chains[i].kind == ir::ChainKind::Own && counting.counts(rule);
        const auto* match = rule.matches.empty() ? nullptr : std::get_if<ir::SetMatch>(&rule.matches.back());
        if (match != nullptr && ir::has_port(match->key))
          add_by_protocol(to, rule, *match, counts);
        else
          add(to, rule, counts);
      }
    }
  }

  void add(std::vector<Rule>& to, const ir::Rule& rule, bool counts) {
    to.push_back(translate(rule, counts));
    if (auto full = when_full(to.back())) to.push_back(std::move(*full));
  }

  /// A rule that asks a set with ports: one for each protocol in the set; and when it asks who is not in the set, one
  /// for packets of no such protocol, which have no port that could be in it.
  void add_by_protocol(std::vector<Rule>& to, const ir::Rule& rule, const ir::SetMatch& match, bool counts) {
    const auto& sets = port_sets_.at(match.set);
    for (const auto& [protocol, set] : sets) {
      if (rule.protocol && *rule.protocol != protocol) continue;
      ir::Rule one = rule;
      one.protocol = protocol;
      port_set_ = set;
      add(to, one, counts);
      port_set_.reset();
    }
    const auto is_in_set = [&](const auto& entry) { return rule.protocol == entry.first; };
    if (!match.inverted || std::ranges::any_of(sets, is_in_set)) return;
    ir::Rule others = rule;
    others.matches.pop_back();
    Rule made = translate(others, counts);
    std::vector<Statement> tests;
    for (const auto& [protocol, set] : sets)
      tests.push_back(NumberTest{Field::Protocol, Relation::NotEqual, static_cast<std::uint32_t>(protocol)});
    made.statements.insert(made.statements.begin(), tests.begin(), tests.end());
    to.push_back(std::move(made));
  }

  /// How many statements a rule becomes, as a rule.
  static std::size_t statements_of(const ir::Rule& rule) {
    std::size_t count = 1;
    for (const bool is_asked : {!rule.in_interface.empty(), !rule.out_interface.empty(), rule.source.has_value(),
                                rule.destination.has_value(), rule.protocol.has_value()})
      count += is_asked ? 1 : 0;
    for (const ir::Match& match : rule.matches) {
      const auto* tcp = std::get_if<ir::TcpMatch>(&match);
      count += tcp != nullptr && !tcp->source.is_any() ? 2 : 1;
    }
    return count;
  }

  Rule translate(const ir::Rule& rule, bool counts) {
    Rule made;
    if (options_.comments && rule.commented) made.comment = counting_.label(counting_.label_of(rule.origin));
    made.statements.reserve(statements_of(rule) + (counts ? 1 : 0));
    append_conditions(made.statements, *this, family_, rule);
    if (counts) made.statements.push_back(Count{counter_of(rule.origin)});
    append_target(made.statements, *this, family_, rule);
    return made;
  }

  /// The rule for sources that a meter has no room for: xt_hashlimit drops what it cannot measure, whereas a meter lets
  /// the rule that asks it not match. Behind that rule, a source that is measured is in the set.
  static std::optional<Rule> when_full(const Rule& rule) {
    const auto is_meter = [](const Statement& statement) { return std::holds_alternative<MeterTest>(statement); };
    const auto meter = std::ranges::find_if(rule.statements, is_meter);
    if (meter == rule.statements.end()) return std::nullopt;
    Rule full = rule;
    full.statements[static_cast<std::size_t>(meter - rule.statements.begin())] =
        SetTest{.set = std::get<MeterTest>(*meter).set, .is_inverted = true};
    return full;
  }

  const ir::Ruleset& ruleset_;
  net::Family family_;
  const Options& options_;
  Labels& labels_;
  const Counting& counting_;
  Program program_;
  std::vector<Index> counter_of_label_;
  std::unordered_map<std::string, Index> sets_;
  std::unordered_map<std::string, std::vector<std::pair<net::Protocol, Index>>> port_sets_;
  std::optional<Index> port_set_;               ///< the one of port_sets_ that the rule being translated asks
  const std::vector<Index>* places_ = nullptr;  ///< of the chains of the table that is being filled
};

}  // namespace

Program make_program(const ir::Ruleset& ruleset, net::Family family, const Options& options) {
  return std::move(make_programs(ruleset, {&family, 1}, options).front());
}

std::vector<Program> make_programs(const ir::Ruleset& ruleset, std::span<const net::Family> families,
                                   const Options& options) {
  Labels labels(ruleset);
  std::vector<Program> programs;
  for (const net::Family family : families) {
    Program& program = programs.emplace_back(ProgramBuilder(ruleset, family, options, labels).run());
    if (!options.shorten) continue;
    drop_known_conditions(program);
    use_maps(program);
  }
  return programs;
}

}  // namespace vuurmuur::backend::nft
