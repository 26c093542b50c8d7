// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "apply/table_encoder.h"
#include "apply/kernel_table.h"
#include "net/address.h"

namespace vuurmuur::apply {

/// A rule of a chain as it was read; the views are valid until the chain is changed.
struct ReadRule {
  const void* entry = nullptr;
  std::string_view target;
};

/// The rules of a chain, in order.
[[nodiscard]] std::vector<ReadRule> rules_of(KernelTable& table, const std::string& chain);

/// How a chain comes from its old rules to the encoded ones.
struct Continuation {
  std::vector<RulePlan> plan;  ///< one for each encoded rule; none is kept
  bool is_same = false;        ///< the chain holds just these rules already
};

/// Finds for each encoded rule the old one that it is the same as, so that it goes on counting: at the beginning and at
/// the end of the chain place by place, between them by content, equal ones in their order. Takes time in proportion to
/// the number of rules.
[[nodiscard]] Continuation continue_rules(net::Family family, std::span<const ReadRule> old,
                                          const EncodedChain& encoded);

}  // namespace vuurmuur::apply
