// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile/decision_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "compile/box.h"
#include "compile/tree_split.h"
#include "ir/walk.h"

namespace vuurmuur::compile {
namespace {

using Rules = std::vector<std::uint32_t>;

bool has_limit(const ir::Rule& rule) {
  return std::ranges::any_of(rule.matches,
                             [](const ir::Match& match) { return std::holds_alternative<ir::LimitMatch>(match); });
}

/// A chain that may be taken apart.
struct Root {
  ir::ChainId chain{};
  bool can_be_called = true;  ///< the rules may stand in a chain that comes back
};

/// The chains of a table that may be taken apart. What the chains that they go to decide is found out before any of
/// them changes.
std::vector<Root> find_roots(const ir::Table& table, std::size_t threshold) {
  DecidingChains deciding(table);
  std::vector<Root> roots;
  for (std::size_t i = 0; i < table.chains().size(); ++i) {
    const ir::Chain& chain = table.chains()[i];
    if (chain.kind != ir::ChainKind::Own || chain.rules.size() <= threshold) continue;
    Root root{.chain = static_cast<ir::ChainId>(i)};
    bool limit_goes = false;
    for (const ir::Rule& rule : chain.rules) {
      const auto* next = std::get_if<ir::GotoTarget>(&rule.target);
      if (next == nullptr || deciding.decides(next->chain)) continue;
      // A packet that such a chain lets go leaves the root too; called from a segment or a limit's chain it would not.
      root.can_be_called = false;
      limit_goes |= has_limit(rule);
    }
    if (!limit_goes) roots.push_back(root);
  }
  return roots;
}

class TreeBuilder {
 public:
  TreeBuilder(net::Family family, ir::Table& table, const Root& root, TreeFields fields, const TreeLimits& limits,
              ir::OriginId lead_origin)
      : family_(family),
        table_(table),
        root_(root.chain),
        base_name_(table.chain(root_).name),
        fields_(fields),
        limits_(limits),
        lead_origin_(lead_origin),
        rules_(std::move(table.chain(root_).rules)),
        can_be_called_(root.can_be_called) {
    if (fields.interfaces) asked_.insert(asked_.end(), {Field::In, Field::Out});
    if (fields.addresses) asked_.insert(asked_.end(), {Field::Source, Field::Destination});
    if (fields.services) asked_.insert(asked_.end(), {Field::Ports, Field::Protocol});
    boxes_.reserve(rules_.size());
    for (const ir::Rule& rule : rules_) boxes_.push_back(Box::of(rule, names_));
    limit_chains_.resize(rules_.size());
    uses_.resize(rules_.size(), 0);
  }

  void run() {
    if (take_apart_root())
      write_chains();
    else
      table_.chain(root_).rules = std::move(rules_);
  }

 private:
  /// False when the chain had better stay as it is; then nothing was done.
  bool take_apart_root() {
    Rules all(rules_.size());
    std::iota(all.begin(), all.end(), 0u);
    // What every packet is asked stays in front of the tree.
    const auto first =
        std::ranges::find_if(all, [this](std::uint32_t i) { return is_specific(boxes_[i]); }) - all.begin();
    const Rules body(all.begin() + first, all.end());
    const auto budget = static_cast<std::size_t>(static_cast<double>(body.size()) * limits_.growth) + kSpare;
    if (body.size() <= limits_.leaf) return false;
    Plan plan = make_plan(body, Box{}, budget);
    if (!plan.split && plan.cut == 0) return false;
    const Place root = add_place(root_);
    for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(first); ++i) add(root, {Entry::Kind::Rule, i});
    fill_root(root, body, budget, std::move(plan));
    return true;
  }

  /// A chain that is planned, by its place in places_. Chains get their rules at the end, when it is known how many
  /// each has and which place of a rule is its last.
  using Place = std::uint32_t;

  /// What stands in a chain.
  struct Entry {
    enum class Kind : std::uint8_t {
      Rule,     ///< of rules_
      Limited,  ///< the same, by way of the chain that has its limit
      Lead,     ///< of leads_
      Segment,  ///< jump to a place
    };
    Kind kind = Kind::Rule;
    std::uint32_t index = 0;
    std::uint32_t next = 0;  ///< the entry behind it in its chain
  };

  struct Planned {
    ir::ChainId chain{};
    std::uint32_t first = 0, last = 0, count = 0;  ///< its entries
  };

  /// A goto into a branch.
  struct Lead {
    Field field = Field::In;
    Box region;
    Place next = 0;
  };

  /// Added to what may be built, so that chains just above the threshold have room for the rules that lead on.
  static constexpr std::size_t kSpare = 16;
  /// Evaluations that a doubling of a subtree's rules must save.
  static constexpr double kGrowthPrice = 4.0;

