// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "prove/behaviour.h"
#include "prove/program.h"
#include "sema/policy.h"

namespace vuurmuur::prove {

/// What a rule of the policy begins with: its number, and its limit (doc/semantics.md section 5).
[[nodiscard]] Done done_by(const sema::Rule& rule);
/// The same of its log record; nothing: it has none.
[[nodiscard]] std::optional<Done> logged_by(const sema::Rule& rule);

/// Who says what a policy means: one of its rules, or a step of doc/semantics.md.
struct Speaker {
  const sema::Rule* rule = nullptr;
  const char* step = "";
};
/// Adds to a program what becomes of packets of a region. `ends`, `is_uncertain`: as of Entry.
void add(Program& program, Terms& terms, const Speaker& speaker, const Region& region, const std::string& text,
         bool ends, bool is_uncertain);

}  // namespace vuurmuur::prove
