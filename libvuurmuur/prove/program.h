// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "prove/behaviour.h"
#include "prove/region_pile.h"
#include "saved/ruleset.h"
#include "sema/policy.h"

namespace vuurmuur::prove {

/// Whose an entry is: a rule of the emitted text, or a rule of the policy, or a step of doc/semantics.md section 1.
struct Source {
  const saved::Rule* emitted = nullptr;
  const sema::Rule* rule = nullptr;
  const char* step = "";
};

/// What becomes of the packets of a region that no entry before it ends.
struct Entry {
  RegionNumbers region;
  std::uint32_t behaviour = 0;  ///< as Behaviours numbers them
  std::uint32_t part = 0;       ///< place in Program::parts
  unsigned rule = 0;            ///< of the policy, by its number; 0: none
  bool ends = true;             ///< false: they go on to the next entry as well, because it logs, or only may take them
  bool is_uncertain = false;    ///< what only the moment tells decides whether it takes them
  Source source;
};

/// A region that entries were narrowed to: whatever else was narrowed to it is near them.
struct Part {
  RegionNumbers region;
  std::uint32_t around = 0;  ///< the part that it was made of; the first is its own
};

/// One hook and one family. Every packet is ended by some entry.
struct Program {
  std::vector<Entry> entries;
  std::vector<Part> parts;
  std::vector<std::string> not_modelled;  ///< what is not in it, as sentences
};

/// What programs that are held against each other have in common.
struct Terms {
  RegionPile regions;
  Behaviours behaviours;
};

}  // namespace vuurmuur::prove
