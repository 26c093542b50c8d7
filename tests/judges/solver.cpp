// SPDX-License-Identifier: GPL-2.0-or-later
#include "solver.h"

#include <z3++.h>

#include <stdexcept>
#include <string>

namespace vuurmuur::judges {
namespace {

/// A packet with a bit vector for each field.
class Packet {
 public:
  Packet(z3::context& context, const Box& world) : context_(context) {
    for (std::size_t d = 0; d < kDimensions; ++d) {
      unsigned width = 1;
      while (world[d].last >> (width - 1) > 1) ++width;
      fields_.push_back(context.bv_const(("field" + std::to_string(d)).c_str(), width));
    }
  }

  [[nodiscard]] z3::expr is_in(const Box& box) const {
    z3::expr all = context_.bool_val(true);
    for (std::size_t d = 0; d < kDimensions; ++d) {
      const z3::expr& field = fields_[d];
      all = all && z3::uge(field, number(box[d].first, field)) && z3::ule(field, number(box[d].last, field));
    }
    return all;
  }

 private:
  [[nodiscard]] z3::expr number(Number value, const z3::expr& like) const {
    std::string digits;
    for (Number rest = value; digits.empty() || rest != 0; rest /= 10)
      digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    return context_.bv_val(digits.c_str(), like.get_sort().bv_size());
  }

  z3::context& context_;
  std::vector<z3::expr> fields_;
};

bool has_solution(z3::solver& solver) {
  switch (solver.check()) {
    case z3::sat: return true;
    case z3::unsat: return false;
    case z3::unknown: break;
  }
  throw std::runtime_error("Z3 does not know");
}

/// What becomes of the packet, from the last rule up.
z3::expr treatment(z3::context& context, const Packet& packet, const List& list,
                   const std::function<int(std::size_t)>& what) {
  const auto number = [&](std::size_t rule) { return context.bv_val(what(rule), 8); };
  z3::expr result = number(kNobody);
  for (auto entry = list.rbegin(); entry != list.rend(); ++entry)
    if (entry->takes) result = z3::ite(packet.is_in(entry->box), number(entry->rule), result);
  return result;
}

}  // namespace

std::vector<bool> solve_is_left(const List& list, const Box& world) {
  z3::context context;
  const Packet packet(context, world);
  z3::solver solver(context, "QF_BV");
  std::vector<bool> result;
  for (std::size_t begin = 0, end = 0; begin < list.size(); begin = end) {
    for (; end < list.size() && list[end].rule == list[begin].rule; ++end) {
      solver.push();
      solver.add(packet.is_in(list[end].box));
      result.push_back(has_solution(solver));
      solver.pop();
    }
    for (std::size_t i = begin; i < end; ++i)
      if (list[i].takes) solver.add(!packet.is_in(list[i].box));
  }
  return result;
}

bool solve_differ(const Comparison& lists, const std::function<int(std::size_t)>& before,
                  const std::function<int(std::size_t)>& after) {
  z3::context context;
  const Packet packet(context, lists.world);
  z3::solver solver(context, "QF_BV");
  solver.add(packet.is_in(lists.world));
  for (const Box& box : lists.impossible) solver.add(!packet.is_in(box));
  solver.add(treatment(context, packet, lists.before, before) != treatment(context, packet, lists.after, after));
  return has_solution(solver);
}

}  // namespace vuurmuur::judges