  /// How a set of rules is taken apart: by a split, or by a cut in two segments, or not at all.
  struct Plan {
    std::optional<Split> split;
    std::size_t cut = 0;
  };

  bool is_specific(const Box& box) const {
    return (fields_.interfaces && (box.in != kAnyInterface || box.out != kAnyInterface)) ||
           (fields_.addresses && (box.source.length != 0 || box.destination.length != 0)) ||
           (fields_.services && box.protocol != 0);
  }

  /// About how many rules a packet is asked among `count` of them when they are taken apart further: two for each bit.
  double expected_cost(std::size_t count) const {
    if (count <= limits_.leaf) return static_cast<double>(count);
    return static_cast<double>(limits_.leaf) +
           2.0 * std::log2(static_cast<double>(count) / static_cast<double>(limits_.leaf));
  }

  /// What a split is worth: the rules a packet is asked on its worst way, and a price for growth. Nothing when it goes
  /// over the budget or does not get on.
  std::optional<double> price(const Split& split, const Rules& rules, std::size_t budget) const {
    std::vector<std::size_t> sizes(split.branches.size(), 0);
    std::size_t shared = 0, rest = 0;
    for (const std::uint32_t i : rules) {
      const Places places = split.places_of(boxes_[i], names_);
      if (places.everywhere) ++shared;
      if (places.rest) ++rest;
      places.each(split, boxes_[i], names_, [&sizes](std::size_t branch) { ++sizes[branch]; });
    }
    std::size_t total = rest + sizes.size();
    double worst = static_cast<double>(sizes.size()) + expected_cost(rest);
    std::size_t largest = rest;
    std::ranges::sort(sizes, std::greater<>());
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const std::size_t size = sizes[i] + shared;
      total += size;
      largest = std::max(largest, size);
      worst = std::max(worst, static_cast<double>(i + 1) + expected_cost(size));
    }
    if (total > budget || largest >= rules.size()) return std::nullopt;
    const double growth = std::max(0.0, static_cast<double>(total) / static_cast<double>(rules.size()) - 1.0);
    const double price = worst + kGrowthPrice * growth;
    if (price >= static_cast<double>(rules.size())) return std::nullopt;
    return price;
  }

  std::optional<Split> best_split(const Rules& rules, const Box& region, std::size_t budget) const {
    std::optional<Split> best;
    double lowest = 0;
    for (const Field field : asked_) {
      auto split = Split::make(field, rules, boxes_, region, names_);
      if (!split) continue;
      const auto value = price(*split, rules, budget);
      if (!value || (best && *value >= lowest)) continue;
      lowest = *value;
      best = std::move(split);
    }
    return best;
  }

  Plan make_plan(const Rules& rules, const Box& region, std::size_t budget) const {
    Plan plan{.split = best_split(rules, region, budget)};
    if (!plan.split && can_be_called_) plan.cut = best_cut(rules);
    return plan;
  }

  /// Where rules that one field takes apart end and those of another one begin; 0 when there is no such place.
  std::size_t best_cut(const Rules& rules) const {
    const auto asks = [this](Field field, const Box& box) {
      switch (field) {
        case Field::In: return box.in != kAnyInterface;
        case Field::Out: return box.out != kAnyInterface;
        case Field::Source: return box.source.length != 0;
        case Field::Destination: return box.destination.length != 0;
        case Field::Ports: return !box.ports.is_any();
        case Field::Protocol: return box.protocol != 0;
      }
      return false;
    };
    std::vector<std::vector<std::size_t>> before(asked_.size(), std::vector<std::size_t>(rules.size() + 1, 0));
    for (std::size_t f = 0; f < asked_.size(); ++f)
      for (std::size_t i = 0; i < rules.size(); ++i)
        before[f][i + 1] = before[f][i] + (asks(asked_[f], boxes_[rules[i]]) ? 1 : 0);
    std::size_t most = 0, place = 0;
    for (const auto& counts : before) most = std::max(most, counts.back());
    // A cut costs every packet that passes the first segment: an eighth of the rules must become separable by it.
    most += rules.size() / 8;
    for (std::size_t cut = limits_.leaf; cut + limits_.leaf <= rules.size(); ++cut) {
      std::size_t first = 0, second = 0;
      for (const auto& counts : before) {
        first = std::max(first, counts[cut]);
        second = std::max(second, counts.back() - counts[cut]);
      }
      if (first + second <= most) continue;
      most = first + second;
      place = cut;
    }
    return place;
  }

