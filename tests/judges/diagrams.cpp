// SPDX-License-Identifier: GPL-2.0-or-later
#include "diagrams.h"

#include <bdd.h>

#include <array>
#include <bit>
#include <map>

namespace vuurmuur::judges {
namespace {

// Room for one field beside the other: 128 bits are the most that one has.
constexpr int kBits = 128;
/// Fields with few values stand at the top: chain, devices, protocol, ports, addresses.
constexpr std::array<std::size_t, kDimensions> kOrder{1, 2, 0, 3, 5, 4, 7, 6, 8, 9};

/// How fields are written in bits.
class Bits {
 public:
  explicit Bits(const Box& world) {
    for (std::size_t place = 0; place < kDimensions; ++place) {
      const std::size_t d = kOrder[place];
      top_[d] = static_cast<int>(place) * kBits;
      for (Number rest = world[d].last; rest != 0; rest >>= 1) ++width_[d];
    }
  }

  [[nodiscard]] bdd set(const Box& box) const {
    bdd all = bddtrue;
    for (std::size_t place = kDimensions; place-- > 0;) {
      const std::size_t d = kOrder[place];
      all &= at_least(d, box[d].first) & at_most(d, box[d].last);
    }
    return all;
  }

 private:
  /// From the last bit up: a number is at least another one when its first bit is greater, or the same and the rest is.
  [[nodiscard]] bdd at_least(std::size_t d, Number number) const {
    bdd result = bddtrue;
    for (int bit = 0; bit < width_[d]; ++bit) {
      const bdd is_set = bdd_ithvar(top_[d] + width_[d] - 1 - bit);
      result = (number >> bit & 1) != 0 ? is_set & result : is_set | result;
    }
    return result;
  }
  [[nodiscard]] bdd at_most(std::size_t d, Number number) const {
    bdd result = bddtrue;
    for (int bit = 0; bit < width_[d]; ++bit) {
      const bdd is_clear = bdd_nithvar(top_[d] + width_[d] - 1 - bit);
      result = (number >> bit & 1) != 0 ? is_clear | result : is_clear & result;
    }
    return result;
  }

  std::array<int, kDimensions> top_{}, width_{};
};

bdd union_of(const Bits& bits, std::span<const Box> boxes) {
  bdd all = bddfalse;
  for (const Box& box : boxes) all |= bits.set(box);
  return all;
}

/// By what becomes of them, the packets of the world.
std::map<int, bdd> treated(const Bits& bits, const List& list, const Box& world,
                           const std::function<int(std::size_t)>& what) {
  std::map<int, bdd> result;
  bdd left = bits.set(world);
  const auto take = [&](std::size_t rule, const bdd& taken) {
    const auto at = result.try_emplace(what(rule), bddfalse).first;
    at->second |= taken;
  };
  for (const Entry& entry : list) {
    if (!entry.takes) continue;
    const bdd box = bits.set(entry.box);
    take(entry.rule, left & box);
    left -= box;
  }
  take(kNobody, left);
  return result;
}

}  // namespace

Diagrams::Diagrams() {
  bdd_init(200'000, 50'000);
  bdd_setmaxincrease(2'000'000);
  bdd_gbc_hook(nullptr);
  bdd_setvarnum(kBits * static_cast<int>(kDimensions));
}

Diagrams::~Diagrams() { bdd_done(); }

std::vector<bool> Diagrams::is_left(const List& list, const Box& world) {
  const Bits bits(world);
  std::vector<bool> result;
  bdd taken = bddfalse, of_rule = bddfalse;
  std::size_t rule = kNobody;
  for (const Entry& entry : list) {
    if (entry.rule != rule) {
      taken |= of_rule;
      of_rule = bddfalse;
      rule = entry.rule;
    }
    const bdd box = bits.set(entry.box);
    result.push_back(box - taken != bddfalse);
    if (entry.takes) of_rule |= box;
  }
  return result;
}

bool Diagrams::are_rest(std::span<const Box> pieces, const Box& region, std::span<const Box> taken, const Box& world) {
  const Bits bits(world);
  bdd together = bddfalse;
  for (const Box& piece : pieces) {
    const bdd set = bits.set(piece);
    if ((together & set) != bddfalse) return false;
    together |= set;
  }
  return together == bits.set(region) - union_of(bits, taken);
}

Diagrams::Difference Diagrams::difference(const Comparison& lists, const std::function<int(std::size_t)>& before,
                                          const std::function<int(std::size_t)>& after, std::span<const Box> rows) {
  const Bits bits(lists.world);
  const std::map<int, bdd> old = treated(bits, lists.before, lists.world, before),
                           now = treated(bits, lists.after, lists.world, after);
  bdd alike = bddfalse;
  for (const auto& [what, set] : old)
    if (const auto same = now.find(what); same != now.end()) alike |= set & same->second;
  const bdd impossible = union_of(bits, lists.impossible);
  const bdd differing = bits.set(lists.world) - alike - impossible, told = union_of(bits, rows) - impossible;
  Difference result;
  result.is_there = differing != bddfalse;
  result.is_in_rows = differing - told == bddfalse;
  result.is_rows = differing == told;
  return result;
}

}  // namespace vuurmuur::judges
