// SPDX-License-Identifier: GPL-2.0-or-later
// A line that claims to be of a traffic log: whatever it holds, it is nothing or an entry that can be written again.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "log/escape.h"
#include "log/json_line.h"
#include "log/traffic_line.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vuurmuur;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  VM_ASSERT(log::unescaped(log::escaped(text)) == text);
  const log::Time now(std::chrono::seconds(1'795'474'267));
  for (const auto& entry : {log::read_traffic_line(text, now), log::read_json_line(text)}) {
    if (!entry) continue;
    std::string line, json;
    log::TrafficLine().append(line, *entry);
    VM_ASSERT(std::ranges::none_of(line, [](char c) { return (c >= 0 && c < 0x20 && c != '\n') || c == 0x7f; }));
    log::append_json(json, *entry);
    const auto again = log::read_json_line(json);
    VM_ASSERT(again && again->packet == entry->packet && again->time == entry->time);
  }
  return 0;
}
