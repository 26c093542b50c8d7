// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/saved_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "prove/all_packets.h"
#include "prove/compare.h"
#include "prove/packet_sample.h"
#include "prove/program.h"
#include "prove/same_order.h"
#include "prove/saved_table.h"
#include "sema/policy.h"

namespace vuurmuur::prove {
namespace {

/// For each hook: some seconds.
constexpr std::size_t kSteps = 20'000'000;

bool is_same(const std::vector<saved::Option>& a, const std::vector<saved::Option>& b) {
  return std::ranges::equal(a, b, [](const saved::Option& one, const saved::Option& other) {
    return one.name == other.name && one.is_inverted == other.is_inverted && one.values == other.values;
  });
}

/// The same words, except of comments.
bool is_same(const saved::Rule& a, const saved::Rule& b) {
  if (a.target != b.target || a.is_goto != b.is_goto || !is_same(a.target_options, b.target_options)) return false;
  const auto skip_comments = [](const saved::Rule& rule, std::size_t place) {
    while (place < rule.matches.size() && rule.matches[place].name == "comment") ++place;
    return place;
  };
  std::size_t i = skip_comments(a, 0), j = skip_comments(b, 0);
  for (; i < a.matches.size() && j < b.matches.size(); i = skip_comments(a, i + 1), j = skip_comments(b, j + 1))
    if (a.matches[i].name != b.matches[j].name || !is_same(a.matches[i].options, b.matches[j].options)) return false;
  return i >= a.matches.size() && j >= b.matches.size();
}

bool asks_sets(const saved::Table& table) {
  for (const saved::Chain& chain : table.chains)
    for (const saved::Rule& rule : chain.rules)
      for (const saved::Match& match : rule.matches)
        if (match.name == "set") return true;
  return false;
}

/// Two tables with the same chains, rule for rule.
bool is_same(const saved::Table& a, const saved::Table& b) {
  return a.chains.size() == b.chains.size() && std::ranges::all_of(a.chains, [&](const saved::Chain& chain) {
           const auto place = b.find(chain.name);
           return place && b.chains[*place].policy == chain.policy &&
                  std::ranges::equal(
                      chain.rules, b.chains[*place].rules,
                      [](const saved::Rule& one, const saved::Rule& other) { return is_same(one, other); });
         });
}

/// In the form in which programs are compared. Which rule of a policy an entry is of is no matter.
Program program_of(const SavedProgram& saved, RegionPile& regions) {
  Program program;
  program.entries.reserve(saved.entries.size());
  for (const SavedEntry& entry : saved.entries)
    program.entries.push_back({.region = regions.numbers_of(entry.region),
                               .behaviour = entry.behaviour,
                               .part = entry.part,
                               .rule = 0,
                               .ends = entry.ends,
                               .is_uncertain = entry.is_uncertain,
                               .source = {.emitted = entry.rule, .rule = nullptr, .step = ""}});
  for (const SavedPart& part : saved.parts)
    program.parts.push_back({.region = regions.numbers_of(part.region), .around = part.around});
  return program;
}

/// Holds two rulesets against each other, table by table.
class Diffing {
 public:
  Diffing(const SavedSide& before, const SavedSide& after, net::Family family, diag::Sink& sink,
          const sema::Policy& policy)
      : before_(before), after_(after), family_(family), sink_(sink), fields_(policy, family) {}

  SavedDiff run() {
    std::set<std::string_view> names;
    for (const saved::Ruleset* ruleset : {before_.ruleset, after_.ruleset})
      for (const saved::Table& table : ruleset->tables) names.insert(table.name);
    // Table filter first, as people think of it.
    if (names.erase("filter") != 0) compare_table("filter");
    for (const std::string_view name : names) compare_table(name);
    return std::move(result_);
  }

