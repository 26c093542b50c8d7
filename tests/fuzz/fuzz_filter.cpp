// SPDX-License-Identifier: GPL-2.0-or-later
// Filters: whatever is read is written as a text that is read as the same, without complaint.
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "diag/diagnostic.h"
#include "filter/filter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vuurmuur;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const filter::Of of : {filter::Of::Connections, filter::Of::Log}) {
    diag::Sink wrong, nothing;
    const filter::Filter filter = filter::parse(text, diag::FileId{}, of, wrong);
    const std::string written = filter.to_string();
    static_cast<void>(filter.asks_for());
    static_cast<void>(filter.lets_through({}));
    check_words(filter, {.ends = {"lan", "web.srv.dmz"}, .services = {"http"}}, wrong);
    // ">1" is longer when it is written out.
    if (written.size() > filter::kLongestFilter) continue;
    const filter::Filter again = filter::parse(written, diag::FileId{}, of, nothing);
    VM_ASSERT(!nothing.has_errors());
    VM_ASSERT(again == filter);
  }
  return 0;
}
