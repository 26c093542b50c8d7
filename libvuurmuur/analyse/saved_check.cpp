// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/saved_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "analyse/cover.h"
#include "analyse/ranks.h"
#include "analyse/saved_boxes.h"
#include "saved/target.h"

namespace vuurmuur::analyse {
namespace {

constexpr std::size_t kMostNotes = 5;

struct ReadyRule {
  const saved::Rule* rule;
  SavedBoxes boxes;
  saved::Target target;
  bool is_unconditional = false;
};

class TableCheck {
 public:
  TableCheck(const saved::Table& table, net::Family family, diag::Sink& sink) : table_(table), sink_(sink) {
    for (const saved::Chain& chain : table.chains) {
      std::vector<ReadyRule>& rules = chains_.emplace_back();
      for (const saved::Rule& rule : chain.rules) {
        const auto conditions = saved::conditions_of(rule, family, sink);
        rules.push_back({.rule = &rule,
                         .boxes = boxes_of(conditions, family),
                         .target = saved::target_of(rule, table, sink),
                         .is_unconditional = conditions.empty()});
        if (std::holds_alternative<saved::UnknownTarget>(rules.back().target))
          sink.warning("unknown-target", rule.span,
                       fmt::format("what target '{}' does is not known here", rule.target));
      }
    }
  }

  void run() {
    find_chains();
    for (std::size_t i = 0; i < chains_.size(); ++i) find_unreached(i);
  }

 private:
  /// Chains that a built-in one leads to.
  void find_chains() {
    std::vector<std::size_t> open;
    std::set<std::size_t> seen;
    for (std::size_t i = 0; i < chains_.size(); ++i)
      if (!table_.chains[i].policy.empty()) {
        open.push_back(i);
        seen.insert(i);
      }
    while (!open.empty()) {
      const std::size_t chain = open.back();
      open.pop_back();
      for (const ReadyRule& rule : chains_[chain])
        if (const auto* jump = std::get_if<saved::JumpTarget>(&rule.target))
          if (seen.insert(jump->chain).second) open.push_back(jump->chain);
    }
    for (std::size_t i = 0; i < chains_.size(); ++i)
      if (!seen.contains(i))
        sink_.warning("unreachable-chain", table_.chains[i].span,
                      fmt::format("no rule of table {} leads to chain '{}'", table_.name, table_.chains[i].name));
  }

  /// Whether no packet that goes into a chain comes out of it again: one of its rules takes whatever is left.
  bool ends_all(std::size_t chain, std::size_t depth) const {
    if (depth > chains_.size()) return false;
    return std::ranges::any_of(chains_[chain], [&](const ReadyRule& rule) {
      return rule.is_unconditional && !std::holds_alternative<saved::ReturnTarget>(rule.target) && ends(rule, depth);
    });
  }

  /// Whether no rule behind it in its chain sees what it takes.
  bool ends(const ReadyRule& rule, std::size_t depth = 0) const {
    if (const auto* jump = std::get_if<saved::JumpTarget>(&rule.target))
      return jump->is_goto || ends_all(jump->chain, depth + 1);
    return std::holds_alternative<saved::AcceptTarget>(rule.target) ||
           std::holds_alternative<saved::DropTarget>(rule.target) ||
           std::holds_alternative<saved::RejectTarget>(rule.target) ||
           std::holds_alternative<saved::QueueTarget>(rule.target) ||
           std::holds_alternative<saved::ReturnTarget>(rule.target) ||
           std::holds_alternative<saved::NatTarget>(rule.target);
  }

  void find_unreached(std::size_t chain) {
    const std::vector<ReadyRule>& rules = chains_[chain];
    std::vector<Box> all;
    for (const ReadyRule& rule : rules) all.insert(all.end(), rule.boxes.boxes.begin(), rule.boxes.boxes.end());
    const Ranks ranks(all);
    std::vector<RankBox> taking;
    std::vector<std::size_t> owner, before;  ///< before: how many of them are of rules before
    for (std::size_t i = 0; i < rules.size(); ++i) {
      before.push_back(taking.size());
      if (!rules[i].boxes.is_exact || !ends(rules[i])) continue;
      for (const Box& box : rules[i].boxes.boxes) {
        taking.push_back(ranks.of(box));
        owner.push_back(i);
      }
    }
    const BoxIndex index(taking);
    CoverSearch search(taking, index);
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (rules[i].boxes.has_more || rules[i].boxes.boxes.empty() || before[i] == 0) continue;
      tell(rules, i, reach(rules[i], ranks, search, before[i], owner));
    }
  }

  struct Reached {
    Cover::Kind kind;
    std::set<std::size_t> by;
  };
  static Reached reach(const ReadyRule& rule, const Ranks& ranks, CoverSearch& search, std::size_t before,
                       const std::vector<std::size_t>& owner) {
    Reached reached{.kind = Cover::Kind::Whole, .by = {}};
    for (const Box& box : rule.boxes.boxes) {
      const Cover cover = search.of(ranks.of(box), {.before = static_cast<std::uint32_t>(before)});
      if (cover.kind == Cover::Kind::Open) return {.kind = Cover::Kind::Open, .by = {}};
      if (cover.kind == Cover::Kind::NotFinished) reached.kind = Cover::Kind::NotFinished;
      for (const std::uint32_t by : cover.by) reached.by.insert(owner[by]);
    }
    return reached;
  }

  void tell(const std::vector<ReadyRule>& rules, std::size_t place, const Reached& reached) {
    const saved::Rule& rule = *rules[place].rule;
    if (reached.kind == Cover::Kind::NotFinished)
      sink_.warning("not-finished", rule.span,
                    "whether this rule can match was not found out: too many rules overlap it");
    if (reached.kind != Cover::Kind::Whole) return;
    const bool is_same =
        std::ranges::all_of(reached.by, [&](std::size_t other) { return do_the_same(*rules[other].rule, rule); });
    const std::string_view one = reached.by.size() == 1 ? "the rule below takes" : "the rules below together take";
    diag::Diagnostic& told =
        is_same ? sink_.warning(
                      "redundant-rule", rule.span,
                      fmt::format("this rule makes no difference: {} all that it would take, and to the same end", one))
                : sink_.warning("never-matches", rule.span,
                                fmt::format("this rule can never match: {} all that it would take", one));
    std::size_t notes = 0;
    for (const std::size_t by : reached.by) {
      if (++notes > kMostNotes) {
        told.notes.push_back({std::nullopt, fmt::format("and {} more", reached.by.size() - kMostNotes)});
        break;
      }
      told.notes.push_back(
          {rules[by].rule->span, fmt::format("rule {} of {}", by + 1, table_.chains[chain_of(rules)].name)});
    }
  }

  [[nodiscard]] std::size_t chain_of(const std::vector<ReadyRule>& rules) const {
    return static_cast<std::size_t>(&rules - chains_.data());
  }

  static bool do_the_same(const saved::Rule& a, const saved::Rule& b) {
    const auto same = [](const saved::Option& x, const saved::Option& y) {
      return x.name == y.name && x.values == y.values && x.is_inverted == y.is_inverted;
    };
    return a.target == b.target && a.is_goto == b.is_goto &&
           std::ranges::equal(a.target_options, b.target_options, same);
  }

  const saved::Table& table_;
  diag::Sink& sink_;
  std::vector<std::vector<ReadyRule>> chains_;
};

}  // namespace

void check_deep(const saved::Ruleset& ruleset, net::Family family, diag::Sink& sink) {
  for (const saved::Table& table : ruleset.tables) TableCheck(table, family, sink).run();
}

}  // namespace vuurmuur::analyse
