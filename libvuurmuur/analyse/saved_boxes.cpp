// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/saved_boxes.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "analyse/device_names.h"
#include "analyse/policy_boxes.h"
#include "base/overloaded.h"

namespace vuurmuur::analyse {
namespace {

Value before(const Value& value) {
  return {.high = value.low == 0 ? value.high - 1 : value.high, .low = value.low - 1};
}

/// The values outside of all of these.
std::vector<Interval> others(std::vector<Interval> intervals, const Interval& all) {
  std::ranges::sort(intervals, {}, &Interval::first);
  std::vector<Interval> result;
  Value next = all.first;
  for (const Interval& each : intervals) {
    if (next < each.first) result.push_back({.first = next, .last = before(each.first)});
    if (each.last == all.last) return result;
    next = std::max(next, each.last.next());
  }
  result.push_back({.first = next, .last = all.last});
  return result;
}

std::optional<Box> common(const Box& a, const Box& b) {
  Box both;
  for (std::size_t f = 0; f < kFields; ++f) {
    both.fields[f] = {.first = std::max(a.fields[f].first, b.fields[f].first),
                      .last = std::min(a.fields[f].last, b.fields[f].last)};
    if (both.fields[f].last < both.fields[f].first) return std::nullopt;
  }
  return both;
}

class Builder {
 public:
  explicit Builder(net::Family family) {
    const std::uint64_t kPort = 65535;
    all_[Field::Chain] = Interval::of(0, 4);
    all_[Field::Protocol] = Interval::of(0, 255);
    all_[Field::SourcePort] = all_[Field::DestinationPort] = Interval::of(0, kPort);
    if (family == net::Family::Ipv4) all_[Field::Source] = all_[Field::Destination] = Interval::of(0, UINT32_MAX);
    all_[Field::SourceMac] = Interval::of(0, (1ULL << 48) - 1);
    all_[Field::OwnAddress] = Interval::one(0);
    result_.boxes.push_back(all_);
  }

  SavedBoxes run(const std::vector<saved::Condition>& conditions) {
    for (const saved::Condition& condition : conditions) {
      if (const auto values = values_of(condition)) {
        narrow(*values);
      } else if (const auto ways = ways_of(condition)) {
        narrow(*ways);
      } else {
        result_.is_exact = false;
      }
      if (result_.boxes.size() <= SavedBoxes::kMost) continue;
      result_.boxes.clear();
      result_.has_more = true;
      break;
    }
    return std::move(result_);
  }

 private:
  using Ways = std::optional<std::vector<Box>>;
  /// A field that is in one of some intervals.
  struct Values {
    Field field{};
    std::vector<Interval> intervals;
  };

  void narrow(const Values& values) {
    if (values.intervals.size() == 1) {
      const Interval& only = values.intervals.front();
      for (Box& box : result_.boxes) {
        Interval& own = box[values.field];
        own = {.first = std::max(own.first, only.first), .last = std::min(own.last, only.last)};
      }
      std::erase_if(result_.boxes, [&](const Box& box) { return box[values.field].last < box[values.field].first; });
      return;
    }
    std::vector<Box> next;
    for (const Box& box : result_.boxes)
      for (const Interval& each : values.intervals) {
        const Interval& own = box[values.field];
        const Interval both{.first = std::max(own.first, each.first), .last = std::min(own.last, each.last)};
        if (both.last < both.first) continue;
        next.push_back(box);
        next.back()[values.field] = both;
      }
    result_.boxes = std::move(next);
  }

  void narrow(const std::vector<Box>& ways) {
    std::vector<Box> next;
    for (const Box& box : result_.boxes)
      for (const Box& way : ways)
        if (const auto both = common(box, way)) next.push_back(*both);
    result_.boxes = std::move(next);
  }

  std::optional<Values> values_of(Field field, std::vector<Interval> intervals, bool is_inverted) const {
    if (is_inverted) intervals = others(std::move(intervals), all_[field]);
    return Values{.field = field, .intervals = std::move(intervals)};
  }

