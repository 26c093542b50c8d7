// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/set_support.h"

#include "backend/set_type.h"

namespace vuurmuur::apply {

bool SetSupport::can_hold(const ir::Set& set) {
  // The sets of nf_tables are part of it.
  if (backend_ == Backend::Nft) return true;
  const backend::SetType type = backend::set_type(set);
  const auto [known, is_new] = known_.try_emplace({set.family, type.name}, false);
  if (is_new) known->second = kernel_.has_set_type(set.family, type);
  return known->second;
}

}  // namespace vuurmuur::apply
