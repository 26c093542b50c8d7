// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/emitted_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "analyse/device_names.h"
#include "analyse/saved_boxes.h"
#include "base/overloaded.h"
#include "base/strings.h"
#include "prove/all_packets.h"
#include "prove/limits.h"
#include "saved/condition.h"

namespace vuurmuur::prove {
namespace {

using analyse::Box;
using analyse::Field;

/// Whether a set is of addresses that are blocked or baited for a time: who is in it only the moment tells.
bool is_timed(std::string_view set) {
  return set.ends_with("-blocked-hosts") || set.ends_with("-blocked-networks") || set.contains("-bait-");
}

/// The number in "rule 3: accept http from lan to inet".
unsigned rule_of(const saved::Rule& rule) {
  for (const saved::Match& match : rule.matches)
    if (match.name == "comment")
      for (const saved::Option& each : match.options)
        if (each.name == "--comment" && !each.values.empty() && each.values.front().starts_with("rule ")) {
          const std::string& text = each.values.front();
          return base::parse_number<unsigned>(text.substr(5, text.find(':') - 5)).value_or(0);
        }
  return 0;
}

/// The conditions of one rule.
class RuleReader {
 public:
  RuleReader(const EmittedWorld& world, unsigned rule) : world_(world), rule_(rule) {
    regions_.push_back(everything(*world.fields, world.layout));
  }

  void read(std::vector<saved::Condition> conditions) {
    std::vector<std::vector<saved::Condition>> of_fields(1);
    std::vector<const saved::Condition*> of_addresses;
    for (saved::Condition& condition : conditions)
      std::visit(base::Overloaded{
                     [&](const saved::StateCondition& state) { states(state, condition.is_inverted); },
                     [&](const saved::FlagCondition& flags) { flag_values(flags, condition.is_inverted); },
                     [&](const saved::MarkCondition& mark) { marks(mark, condition.is_inverted); },
                     [&](const saved::SetCondition& set) { members(set, condition.is_inverted); },
                     [&](const saved::FragmentCondition&) {
                       if (!condition.is_inverted) regions_.clear();  // packets are whole
                     },
                     [&](const saved::LocalCondition&) { of_addresses.push_back(&condition); },
                     [&](const saved::OpaqueCondition& opaque) { moment(opaque, condition.is_inverted); },
                     [&](const auto&) { of_fields.front().push_back(std::move(condition)); },
                 },
                 condition.what);
    narrow(of_fields);
    for (const saved::Condition* condition : of_addresses)
      own_address(std::get<saved::LocalCondition>(condition->what), condition->is_inverted);
  }

  std::vector<Region> regions_;
  std::vector<MarkBits> marks_;
  std::vector<std::string> conditions_;
  std::string why_not_;
  bool is_left_out_ = false, asks_packet_mark_ = false;

 private:
  void give_up(std::string why) {
    if (why_not_.empty()) why_not_ = std::move(why);
  }

  void narrow_situation(const Situation& when) {
    std::vector<Region> next;
    for (const Region& region : regions_)
      if (const auto both = common(region, Region{.box = region.box, .when = when})) next.push_back(*both);
    regions_ = std::move(next);
  }

  /// One of these lists of conditions has to be met.
  void narrow(const std::vector<std::vector<saved::Condition>>& lists) {
    std::vector<Region> next;
    for (const std::vector<saved::Condition>& list : lists) {
      if (list.empty()) {
        next.insert(next.end(), regions_.begin(), regions_.end());
        continue;
      }
      const analyse::SavedBoxes found = analyse::boxes_of(list, world_.family);
      if (found.has_more || !found.is_exact) return give_up("its conditions have too many ways");
      for (Box box : found.boxes) {
        const Box& all = world_.fields->everything();
        box[Field::Chain] = analyse::Interval::one(0);
        box[Field::OwnAddress] = all[Field::OwnAddress];
        for (const Region& region : regions_)
          if (const auto both = common(region, Region{.box = box, .when = region.when})) next.push_back(*both);
      }
    }
    regions_ = std::move(next);
  }

