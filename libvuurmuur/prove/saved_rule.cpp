// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/saved_rule.h"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

#include "analyse/saved_boxes.h"
#include "base/overloaded.h"
#include "base/strings.h"
#include "prove/all_packets.h"
#include "saved/condition.h"

namespace vuurmuur::prove {
namespace {

using analyse::Box;
using analyse::Field;

/// The conditions of one rule.
class SavedRuleReader {
 public:
  SavedRuleReader(const SavedWorld& world, SavedRule& to)
      : world_(world), all_(everything(*world.fields, world.layout)), to_(to) {
    to_.regions.push_back(all_);
  }

  void read(const std::vector<saved::Condition>& conditions) {
    std::vector<saved::Condition> of_fields;
    for (const saved::Condition& condition : conditions)
      std::visit(base::Overloaded{
                     [&](const saved::StateCondition& state) { states(state, condition.is_inverted); },
                     [&](const saved::FlagCondition& flags) { flag_values(flags, condition.is_inverted); },
                     [&](const saved::MarkCondition& mark) {
                       to_.marks.push_back({.is_of_connection = mark.is_of_connection,
                                            .bits = {.value = mark.value, .mask = mark.mask},
                                            .is_inverted = condition.is_inverted});
                     },
                     [&](const saved::SetCondition& set) { members(set, condition.is_inverted); },
                     [&](const saved::FragmentCondition&) {
                       if (!condition.is_inverted) to_.regions.clear();  // packets are whole
                     },
                     [&](const saved::LocalCondition& local) {
                       unknown(
                           fmt::format("addrtype LOCAL {} {}", local.is_destination, static_cast<int>(local.device)),
                           condition.is_inverted);
                     },
                     [&](const saved::OpaqueCondition& opaque) { unknown(opaque.text, condition.is_inverted); },
                     [&](const auto&) { of_fields.push_back(condition); },
                 },
                 condition.what);
    if (!of_fields.empty()) narrow({of_fields});
  }

 private:
  void unknown(std::string_view words, bool is_inverted) {
    to_.conditions.push_back(condition_text(words, is_inverted));
  }

  void narrow_situation(const Situation& when) {
    std::vector<Region> next;
    for (const Region& region : to_.regions)
      if (const auto both = common(region, Region{.box = region.box, .when = when})) next.push_back(*both);
    to_.regions = std::move(next);
  }

  /// One of these lists of conditions has to be met.
  void narrow(const std::vector<std::vector<saved::Condition>>& lists) {
    std::vector<Region> next;
    for (const std::vector<saved::Condition>& list : lists) {
      const analyse::SavedBoxes found = analyse::boxes_of(list, world_.family);
      if (found.has_more || !found.is_exact) {
        to_.not_modelled = "its conditions have too many ways";
        return;
      }
      for (Box box : found.boxes) {
        // The state of the connection is told by the situation.
        box[Field::Chain] = all_.box[Field::Chain];
        box[Field::OwnAddress] = all_.box[Field::OwnAddress];
        for (const Region& region : to_.regions)
          if (const auto both = common(region, Region{.box = box, .when = region.when})) next.push_back(*both);
      }
    }
    to_.regions = std::move(next);
  }

  void states(const saved::StateCondition& state, bool is_inverted) {
    // Whether a connection is translated packets do not tell.
    if ((state.states & ~Situation::kAllStates) != 0)
      return unknown(fmt::format("ctstate {:#x}", state.states), is_inverted);
    Situation when = all_.when;
    when.states = static_cast<std::uint8_t>((is_inverted ? ~state.states : state.states) & Situation::kAllStates);
    narrow_situation(when);
  }

  void flag_values(const saved::FlagCondition& flags, bool is_inverted) {
    Situation when = all_.when;
    when.flags = 0;
    for (unsigned value = 0; value < 64; ++value)
      if (((value & flags.mask) == flags.set) != is_inverted) when.flags |= std::uint64_t{1} << value;
    narrow_situation(when);
  }

  void members(const saved::SetCondition& set, bool is_inverted) {
    const auto elements = world_.sets == nullptr ? std::nullopt : world_.sets->elements(set.set, set.sides);
    if (!elements || is_inverted) return unknown(fmt::format("set {} {}", set.set, set.sides), is_inverted);
    narrow(*elements);
  }

  const SavedWorld& world_;
  Region all_;
  SavedRule& to_;
};

}  // namespace

std::string condition_text(std::string_view words, bool is_inverted) {
  return fmt::format("{}'{}'", is_inverted ? "not " : "", words);
}

unsigned policy_rule_of(const saved::Rule& rule) {
  for (const saved::Match& match : rule.matches)
    for (const saved::Option& each : match.options)
      if (match.name == "comment" && each.name == "--comment" && !each.values.empty() &&
          each.values.front().starts_with("rule ")) {
        const std::string& text = each.values.front();
        return base::parse_number<unsigned>(text.substr(5, text.find(':') - 5)).value_or(0);
      }
  return 0;
}

SavedRule read_saved_rule(const saved::Rule& rule, const saved::Table& table, const SavedWorld& world,
                          diag::Sink& sink) {
  SavedRule result{.rule = &rule, .target = target_of(rule, table, sink)};
  SavedRuleReader(world, result).read(conditions_of(rule, world.family, sink));
  return result;
}

}  // namespace vuurmuur::prove
