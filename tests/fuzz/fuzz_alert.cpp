// SPDX-License-Identifier: GPL-2.0-or-later
// A stream as an inspector writes it, in which attackers have a hand: an alert that is taken is one with all that is
// asked.
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "respond/alert.h"
#include "respond/line_cutter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vuurmuur::respond;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  LineCutter cutter;
  std::size_t seen = 0;
  const auto take = [&](std::string_view line) {
    VM_ASSERT(!line.contains('\n'));
    seen += line.size() + 1;
    if (const auto alert = read_alert(line); alert && *alert) VM_ASSERT((*alert)->signature != 0);
  };
  // In two pieces, which must make no difference to what the lines are.
  cutter.add(text.substr(0, size / 2), take);
  cutter.add(text.substr(size / 2), take);
  cutter.add("\n", take);
  VM_ASSERT(seen == size + 1 || cutter.skipped() != 0);
  return 0;
}
