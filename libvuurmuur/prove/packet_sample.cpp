// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/packet_sample.h"

#include <span>
#include <utility>

#include "analyse/device_names.h"
#include "analyse/ranks.h"

namespace vuurmuur::prove {
namespace {

using analyse::Field;

/// The device of the policy that a name is of, or one of no interface.
analyse::Interval device_of(const analyse::Interval& names, const analyse::PolicyBoxes& fields) {
  const std::uint64_t last = fields.everything()[Field::In].last.low;
  std::uint64_t best = 0;
  for (std::uint64_t value = 0; value <= last; ++value) {
    const analyse::Interval own = fields.names(analyse::Interval::one(value));
    if (names.first < own.first || own.last < names.first) continue;
    best = value;
    if (value % 2 == 1) break;
  }
  return analyse::Interval::one(best);
}

}  // namespace

analyse::Sample sample_of(const Disagreement& what, Hook hook, const analyse::PolicyBoxes& fields) {
  analyse::Box box = what.packets;
  constexpr std::uint64_t kInput = 0, kForward = 1, kOutput = 2;
  const HookFacts& facts = facts_of(hook);
  box[Field::Chain] = analyse::Interval::one(!facts.has_out ? kInput : !facts.has_in ? kOutput : kForward);
  for (const Field side : {Field::In, Field::Out}) box[side] = device_of(box[side], fields);
  const analyse::Ranks ranks(std::span(&box, 1));
  analyse::Sample sample = analyse::sample_at(ranks.of(box).first, ranks, fields);
  // A device of which no interface is told, "lo".
  for (const auto& [side, device] : {std::pair{Field::In, &sample.in}, std::pair{Field::Out, &sample.out}})
    if (device->empty()) *device = analyse::device_among(what.packets[side]);
  return sample;
}

}  // namespace vuurmuur::prove
