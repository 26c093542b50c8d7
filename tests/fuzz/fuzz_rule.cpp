// SPDX-License-Identifier: GPL-2.0-or-later
// One rule: what can be read is written as a text that is read as the same rule and written as the same text.
#include <cstdint>

#include "base/assert.h"
#include "config/rule_syntax.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vuurmuur;
  const auto rule = config::parse_rule(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!rule) return 0;
  const std::string text = config::rule_to_text(*rule);
  const auto again = config::parse_rule(text);
  VM_ASSERT(again && *again == *rule);
  VM_ASSERT(config::rule_to_text(*again) == text);
  return 0;
}