  /// Of a condition about one field; nothing for another one.
  std::optional<Values> values_of(const saved::Condition& condition) const {
    const bool is_inverted = condition.is_inverted;
    return std::visit(base::Overloaded{
                          [&](const saved::DeviceCondition& device) {
                            return values_of(device.is_out ? Field::Out : Field::In,
                                             {names_of_devices(device.name, device.is_beginning)}, is_inverted);
                          },
                          [&](const saved::AddressCondition& address) {
                            return values_of(address.is_destination ? Field::Destination : Field::Source,
                                             {{.first = value_of(address.first), .last = value_of(address.last)}},
                                             is_inverted);
                          },
                          [&](const saved::ProtocolCondition& protocol) {
                            return values_of(Field::Protocol, {Interval::one(protocol.protocol)}, is_inverted);
                          },
                          [&](const saved::PortCondition& ports) {
                            using Which = saved::PortCondition::Which;
                            if (ports.which == Which::Either) return std::optional<Values>();
                            return values_of(ports.which == Which::Source ? Field::SourcePort : Field::DestinationPort,
                                             intervals_of(ports), is_inverted);
                          },
                          [&](const saved::StateCondition& state) { return states_of(state, is_inverted); },
                          [&](const saved::MacCondition& mac) {
                            std::uint64_t number = 0;
                            for (const std::uint8_t byte : mac.address.bytes) number = number << 8 | byte;
                            return values_of(Field::SourceMac, {Interval::one(number)}, is_inverted);
                          },
                          [](const auto&) { return std::optional<Values>(); },
                      },
                      condition.what);
  }

  static std::vector<Interval> intervals_of(const saved::PortCondition& ports) {
    std::vector<Interval> intervals;
    for (const net::PortRange& range : ports.ranges) intervals.push_back(Interval::of(range.first, range.last));
    return intervals;
  }

  /// Boxes that have a field in one of these intervals each.
  Ways in_field(Field field, std::vector<Interval> intervals, bool is_inverted) const {
    if (is_inverted) intervals = others(std::move(intervals), all_[field]);
    std::vector<Box> ways;
    for (const Interval& interval : intervals) {
      ways.push_back(all_);
      ways.back()[field] = interval;
    }
    return ways;
  }

  /// All packets for which the condition holds; nothing when no field says so.
  Ways ways_of(const saved::Condition& condition) const {
    const bool is_inverted = condition.is_inverted;
    return std::visit(base::Overloaded{
                          [&](const saved::PortCondition& ports) { return either_port(ports, is_inverted); },
                          [&](const saved::IcmpCondition& icmp) { return icmp_of(icmp, is_inverted); },
                          [](const auto&) { return Ways(); },
                      },
                      condition.what);
  }

  Ways either_port(const saved::PortCondition& ports, bool is_inverted) const {
    const std::vector<Interval> intervals = intervals_of(ports);
    auto source = *in_field(Field::SourcePort, intervals, is_inverted),
         destination = *in_field(Field::DestinationPort, intervals, is_inverted);
    if (!is_inverted) {
      source.insert(source.end(), destination.begin(), destination.end());
      return source;
    }
    std::vector<Box> neither;
    for (const Box& a : source)
      for (const Box& b : destination)
        if (const auto both = common(a, b)) neither.push_back(*both);
    return neither;
  }

  Ways icmp_of(const saved::IcmpCondition& icmp, bool is_inverted) const {
    Box one = all_;
    one[Field::SourcePort] = Interval::one(icmp.type);
    // Every code: the field is wider than a code is.
    if (icmp.first_code != 0 || icmp.last_code != 255)
      one[Field::DestinationPort] = Interval::of(icmp.first_code, icmp.last_code);
    if (!is_inverted) return std::vector{one};
    auto ways = *in_field(Field::SourcePort, {one[Field::SourcePort]}, true);
    for (Box other : *in_field(Field::DestinationPort, {one[Field::DestinationPort]}, true)) {
      other[Field::SourcePort] = one[Field::SourcePort];
      ways.push_back(other);
    }
    return ways;
  }

  std::optional<Values> states_of(const saved::StateCondition& state, bool is_inverted) const {
    using saved::State;
    constexpr std::array<std::uint8_t, 5> kStates{State::kNew, State::kEstablished, State::kRelated, State::kInvalid,
                                                  State::kUntracked};
    // Of whether a connection is translated nothing is said.
    if ((state.states & (State::kSnat | State::kDnat)) != 0) return std::nullopt;
    std::vector<Interval> intervals;
    for (std::size_t i = 0; i < kStates.size(); ++i)
      if ((state.states & kStates[i]) != 0) intervals.push_back(Interval::one(i));
    return values_of(Field::Chain, std::move(intervals), is_inverted);
  }

  Box all_;
  SavedBoxes result_;
};

}  // namespace

SavedBoxes boxes_of(const std::vector<saved::Condition>& conditions, net::Family family) {
  return Builder(family).run(conditions);
}

}  // namespace vuurmuur::analyse
