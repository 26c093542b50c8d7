// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/box_index.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "base/assert.h"

namespace vuurmuur::analyse {
namespace {

constexpr std::uint32_t kLeaf = 8;
/// Boxes that show how a node is best halved.
constexpr std::uint32_t kSample = 32;

std::uint64_t middle(const RankBox& box, std::size_t field) {
  return std::uint64_t{box.first[field]} + box.last[field];
}

void widen(RankBox& bounds, const RankBox& box) {
  for (std::size_t f = 0; f < kFields; ++f) {
    bounds.first[f] = std::min(bounds.first[f], box.first[f]);
    bounds.last[f] = std::max(bounds.last[f], box.last[f]);
  }
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

/// The field in which the middles of boxes lie farthest apart, as every `step`-th of them shows it; kFields: in none.
std::size_t BoxIndex::widest_field(std::span<const std::uint32_t> own, std::size_t step) const {
  std::size_t widest = kFields;
  std::uint64_t most = 0;
  for (std::size_t f = 0; f < kFields; ++f) {
    std::uint64_t least = middle(boxes_[own.front()], f), greatest = least;
    for (std::size_t i = step; i < own.size(); i += step) {
      const std::uint64_t own_middle = middle(boxes_[own[i]], f);
      least = std::min(least, own_middle);
      greatest = std::max(greatest, own_middle);
    }
    if (greatest - least > most) most = greatest - least, widest = f;
  }
  return widest;
}

void BoxIndex::build(std::uint32_t first, std::uint32_t count) {
  const std::size_t at = nodes_.size();
  nodes_.emplace_back();
  const std::span<std::uint32_t> own = std::span(order_).subspan(first, count);
  std::size_t widest = kFields;
  if (count > kLeaf) widest = widest_field(own, count / kSample + 1);
  if (count > kLeaf && widest == kFields) widest = widest_field(own, 1);
  if (widest == kFields) {
    Node node{.bounds = boxes_[own.front()], .least = *std::ranges::min_element(own), .first = first, .count = count};
    for (const std::uint32_t number : own) widen(node.bounds, boxes_[number]);
    nodes_[at] = node;
    return;
  }
  const std::uint32_t half = count / 2;
  std::ranges::nth_element(own, own.begin() + half, {},
                           [&](std::uint32_t number) { return middle(boxes_[number], widest); });
  build(first, half);
  const std::size_t right = nodes_.size();
  build(first + half, count - half);
  Node& node = nodes_[at];
  node = nodes_[at + 1];
  widen(node.bounds, nodes_[right].bounds);
  node.least = std::min(node.least, nodes_[right].least);
  node.count = 0;
  node.right = static_cast<std::uint32_t>(right);
}

std::uint32_t BoxIndex::any(const RankPoint& point, const Among& among) const {
  Waiting waiting(!nodes_.empty());
  while (!waiting.is_empty()) {
    const std::uint32_t at = waiting.pop();
    const Node& node = nodes_[at];
    if (node.least >= among.before || !contains(node.bounds, point)) continue;
    for (std::uint32_t i = node.first; i < node.first + node.count; ++i)
      if (among.has(order_[i]) && contains(boxes_[order_[i]], point)) return order_[i];
    if (node.count != 0) continue;
    waiting.push(node.right);
    waiting.push(at + 1);
  }
  return kNone;
}

std::uint32_t BoxIndex::first(const RankPoint& point, const Among& among) const {
  std::uint32_t best = kNone;
  Waiting waiting(!nodes_.empty());
  while (!waiting.is_empty()) {
    const std::uint32_t at = waiting.pop();
    const Node& node = nodes_[at];
    if (node.least >= std::min(best, among.before) || !contains(node.bounds, point)) continue;
    for (std::uint32_t i = node.first; i < node.first + node.count; ++i)
      if (order_[i] < best && among.has(order_[i]) && contains(boxes_[order_[i]], point)) best = order_[i];
    if (node.count != 0) continue;
    // The half with the smaller number first: what it finds often saves the other.
    const bool is_left_first = nodes_[at + 1].least < nodes_[node.right].least;
    waiting.push(is_left_first ? node.right : at + 1);
    waiting.push(is_left_first ? at + 1 : node.right);
  }
  return best;
}

bool BoxIndex::overlapping(const RankBox& box, const Among& among, std::size_t at_most,
                           std::vector<std::uint32_t>& to) const {
  Waiting waiting(!nodes_.empty());
  while (!waiting.is_empty()) {
    const std::uint32_t at = waiting.pop();
    const Node& node = nodes_[at];
    if (node.least >= among.before || !overlap(node.bounds, box)) continue;
    for (std::uint32_t i = node.first; i < node.first + node.count; ++i) {
      if (!among.has(order_[i]) || !overlap(boxes_[order_[i]], box)) continue;
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