 private:
  void compare_table(std::string_view name) {
    saved::Table none;
    none.name = name;
    const auto table_of = [&](const SavedSide& side) -> const saved::Table& {
      const saved::Table* const found = side.ruleset->find(name);
      return found == nullptr ? none : *found;
    };
    const saved::Table &before = table_of(before_), &after = table_of(after_);
    const bool has_own_sets = before_.sets != nullptr || after_.sets != nullptr;
    if (is_same(before, after) && (!has_own_sets || !asks_sets(before))) return;
    const SavedTable old_table(before, world(before_), sink_), new_table(after, world(after_), sink_);
    AskedAnywhere asked;
    for (const SavedTable* table : {&old_table, &new_table}) table->tell_marks(asked);
    const MarkSpace marks(asked);
    bool is_known = false;
    for (std::size_t i = 0; i < kHooks; ++i)
      if (const auto hook = static_cast<Hook>(i); facts_of(hook).table == name) {
        compare_hook(hook, old_table, new_table, marks);
        is_known = true;
      }
    if (!is_known) not_modelled(fmt::format("table {}", name));
  }

  [[nodiscard]] SavedWorld world(const SavedSide& side) const {
    return {.family = family_, .sets = side.sets, .fields = &fields_};
  }

  void not_modelled(std::string why) {
    if (std::ranges::find(result_.not_modelled, why) == result_.not_modelled.end())
      result_.not_modelled.push_back(std::move(why));
  }

  void compare_hook(Hook hook, const SavedTable& old_table, const SavedTable& new_table, const MarkSpace& marks) {
    const Region all = everything(fields_, SavedWorld::whole_mark(), hook);
    const SavedProgram before = old_table.program(to_string(hook), all, behaviours_, marks),
                       after = new_table.program(to_string(hook), all, behaviours_, marks);
    for (const SavedProgram* program : {&before, &after})
      for (const std::string& why : program->not_modelled) not_modelled(name_of(hook) + ": " + why);
    if (!before.not_modelled.empty() || !after.not_modelled.empty()) return;
    RegionPile regions;
    const Program first = program_of(before, regions), second = program_of(after, regions);
    const Comparison found = compare(regions, first, second, kSteps, 10 * SavedDiff::kMost);
    result_.unfinished += found.unfinished + pairs_in_another_order(before, after);
    std::set<std::pair<const saved::Rule*, const saved::Rule*>> told;
    for (const Disagreement& each : found.disagreements) {
      const SavedEntry &one = before.entries[each.first], &other = after.entries[each.second];
      if (told.size() == SavedDiff::kMost || !told.emplace(one.rule, other.rule).second) continue;
      result_.rows.push_back({.hook = hook,
                              .packet = sample_of(each, hook, fields_),
                              .when = each.when,
                              .connection_mark = marks.connection_mark_of(each.when),
                              .packet_mark = marks.packet_mark_of(each.when),
                              .before = behaviours_.text(one.behaviour),
                              .after = behaviours_.text(other.behaviour),
                              .before_rule = one.rule,
                              .after_rule = other.rule});
    }
  }

  const SavedSide &before_, &after_;
  net::Family family_;
  diag::Sink& sink_;
  analyse::PolicyBoxes fields_;
  Behaviours behaviours_;
  SavedDiff result_;
};

}  // namespace

std::string name_of(Hook hook) {
  const HookFacts& facts = facts_of(hook);
  std::string name = facts.chain;
  if (facts.table != std::string_view("filter")) name += std::string(" of table ") + facts.table;
  return name;
}

SavedDiff diff(const SavedSide& before, const SavedSide& after, net::Family family, diag::Sink& sink,
               const sema::Policy& policy) {
  return Diffing(before, after, family, sink, policy).run();
}

SavedDiff diff(const saved::Ruleset& before, const saved::Ruleset& after, net::Family family, diag::Sink& sink) {
  return diff({.ruleset = &before}, {.ruleset = &after}, family, sink, sema::Policy());
}

}  // namespace vuurmuur::prove
