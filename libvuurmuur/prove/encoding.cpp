// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/encoding.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace vuurmuur::prove {
namespace {

constexpr unsigned kStates = 5;

/// Cuts sets of values into what is in a set and what is not.
void cut(std::uint64_t by, std::vector<std::uint64_t>& sets) {
  std::vector<std::uint64_t> finer;
  for (const std::uint64_t set : sets)
    for (const std::uint64_t part : {set & by, set & ~by})
      if (part != 0) finer.push_back(part);
  sets = std::move(finer);
}

}  // namespace

Encoding::Encoding(const RegionPile& regions, std::span<const Program* const> programs) {
  flags_ = packet_marks_ = {UINT64_MAX};
  for (auto& pieces : numbers_) pieces = {0};
  std::vector<bool> is_seen(regions.situations());
  for (const Program* program : programs)
    for (const Entry& entry : program->entries) {
      if (is_seen[entry.region.when]) continue;
      is_seen[entry.region.when] = true;
      const Situation& when = regions.situation(entry.region.when);
      cut(when.flags, flags_);
      cut(when.packet_marks, packet_marks_);
      for (unsigned kind = 0; kind < 4; ++kind) {
        if ((when.kinds >> kind & 1) == 0) continue;
        if (when.first_number != 0) numbers_[kind].push_back(when.first_number);
        if (when.last_number != UINT32_MAX) numbers_[kind].push_back(when.last_number + 1);
      }
    }
  for (unsigned kind = 0; kind < 4; ++kind) {
    std::ranges::sort(numbers_[kind]);
    numbers_[kind].erase(std::ranges::unique(numbers_[kind]).begin(), numbers_[kind].end());
    begin_[kind + 1] = begin_[kind] + numbers_[kind].size();
  }
}

std::vector<analyse::Interval> Encoding::pieces(const Situation& when) const {
  std::vector<analyse::Interval> found;
  const auto push = [&](std::uint64_t first, std::uint64_t last) {
    if (!found.empty() && found.back().last.low + 1 == first)
      found.back().last.low = last;
    else
      found.push_back(analyse::Interval::of(first, last));
  };
  const bool has_all =
      when.states == Situation::kAllStates && when.flags == UINT64_MAX && when.packet_marks == UINT64_MAX;
  for (unsigned kind = 0; kind < 4; ++kind) {
    if ((when.kinds >> kind & 1) == 0) continue;
    const std::vector<std::uint32_t>& pieces = numbers_[kind];
    const auto piece_of = [&](std::uint32_t number) {
      return static_cast<std::uint64_t>(std::ranges::upper_bound(pieces, number) - pieces.begin()) - 1;
    };
    const std::uint64_t first = begin_[kind] + piece_of(when.first_number),
                        last = begin_[kind] + piece_of(when.last_number);
    if (has_all) {
      push(first * cells(), (last + 1) * cells() - 1);
      continue;
    }
    for (std::uint64_t piece = first; piece <= last; ++piece)
      for (unsigned state = 0; state < kStates; ++state) {
        if ((when.states >> state & 1) == 0) continue;
        for (std::size_t flags = 0; flags < flags_.size(); ++flags) {
          if ((when.flags & flags_[flags]) == 0) continue;
          for (std::size_t marks = 0; marks < packet_marks_.size(); ++marks)
            if ((when.packet_marks & packet_marks_[marks]) != 0) {
              const std::uint64_t cell =
                  piece * cells() + (state * flags_.size() + flags) * packet_marks_.size() + marks;
              push(cell, cell);
            }
        }
      }
  }
  return found;
}

Situation Encoding::situation(std::uint64_t value) const {
  Situation when;
  const std::uint64_t piece = value / cells(), cell = value % cells();
  const std::uint64_t marks = packet_marks_[cell % packet_marks_.size()], rest = cell / packet_marks_.size();
  when.packet_marks = marks & ~(marks - 1);
  when.states = static_cast<std::uint8_t>(1U << (rest / flags_.size()));
  const std::uint64_t flags = flags_[rest % flags_.size()];
  // SYN opens a connection, ACK is in all other packets.
  const auto usual = [&] {
    for (const unsigned each : {2U, 16U})
      if ((flags >> each & 1) != 0) return each;
    return static_cast<unsigned>(std::countr_zero(flags));
  };
  when.flags = 1ULL << usual();
  unsigned kind = 0;
  while (kind < 3 && piece >= begin_[kind + 1]) ++kind;
  when.kinds = static_cast<std::uint8_t>(1U << kind);
  when.first_number = when.last_number = numbers_[kind][piece - begin_[kind]];
  return when;
}

}  // namespace vuurmuur::prove
