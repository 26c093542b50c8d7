// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>

#include "model/policy.h"
#include "sema/policy.h"

namespace vuurmuur::analyse {

/// What becomes otherwise with a packet when another rule takes it; the weightiest that is true.
enum class Change : std::uint8_t {
  Allowed,   ///< it was dropped or rejected, and is accepted or queued
  Blocked,   ///< it was accepted or queued, and is dropped or rejected
  Refused,   ///< it is refused still, but answered otherwise: drop, reject and its types
  Queued,    ///< it goes to a queue and did not, or the other way round, or to another one, or to the same another way
  Handled,   ///< it gets another packet mark, or another helper is attached
  Logged,    ///< the rule that takes it logs it otherwise, or does it no more
  LogAdded,  ///< a log rule sees it that did not
  LogRemoved,  ///< a log rule sees it no more
};
inline constexpr std::size_t kChanges = 8;

/// A rule that takes packets for sure and the policy that it is of; without a rule it is the policy of the chain, which
/// drops.
struct Decision {
  const sema::Rule* rule = nullptr;
  const model::Settings* settings = nullptr;
};

/// How what `from` does with a packet is otherwise than what `to` does; nothing when it is the same. That a log record
/// is by another rule is no difference.
[[nodiscard]] std::optional<Change> change_of(const Decision& from, const Decision& to);

/// The same of packets other than those of TCP, which cannot be answered by a reset (doc/semantics.md section 5).
[[nodiscard]] std::optional<Change> change_outside_tcp(const Decision& from, const Decision& to);

}  // namespace vuurmuur::analyse
