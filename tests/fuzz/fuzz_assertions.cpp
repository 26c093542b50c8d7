// SPDX-License-Identifier: GPL-2.0-or-later
// Statements about a policy: whatever is read is written as a text that is read as the same, without complaint.
#include <cstdint>
#include <string_view>

#include "analyse/assertion_syntax.h"
#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vuurmuur;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  diag::Sink wrong;
  for (const analyse::Assertion& assertion : analyse::read_assertions(text, diag::FileId{}, wrong)) {
    VM_ASSERT(assertion.span.begin < assertion.span.end && assertion.span.end <= size);
    const std::string written = analyse::to_string(assertion);
    diag::Sink nothing;
    const auto again = analyse::read_assertions(written, diag::FileId{}, nothing);
    VM_ASSERT(!nothing.has_errors());
    VM_ASSERT(again.size() == 1);
    VM_ASSERT(again.front().kind == assertion.kind);
    VM_ASSERT(analyse::to_string(again.front()) == written);
  }
  for (const diag::Diagnostic& problem : wrong.all()) VM_ASSERT(problem.span && problem.span->end <= size);
  return 0;
}
