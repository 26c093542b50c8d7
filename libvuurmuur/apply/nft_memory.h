// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <map>

#include "apply/nft_tables.h"

namespace vuurmuur::apply {

/// What the last load left in nf_tables: as long as nobody changes anything there, the next one need not read it (but
/// for what counters have counted, where new ones may begin with that), and writes the chains only that are another by then. Whoever loads again and again keeps one.
struct NftMemory {
  std::uint32_t generation = 0;  ///< of nf_tables in which the tables are so; 0: nothing is known
  std::map<net::Family, NftTable> tables{};  ///< by family; what counters counted is not known
};

}  // namespace vuurmuur::apply
