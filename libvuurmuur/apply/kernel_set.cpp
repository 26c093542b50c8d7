// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/kernel_set.h"

#include <utility>

namespace vuurmuur::apply {

bool is_own_set(std::string_view name) {
  if (!name.starts_with(ir::kOwnSetPrefix)) return false;
  name.remove_prefix(ir::kOwnSetPrefix.size());
  return name.starts_with("4-") || name.starts_with("6-");
}

std::uint64_t milliseconds_left(std::int64_t deadline, std::int64_t now) {
  if (deadline == TimedElement::kForever) return 0;
  constexpr std::int64_t kMillisecond = 1'000'000;
  return deadline <= now ? 1 : static_cast<std::uint64_t>((deadline - now + kMillisecond - 1) / kMillisecond);
}

ir::SetElement by_place(const ir::SetElement& element) {
  ir::SetElement placed = element;
  if (!placed.source) std::swap(placed.source, placed.destination);
  return placed;
}

}  // namespace vuurmuur::apply