  /// The root, which may be cut in segments.
  void fill_root(Place root, const Rules& rules, std::size_t budget, Plan plan) {
    if (plan.cut == 0) return fill(root, rules, Box{}, budget, std::move(plan.split));
    const auto middle = rules.begin() + static_cast<std::ptrdiff_t>(plan.cut);
    const Rules first(rules.begin(), middle), second(middle, rules.end());
    const std::size_t part = budget * first.size() / rules.size();
    const Place segment = add_place(new_chain());
    add(root, {Entry::Kind::Segment, segment});
    fill_root(segment, first, part, make_plan(first, Box{}, part));
    fill_root(root, second, budget - part, make_plan(second, Box{}, budget - part));
  }

  struct Branch {
    Rules rules;
    Box region;
    /// A rule that covers the region and ends the matter is in it: nothing behind it can be met.
    bool is_closed = false;
    /// Its rules are in no other place.
    bool is_alone = true;
    bool is_fixed = false;  ///< stands behind those that are not
  };

  std::vector<Branch> take_apart(const Split& split, const Rules& rules, Rules& rest) const {
    std::vector<Branch> branches;
    branches.reserve(split.branches.size());
    for (const SplitBranch& branch : split.branches)
      branches.push_back({.rules = {}, .region = branch.region, .is_fixed = branch.is_fixed});
    const auto put = [this](Branch& branch, std::uint32_t i, bool alone) {
      if (branch.is_closed) return;
      branch.rules.push_back(i);
      if (!alone) branch.is_alone = false;
      if (leaves_chain(rules_[i].target) && covers(boxes_[i], branch.region, names_)) branch.is_closed = true;
    };
    for (const std::uint32_t i : rules) {
      const Places places = split.places_of(boxes_[i], names_);
      if (places.rest) rest.push_back(i);
      if (places.everywhere)
        for (Branch& branch : branches) put(branch, i, false);
      else
        places.each(split, boxes_[i], names_,
                    [&](std::size_t branch) { put(branches[branch], i, places.is_one && !places.rest); });
    }
    std::erase_if(branches, [](const Branch& branch) { return branch.rules.empty(); });
    std::ranges::stable_sort(branches, [](const Branch& a, const Branch& b) {
      if (a.is_fixed || b.is_fixed) return !a.is_fixed && b.is_fixed;
      return a.rules.size() > b.rules.size();
    });
    return branches;
  }

  /// Fills a chain so that a packet of the region meets what it would meet in `rules`.
  /// `split` is the first one when it is known already.
  void fill(Place place, Rules rules, Box region, std::size_t budget, std::optional<Split> split = {}) {
    while (rules.size() > limits_.leaf) {
      if (!split) split = best_split(rules, region, budget);
      if (!split) break;
      Rules rest;
      std::vector<Branch> branches = take_apart(*split, rules, rest);
      std::size_t total = rest.size();
      for (const Branch& branch : branches) total += branch.rules.size();
      const std::size_t needed = total + branches.size();
      const std::size_t spare = budget > needed ? budget - needed : 0;
      const auto share = [&](std::size_t size) { return size + spare * size / std::max<std::size_t>(total, 1); };
      // When every packet of the region is in one of the branches, the last needs no test.
      const bool runs_on = split->is_complete && rest.empty() && branches.size() == split->branches.size();
      for (std::size_t i = 0; i < branches.size(); ++i) {
        Branch& branch = branches[i];
        const std::size_t size = branch.rules.size();
        if (size == 1 && branch.is_alone) {
          append(place, branch.rules.front());
        } else if (runs_on && i + 1 == branches.size()) {
          rest = std::move(branch.rules);
          region = branch.region;
        } else {
          const Place next = place_for(std::move(branch.rules), branch.region, share(size));
          leads_.push_back({split->field, branch.region, next});
          add(place, {Entry::Kind::Lead, static_cast<std::uint32_t>(leads_.size() - 1)});
        }
      }
      budget = share(rest.size());
      rules = std::move(rest);
      split.reset();
    }
    for (const std::uint32_t i : rules) append(place, i);
  }

  /// The chain of a branch. Leaves with the same rules are one.
  Place place_for(Rules rules, const Box& region, std::size_t budget) {
    if (rules.size() > limits_.leaf) {
      const Place place = add_place(new_chain());
      fill(place, std::move(rules), region, budget);
      return place;
    }
    if (const auto made = leaves_.find(rules); made != leaves_.end()) return made->second;
    const Place place = add_place(new_chain());
    for (const std::uint32_t i : rules) append(place, i);
    leaves_.emplace(std::move(rules), place);
    return place;
  }

  ir::ChainId new_chain() {
    for (;;) {
      const std::string number = fmt::format("-{}", ++last_number_);
      std::string name = base_name_.substr(0, ir::kMaxChainName - number.size()) + number;
      if (!table_.find(name)) return table_.chain_named(name);
    }
  }

