// SPDX-License-Identifier: GPL-2.0-or-later
// A message of NFLOG and the packet in it, both of whatever bytes: nothing outside is read, and what comes out of it is a
// line that a terminal and a reader of JSON may be shown.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/assert.h"
#include "log/journal.h"
#include "log/json_line.h"
#include "log/recorder.h"
#include "log/traffic_line.h"

namespace {

using namespace vuurmuur;

bool is_harmless(const std::string& text) {
  return std::ranges::none_of(text, [](char c) { return (c >= 0 && c < 0x20 && c != '\n') || c == 0x7f; });
}

void look_at(const log::Entry& entry) {
  log::TrafficLine writer;
  std::string line, json, fields;
  writer.append(line, entry);
  VM_ASSERT(is_harmless(line) && std::ranges::count(line, '\n') == 1);
  log::append_journal_fields(fields, entry, writer);
  VM_ASSERT(is_harmless(fields));
  log::append_json(json, entry);
  VM_ASSERT(is_harmless(json) && std::ranges::count(json, '\n') == 0);
  const auto read = log::read_json_line(json);
  // A line does not say that it is of a later fragment.
  VM_ASSERT(read.has_value());
  log::Packet expected = entry.packet;
  expected.is_later_fragment = false;
  VM_ASSERT(read->packet == expected);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A copy, so that a sanitizer sees where it ends.
  const std::vector<std::uint8_t> bytes(data, data + size);
  log::Recorder recorder([](std::uint32_t number) { return std::string(1, static_cast<char>(number)); });
  if (const log::Entry* entry = recorder.take(bytes, log::Time{})) look_at(*entry);
  if (const auto packet = log::read_packet(bytes)) {
    log::Entry entry;
    entry.packet = *packet;
    entry.prefix.assign(bytes.begin(), bytes.end());
    log::NoNames().name(*packet, {}, {}, entry.names);
    look_at(entry);
  }
  return 0;
}
