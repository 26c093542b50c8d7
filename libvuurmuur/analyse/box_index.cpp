// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/box_index.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "base/assert.h"

namespace vuurmuur::analyse {
namespace {

constexpr std::uint32_t kLeaf = 8;

std::uint64_t middle(const RankBox& box, std::size_t field) {
  return std::uint64_t{box.first[field]} + box.last[field];
}

/// Nodes that are to be looked at: one for each level of the tree, which is halved at each, and one more.
class Waiting {
 public:
  explicit Waiting(bool has_root) : count_(has_root ? 1 : 0) {}
  [[nodiscard]] bool is_empty() const { return count_ == 0; }
  [[nodiscard]] std::uint32_t pop() { return nodes_[--count_]; }
  void push(std::uint32_t node) {
    VM_ASSERT(count_ < nodes_.size());
    nodes_[count_++] = node;
  }

 private:
  std::array<std::uint32_t, 64> nodes_{};
  std::size_t count_;
};

}  // namespace

BoxIndex::BoxIndex(std::span<const RankBox> boxes) : boxes_(boxes), order_(boxes.size()) {
  std::iota(order_.begin(), order_.end(), 0U);
  if (boxes.empty()) return;
  nodes_.reserve(2 * boxes.size() / kLeaf + 2);
  build(0, static_cast<std::uint32_t>(boxes.size()));
}

void BoxIndex::build(std::uint32_t first, std::uint32_t count) {
  const std::size_t at = nodes_.size();
  nodes_.emplace_back();
  const std::span<std::uint32_t> own = std::span(order_).subspan(first, count);
  Node node{.bounds = boxes_[own.front()], .least = *std::ranges::min_element(own), .first = first, .count = count};
  for (const std::uint32_t number : own)
    for (std::size_t f = 0; f < kFields; ++f) {
      node.bounds.first[f] = std::min(node.bounds.first[f], boxes_[number].first[f]);
      node.bounds.last[f] = std::max(node.bounds.last[f], boxes_[number].last[f]);
    }
  // Halved by the field in which most middles are different.
  std::size_t widest = 0;
  std::uint64_t most = 0;
  for (std::size_t f = 0; count > kLeaf && f < kFields; ++f) {
    const auto [least, greatest] =
        std::ranges::minmax(own, {}, [&](std::uint32_t number) { return middle(boxes_[number], f); });
    const std::uint64_t spread = middle(boxes_[greatest], f) - middle(boxes_[least], f);
    if (spread > most) most = spread, widest = f;
  }
  if (most == 0) {
    nodes_[at] = node;
    return;
  }
  const std::uint32_t half = count / 2;
  std::ranges::nth_element(own, own.begin() + half, {},
                           [&](std::uint32_t number) { return middle(boxes_[number], widest); });
  build(first, half);
  node.right = static_cast<std::uint32_t>(nodes_.size());
  build(first + half, count - half);
  node.count = 0;
  nodes_[at] = node;
}

std::uint32_t BoxIndex::any_before(const RankPoint& point, std::uint32_t before) const {
  Waiting waiting(!nodes_.empty());
  while (!waiting.is_empty()) {
    const std::uint32_t at = waiting.pop();
    const Node& node = nodes_[at];
    if (node.least >= before || !contains(node.bounds, point)) continue;
    for (std::uint32_t i = node.first; i < node.first + node.count; ++i)
      if (order_[i] < before && contains(boxes_[order_[i]], point)) return order_[i];
    if (node.count != 0) continue;
    waiting.push(node.right);
    waiting.push(at + 1);
  }
  return kNone;
}

std::uint32_t BoxIndex::first(const RankPoint& point) const {
  std::uint32_t best = kNone;
  Waiting waiting(!nodes_.empty());
  while (!waiting.is_empty()) {
    const std::uint32_t at = waiting.pop();
    const Node& node = nodes_[at];
    if (node.least >= best || !contains(node.bounds, point)) continue;
    for (std::uint32_t i = node.first; i < node.first + node.count; ++i)
      if (order_[i] < best && contains(boxes_[order_[i]], point)) best = order_[i];
    if (node.count != 0) continue;
    // The half with the smaller number first: what it finds often saves the other.
    const bool is_left_first = nodes_[at + 1].least < nodes_[node.right].least;
    waiting.push(is_left_first ? node.right : at + 1);
    waiting.push(is_left_first ? at + 1 : node.right);
  }
  return best;
}

bool BoxIndex::overlapping(const RankBox& box, std::uint32_t before, std::size_t at_most,
                           std::vector<std::uint32_t>& to) const {
  Waiting waiting(!nodes_.empty());
  while (!waiting.is_empty()) {
    const std::uint32_t at = waiting.pop();
    const Node& node = nodes_[at];
    if (node.least >= before || !overlap(node.bounds, box)) continue;
    for (std::uint32_t i = node.first; i < node.first + node.count; ++i) {
      if (order_[i] >= before || !overlap(boxes_[order_[i]], box)) continue;
      if (to.size() == at_most) return false;
      to.push_back(order_[i]);
    }
    if (node.count != 0) continue;
    waiting.push(node.right);
    waiting.push(at + 1);
  }
  return true;
}

}  // namespace vuurmuur::analyse
