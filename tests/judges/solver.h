// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <vector>

#include "certificate.h"

// The same questions as formulas over bit vectors, for Z3 to solve.
namespace vuurmuur::judges {

/// By box of the list, in a world of packets that its ends take the bits of: whether some packet of it is in no box
/// that takes of a rule before its own.
[[nodiscard]] std::vector<bool> solve_is_left(const List& list, const Box& world);

/// Whether two lists treat some packet otherwise. `before`, `after`: what becomes of a packet that a rule, or none
/// (kNobody), takes.
[[nodiscard]] bool solve_differ(const Comparison& lists, const std::function<int(std::size_t rule)>& before,
                                const std::function<int(std::size_t rule)>& after);

}  // namespace vuurmuur::judges
