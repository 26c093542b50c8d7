// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/saved_diff.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "prove/all_packets.h"
#include "prove/compare.h"
#include "prove/emitted.h"
#include "prove/packet_sample.h"
#include "prove/prove.h"
#include "sema/policy.h"

namespace vuurmuur::prove {
namespace {

/// All of a connection mark, for rules that know nothing of our field: the two highest bits and the others.
constexpr std::uint32_t kWholeMark = 0xffffffff;
/// For each hook: some seconds.
constexpr std::size_t kSteps = 20'000'000;

/// Gives entries that let packets go on the order of the second program, as if rules were numbered by it.
void number(Program& first, Program& second) {
  std::map<std::uint32_t, unsigned> numbers;
  for (Entry& entry : second.entries)
    if (!entry.ends)
      entry.rule = numbers.try_emplace(entry.behaviour, static_cast<unsigned>(numbers.size()) + 1).first->second;
  for (Entry& entry : first.entries)
    if (const auto found = numbers.find(entry.behaviour); !entry.ends && found != numbers.end())
      entry.rule = found->second;
}

}  // namespace

SavedDiff diff(const saved::Ruleset& before, const saved::Ruleset& after, net::Family family, diag::Sink& sink) {
  SavedDiff result;
  const sema::Policy nothing;
  const analyse::PolicyBoxes fields(nothing, family);
  const ir::MarkLayout layout = ir::MarkLayout::create(kWholeMark).value_or(ir::MarkLayout());
  const EmittedWorld world{.family = family, .layout = layout, .sets = nullptr, .fields = &fields, .is_foreign = true};
  saved::Table empty;
  empty.name = "filter";
  const auto table_of = [&](const saved::Ruleset& ruleset) -> const saved::Table& {
    const saved::Table* const found = ruleset.find("filter");
    return found == nullptr ? empty : *found;
  };
  const EmittedRules old_rules(table_of(before), world, sink), new_rules(table_of(after), world, sink);
  const EmittedTable old_table(table_of(before), old_rules, sink), new_table(table_of(after), new_rules, sink);
  Terms terms;
  for (const Hook hook : kFilterHooks) {
    const Region all = everything(fields, layout, hook);
    Program old_program = old_table.program(to_string(hook), all, terms),
            new_program = new_table.program(to_string(hook), all, terms);
    for (const Program* program : {&old_program, &new_program})
      for (const std::string& why : program->not_modelled) {
        std::string told = std::string(to_string(hook)) + ": " + why;
        if (std::ranges::find(result.not_modelled, told) == result.not_modelled.end())
          result.not_modelled.push_back(std::move(told));
      }
    if (!old_program.not_modelled.empty() || !new_program.not_modelled.empty()) continue;
    number(old_program, new_program);
    const Comparison found = compare(terms.regions, old_program, new_program, kSteps, 10 * SavedDiff::kMost);
    result.unfinished += found.unfinished;
    std::set<std::pair<const saved::Rule*, const saved::Rule*>> told;
    for (const Disagreement& each : found.disagreements) {
      const Entry &one = old_program.entries[each.first], &other = new_program.entries[each.second];
      if (told.size() == SavedDiff::kMost || !told.emplace(one.source.emitted, other.source.emitted).second) continue;
      result.rows.push_back({.hook = hook,
                             .packet = sample_of(each, hook, fields),
                             .when = each.when,
                             .before = terms.behaviours.text(one.behaviour),
                             .after = terms.behaviours.text(other.behaviour),
                             .before_rule = one.source.emitted,
                             .after_rule = other.source.emitted});
    }
  }
  return result;
}

}  // namespace vuurmuur::prove
