// SPDX-License-Identifier: GPL-2.0-or-later
// Statements about alerts: what is wrong is told within the text, and no statement says more than it may.
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "respond/responses.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vuurmuur;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  diag::Sink sink;
  const respond::Responses responses = respond::read_responses(text, diag::FileId{}, sink);
  for (const diag::Diagnostic& problem : sink.all())
    VM_ASSERT(problem.span && problem.span->begin <= problem.span->end && problem.span->end <= size);
  VM_ASSERT(responses.most_blocked >= 1 && responses.most_blocked <= respond::Responses::kMostBlocked);
  for (const respond::Response& response : responses.responses) {
    VM_ASSERT(response.span.begin < response.span.end && response.span.end <= size);
    VM_ASSERT((response.action == respond::Response::Action::Ignore) == (response.time.count() == 0));
    static_cast<void>(response.when.is_met_by({}));
  }
  return 0;
}
