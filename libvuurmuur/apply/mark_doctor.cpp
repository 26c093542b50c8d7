// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/mark_doctor.h"

namespace vuurmuur::apply {
namespace {

constexpr unsigned kKindBits = 2;
constexpr unsigned kMostBits = kKindBits + 16;

/// The widest run of bits that are not taken, cut to what a field can use; its upper end stays.
std::optional<MaskProposal> propose(std::uint32_t taken) {
  unsigned best = 0, best_shift = 0;
  for (unsigned top = 32; top > 0;) {
    if ((taken >> (top - 1) & 1u) != 0) {
      --top;
      continue;
    }
    unsigned bottom = top;
    while (bottom > 0 && (taken >> (bottom - 1) & 1u) == 0 && top - bottom < kMostBits) --bottom;
    if (top - bottom > best) best = top - bottom, best_shift = bottom;
    top = bottom;
  }
  if (best <= kKindBits) return std::nullopt;
  const auto mask = static_cast<std::uint32_t>(((std::uint64_t{1} << best) - 1) << best_shift);
  return MaskProposal{.mask = mask, .highest = static_cast<std::uint16_t>((1u << (best - kKindBits)) - 1)};
}

}  // namespace

MarkDiagnosis diagnose_marks(const std::vector<ForeignMark>& marks, const ir::MarkLayout& layout) {
  MarkDiagnosis diagnosis;
  for (const ForeignMark& mark : marks) {
    if (mark.bits != UINT32_MAX) diagnosis.taken |= mark.bits;
    if ((mark.bits & layout.mask()) != 0) diagnosis.collisions.push_back(mark);
  }
  if (!diagnosis.collisions.empty()) diagnosis.proposal = propose(diagnosis.taken);
  // A field that others leave alone already is the best there is.
  if (diagnosis.proposal && (diagnosis.taken & layout.mask()) == 0) diagnosis.proposal.reset();
  return diagnosis;
}

}  // namespace vuurmuur::apply
