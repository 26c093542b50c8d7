// SPDX-License-Identifier: GPL-2.0-or-later
// The file of what DNS told last: what can be read is written as a text that is read as the same.
#include <cstdint>

#include "base/assert.h"
#include "control/known_names.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vuurmuur;
  const control::KnownNames names = control::names_from_text({reinterpret_cast<const char*>(data), size});
  VM_ASSERT(control::names_from_text(control::names_to_text(names)) == names);
  return 0;
}
