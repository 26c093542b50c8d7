// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/row_traffic.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace vuurmuur::analyse {
namespace {

constexpr std::uint64_t kInput = 0, kOutput = 2, kIcmp = 1, kTcp = 6, kUdp = 17, kIcmpv6 = 58, kLastIcmp = 255;

bool has(const Interval& interval, std::uint64_t value) {
  return interval.first <= Value{.low = value} && Value{.low = value} <= interval.last;
}
bool is_one(const Interval& interval) { return interval.first == interval.last; }
bool is_icmp(std::uint64_t protocol) { return protocol == kIcmp || protocol == kIcmpv6; }

/// Odd numbers are devices with names (PolicyBoxes::device).
std::optional<Value> named_device(const Interval& interval) {
  const Value first = interval.first.low % 2 == 1 ? interval.first : interval.first.next();
  return first <= interval.last ? std::optional(first) : std::nullopt;
}

bool has_named_devices(const Box& box) {
  const std::uint64_t chain = box[Field::Chain].first.low;
  return (chain == kOutput || named_device(box[Field::In])) && (chain == kInput || named_device(box[Field::Out]));
}

/// Two that are side by side become one; false when they are not.
bool join(RankBox& box, const RankBox& other) {
  std::optional<std::size_t> differing;
  for (std::size_t f = 0; f < kFields; ++f) {
    if (box.first[f] == other.first[f] && box.last[f] == other.last[f]) continue;
    if (differing) return false;
    differing = f;
  }
  if (!differing) return true;
  const std::size_t f = *differing;
  // What is a device of one chain is nothing in another.
  if (f == static_cast<std::size_t>(Field::Chain)) return false;
  if (std::uint64_t{box.last[f]} + 1 < other.first[f] || std::uint64_t{other.last[f]} + 1 < box.first[f]) return false;
  box.first[f] = std::min(box.first[f], other.first[f]);
  box.last[f] = std::max(box.last[f], other.last[f]);
  return true;
}

/// Until none is beside another one.
void join_all(std::vector<RankBox>& boxes) {
  for (bool is_joined = true; is_joined;) {
    is_joined = false;
    for (std::size_t i = 0; i < boxes.size(); ++i)
      for (std::size_t j = i + 1; j < boxes.size();) {
        if (join(boxes[i], boxes[j])) {
          boxes[j] = boxes.back();
          boxes.pop_back();
          is_joined = true;
        } else {
          ++j;
        }
      }
  }
}

RankBox around(std::span<const RankBox> boxes) {
  RankBox all = boxes.front();
  for (const RankBox& box : boxes)
    for (std::size_t f = 0; f < kFields; ++f) {
      all.first[f] = std::min(all.first[f], box.first[f]);
      all.last[f] = std::max(all.last[f], box.last[f]);
    }
  return all;
}

/// RFC 5737 and RFC 3849: where any address would do.
Value example_address(const Interval& interval, net::Family family, bool is_source) {
  const Value wanted = family == net::Family::Ipv4
                           ? Value{.low = is_source ? 0xc633'6401u : 0xcb00'7101u}
                           : Value{.high = 0x2001'0db8'0000'0001u + (is_source ? 0u : 1u), .low = 1};
  if (interval.first <= wanted && wanted <= interval.last) return wanted;
  // The first address of a network is its own, and the next one often that of its router.
  constexpr std::uint64_t kAmongClients = 10;
  const Value second = interval.first.next(),
              client{.high = interval.first.high, .low = interval.first.low + kAmongClients};
  if (is_source && client > interval.first && client < interval.last) return client;
  return second < interval.last ? second : interval.first;
}

}  // namespace

bool can_be(const Box& box) {
  const Interval& protocol = box[Field::Protocol];
  return !is_one(protocol) || !is_icmp(protocol.first.low) ||
         (box[Field::SourcePort].first.low <= kLastIcmp && box[Field::DestinationPort].first.low <= kLastIcmp);
}

Point example_of(const Box& box, net::Family family) {
  Point point;
  for (std::size_t f = 0; f < kFields; ++f) point[f] = box.fields[f].first;
  const auto at = [&point](Field field) -> Value& { return point[static_cast<std::size_t>(field)]; };
  for (const Field field : {Field::In, Field::Out}) at(field) = named_device(box[field]).value_or(box[field].first);
  for (const std::uint64_t protocol : {kUdp, kTcp})
    if (has(box[Field::Protocol], protocol)) at(Field::Protocol) = {.low = protocol};
  // Of several protocols one without types, if these cannot be.
  if (is_icmp(at(Field::Protocol).low) && !is_one(box[Field::Protocol]) &&
      (box[Field::SourcePort].first.low > kLastIcmp || box[Field::DestinationPort].first.low > kLastIcmp))
    at(Field::Protocol) = box[Field::Protocol].last;
  if (!is_icmp(at(Field::Protocol).low)) {
    constexpr std::uint64_t kFromClients = 40'000, kHttp = 80;
    if (has(box[Field::SourcePort], kFromClients)) at(Field::SourcePort) = {.low = kFromClients};
    if (has(box[Field::DestinationPort], kHttp)) at(Field::DestinationPort) = {.low = kHttp};
  }
  at(Field::Source) = example_address(box[Field::Source], family, /*is_source=*/true);
  at(Field::Destination) = example_address(box[Field::Destination], family, /*is_source=*/false);
  return point;
}

void RowTraffic::add(const Ranks& ranks, std::span<const RankBox> pieces, const RankBox& region, bool is_whole) {
  for (const RankBox& piece : pieces) {
    if (is_good_example_) break;
    const bool is_good = has_named_devices(ranks.box(piece));
    if (has_example_ && !is_good) continue;
    example_ = piece;
    has_example_ = true;
    is_good_example_ = is_good;
  }
  if (is_whole)
    boxes_.insert(boxes_.end(), pieces.begin(), pieces.end());
  else
    boxes_.push_back(region);
  is_outline_ = is_outline_ || !is_whole;
  if (boxes_.size() <= kMostBoxes) return;
  join_all(boxes_);
  if (boxes_.size() <= kMostBoxes / 2) return;
  boxes_ = {around(boxes_)};
  is_outline_ = true;
}

std::vector<RankBox> RowTraffic::boxes() const {
  std::vector<RankBox> all = boxes_;
  // An outline may overlap itself, and is none the worse for it.
  join_all(all);
  std::ranges::sort(all, {}, [](const RankBox& box) { return std::pair(box.first, box.last); });
  return all;
}

}  // namespace vuurmuur::analyse
