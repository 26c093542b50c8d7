// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/mark_space.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

#include "prove/region_parts.h"

namespace vuurmuur::prove {
namespace {

/// So many bits are told apart one by one: PacketMarks has 64 classes.
constexpr int kMostBits = 6;

std::vector<std::uint32_t> masks_of_connection(const AskedAnywhere& asked) {
  std::vector<std::uint32_t> masks = asked.connection_masks;
  for (const MarkTest& test : asked.packet_tests) masks.push_back(test.mask & asked.restored);
  std::ranges::sort(masks);
  masks.erase(std::ranges::unique(masks).begin(), masks.end());
  return masks;
}

/// The bits one by one, if they are few: then whatever is asked of them is told. Else the questions themselves.
std::vector<MarkTest> tests_of_packet(const AskedAnywhere& asked) {
  std::uint32_t bits = 0;
  for (const std::uint32_t mask : asked.connection_masks) bits |= mask & asked.saved;
  for (const MarkTest& test : asked.packet_tests) bits |= test.mask;
  if (std::popcount(bits) > kMostBits) return asked.packet_tests;
  std::vector<MarkTest> tests;
  for (; bits != 0; bits &= bits - 1) {
    const std::uint32_t bit = 1U << std::countr_zero(bits);
    tests.push_back({.value = bit, .mask = bit});
  }
  return tests;
}

}  // namespace

BitOrder::BitOrder(const std::vector<std::uint32_t>& masks) {
  // A mask of few bits has many ranges when these stand last, one of many bits hardly more.
  std::array<double, 32> weights{};
  for (const std::uint32_t mask : masks)
    for (std::size_t bit = 0; bit < weights.size(); ++bit)
      if ((mask >> bit & 1) != 0) weights[bit] += 1.0 / std::popcount(mask);
  std::iota(bits_.rbegin(), bits_.rend(), std::uint8_t{0});
  std::ranges::stable_sort(bits_, [&](std::uint8_t a, std::uint8_t b) { return weights[a] > weights[b]; });
}

std::uint32_t BitOrder::ordered(std::uint32_t mark) const {
  std::uint32_t number = 0;
  for (const std::uint8_t bit : bits_) number = number << 1 | (mark >> bit & 1);
  return number;
}

std::uint32_t BitOrder::mark_of(std::uint32_t number) const {
  std::uint32_t mark = 0;
  for (std::size_t i = 0; i < bits_.size(); ++i) mark |= (number >> (31 - i) & 1) << bits_[i];
  return mark;
}

MarkSpace::MarkSpace(const AskedAnywhere& asked)
    : layout_(ir::MarkLayout::create(UINT32_MAX).value_or(ir::MarkLayout())),
      order_(masks_of_connection(asked)),
      packet_(tests_of_packet(asked)) {}

std::optional<std::vector<Situation>> MarkSpace::with_connection_mark(const Situation& when, const AskedBits& asked,
                                                                      bool is_inverted) const {
  return with_mark(when, {.value = order_.ordered(asked.value), .mask = order_.ordered(asked.mask)}, layout_,
                   is_inverted);
}

std::optional<std::uint64_t> MarkSpace::packet_classes(const AskedBits& asked) const {
  if (const auto known = packet_.classes({.value = asked.value, .mask = asked.mask})) return known;
  std::uint64_t all = UINT64_MAX;
  for (std::uint32_t mask = asked.mask; mask != 0; mask &= mask - 1) {
    const std::uint32_t bit = 1U << std::countr_zero(mask);
    const auto set = packet_.classes({.value = bit, .mask = bit});
    if (!set) return std::nullopt;
    all &= (asked.value & bit) != 0 ? *set : ~*set;
  }
  return all;
}

std::uint32_t MarkSpace::connection_mark_of(const Situation& when) const {
  const auto kind = static_cast<std::uint32_t>(std::countr_zero(when.kinds));
  return order_.mark_of(kind << 30 | when.first_number);
}

std::uint32_t MarkSpace::packet_mark_of(const Situation& when) const { return packet_.mark_of(when.packet_marks); }

}  // namespace vuurmuur::prove