  Place add_place(ir::ChainId chain) {
    places_.push_back({.chain = chain});
    return static_cast<Place>(places_.size() - 1);
  }

  void add(Place place, Entry entry) {
    const auto number = static_cast<std::uint32_t>(entries_.size());
    entries_.push_back(entry);
    if (entry.kind == Entry::Kind::Rule) ++uses_[entry.index];
    Planned& planned = places_[place];
    if (planned.count++ == 0)
      planned.first = number;
    else
      entries_[planned.last].next = number;
    planned.last = number;
  }

  void append(Place place, std::uint32_t index) {
    if (!has_limit(rules_[index])) return add(place, {Entry::Kind::Rule, index});
    if (!limit_chains_[index]) limit_chains_[index] = limit_chain(rules_[index]);
    add(place, {Entry::Kind::Limited, index});
  }

  /// The limits and the target of a rule in a chain of their own: one bucket, however often the rule is asked.
  ir::ChainId limit_chain(const ir::Rule& rule) {
    const ir::ChainId chain = new_chain();
    ir::Rule inner{
        .protocol = rule.protocol, .target = rule.target, .origin = rule.origin, .commented = rule.commented};
    for (const ir::Match& match : rule.matches)
      if (std::holds_alternative<ir::LimitMatch>(match) || std::holds_alternative<ir::TcpMatch>(match))
        inner.matches.push_back(match);
    table_.append(chain, std::move(inner));
    return chain;
  }

  /// Writes down what was planned. A rule that stands in several places is moved to the last of them.
  void write_chains() {
    for (const Planned& planned : places_) {
      std::vector<ir::Rule> rules;
      rules.reserve(planned.count);
      std::uint32_t at = planned.first;
      for (std::uint32_t i = 0; i < planned.count; ++i, at = entries_[at].next) {
        const std::uint32_t index = entries_[at].index;
        switch (entries_[at].kind) {
          case Entry::Kind::Rule:
            if (--uses_[index] == 0)
              rules.push_back(std::move(rules_[index]));
            else
              rules.push_back(rules_[index]);
            break;
          case Entry::Kind::Limited: rules.push_back(limited(index)); break;
          case Entry::Kind::Lead: rules.push_back(lead(leads_[index])); break;
          case Entry::Kind::Segment:
            rules.push_back(
                {.target = ir::JumpTarget{places_[index].chain}, .origin = lead_origin_, .commented = false});
            break;
        }
      }
      table_.chain(planned.chain).rules = std::move(rules);
    }
  }

  ir::Rule lead(const Lead& planned) const {
    ir::Rule rule = Split::condition(planned.field, planned.region, family_, names_);
    rule.target = ir::GotoTarget{places_[planned.next].chain};
    rule.origin = lead_origin_;
    return rule;
  }

  /// A rule with a limit, without it, in front of the chain that has it.
  ir::Rule limited(std::uint32_t index) const {
    ir::Rule rule = rules_[index];
    std::erase_if(rule.matches, [](const ir::Match& match) { return std::holds_alternative<ir::LimitMatch>(match); });
    rule.target = ir::JumpTarget{*limit_chains_[index]};
    rule.origin = lead_origin_;
    rule.commented = false;
    return rule;
  }

  net::Family family_;
  ir::Table& table_;
  ir::ChainId root_;
  std::string base_name_;
  TreeFields fields_;
  std::vector<Field> asked_;  ///< those of fields_
  const TreeLimits& limits_;
  ir::OriginId lead_origin_;
  std::vector<ir::Rule> rules_;  ///< those of the root as they were
  std::vector<Box> boxes_;       ///< of the rules
  InterfaceNames names_;
  bool can_be_called_;
  std::vector<std::optional<ir::ChainId>> limit_chains_;
  std::map<Rules, Place> leaves_;
  std::vector<Planned> places_;
  std::vector<Entry> entries_;
  std::vector<Lead> leads_;
  std::vector<std::uint32_t> uses_;  ///< of each rule, in entries that are not written yet
  std::size_t last_number_ = 0;
};

}  // namespace

void build_trees(Context& context, TreeFields fields, const TreeLimits& limits, std::string_view label) {
  std::optional<ir::OriginId> origin;
  for (ir::Table& table : context.rules().tables) {
    for (const Root& root : find_roots(table, limits.threshold)) {
      if (!origin) origin = context.ruleset.add_origin(std::string(label));
      TreeBuilder(context.family, table, root, fields, limits, *origin).run();
    }
  }
}

}  // namespace vuurmuur::compile
