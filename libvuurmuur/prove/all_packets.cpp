// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/all_packets.h"

#include <string_view>

#include "analyse/device_names.h"
#include "saved/condition.h"

namespace vuurmuur::prove {

using analyse::Field;

Region everything(const analyse::PolicyBoxes& fields, const ir::MarkLayout& layout) {
  Region all;
  all.box = fields.everything();
  all.box[Field::Chain] = analyse::Interval::one(0);
  all.box[Field::In] = all.box[Field::Out] = analyse::Interval{};
  all.when.last_number = last_number(layout);
  return all;
}

Region everything(const analyse::PolicyBoxes& fields, const ir::MarkLayout& layout, Hook hook) {
  Region all = everything(fields, layout);
  const analyse::Interval none = analyse::names_of_devices("", /*is_beginning=*/false);
  const HookFacts& facts = facts_of(hook);
  if (!facts.has_out) all.box[Field::Out] = none;
  if (!facts.has_in) all.box[Field::In] = none;
  if (std::string_view(facts.table) == "nat") all.when.states = saved::State::kNew;
  return all;
}

std::uint64_t opening_flags() {
  constexpr unsigned kFin = 1, kSyn = 2, kRst = 4, kAck = 16;
  std::uint64_t all = 0;
  for (unsigned flags = 0; flags < 64; ++flags)
    if ((flags & (kFin | kSyn | kRst | kAck)) == kSyn) all |= 1ULL << flags;
  return all;
}

}  // namespace vuurmuur::prove