  Situation any() const { return everything(*world_.fields, world_.layout).when; }

  void states(const saved::StateCondition& state, bool is_inverted) {
    if ((state.states & ~Situation::kAllStates) != 0) return give_up("it asks whether a connection is translated");
    Situation when = any();
    when.states = static_cast<std::uint8_t>((is_inverted ? ~state.states : state.states) & Situation::kAllStates);
    narrow_situation(when);
  }

  void flag_values(const saved::FlagCondition& flags, bool is_inverted) {
    Situation when = any();
    when.flags = 0;
    for (unsigned value = 0; value < 64; ++value)
      if (((value & flags.mask) == flags.set) != is_inverted) when.flags |= 1ULL << value;
    narrow_situation(when);
  }

  void marks(const saved::MarkCondition& mark, bool is_inverted) {
    asks_packet_mark_ = asks_packet_mark_ || !mark.is_of_connection;
    if (!mark.is_of_connection) {
      const auto classes = world_.packet_marks == nullptr
                               ? std::nullopt
                               : world_.packet_marks->classes({.value = mark.value, .mask = mark.mask});
      if (!classes) return give_up("it asks for the packet mark");
      Situation when = any();
      when.packet_marks = is_inverted ? ~*classes : *classes;
      return narrow_situation(when);
    }
    if (is_inverted) return give_up("it asks for a connection mark that is not so");
    const auto bits = mark_bits(mark.value, mark.mask, world_.layout);
    if (!bits) return give_up("it asks for bits of the connection mark that are not ours");
    marks_.push_back(*bits);
  }

  void members(const saved::SetCondition& set, bool is_inverted) {
    if (is_timed(set.set)) {
      is_left_out_ = true;
      return;
    }
    const auto elements = world_.sets == nullptr ? std::nullopt : world_.sets->elements(set.set, set.sides);
    if (!elements || is_inverted) return give_up(fmt::format("'set {} {}' is not known", set.set, set.sides));
    narrow(*elements);
  }

  void moment(const saved::OpaqueCondition& opaque, bool is_inverted) {
    const auto limit = is_inverted ? std::nullopt : limit_named(opaque.text, rule_, world_.family);
    if (!limit) return give_up(fmt::format("'{}' is not known", opaque.text));
    conditions_.push_back(*limit);
  }

  /// "The address of the device", which is told by the device that the rule asks for as well.
  void own_address(const saved::LocalCondition& local, bool is_inverted) {
    using Device = saved::LocalCondition::Device;
    if (is_inverted || local.device == Device::Any) return give_up("it asks which addresses are this machine's");
    const Field side = local.device == Device::In ? Field::In : Field::Out;
    if (local.is_destination != (local.device == Device::In)) return give_up("it asks for the other end's own address");
    for (Region& region : regions_) {
      const auto& numbers = world_.fields->own_address_numbers();
      const auto found = std::ranges::find_if(numbers, [&](const auto& entry) {
        const std::string& device = entry.first;
        const bool is_beginning = device.ends_with('+');
        return analyse::names_of_devices(is_beginning ? device.substr(0, device.size() - 1) : device, is_beginning) ==
               region.box[side];
      });
      if (found == numbers.end()) return give_up("it asks for the own address of a device that has a known one");
      region.box[Field::OwnAddress] = analyse::Interval::one(found->second);
    }
  }

  const EmittedWorld& world_;
  unsigned rule_;
};

}  // namespace

EmittedRule read_rule(const saved::Rule& rule, const EmittedWorld& world, diag::Sink& sink) {
  EmittedRule result{.number = rule_of(rule)};
  RuleReader reader(world, result.number);
  reader.read(conditions_of(rule, world.family, sink));
  result.regions = std::move(reader.regions_);
  result.marks = std::move(reader.marks_);
  result.conditions = std::move(reader.conditions_);
  result.is_left_out = reader.is_left_out_;
  result.asks_packet_mark = reader.asks_packet_mark_;
  result.not_modelled = std::move(reader.why_not_);
  return result;
}

}  // namespace vuurmuur::prove
