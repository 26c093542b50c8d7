// SPDX-License-Identifier: GPL-2.0-or-later
// Files of iptables-save and ipset: whatever they hold, they are read, and a packet finds its way through.
#include <cstdint>
#include <string>

#include "saved/read.h"
#include "saved/walk.h"

using namespace vuurmuur;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  diag::SourceMap sources;
  diag::Sink sink;
  const auto file = sources.add("rules.save", std::string(reinterpret_cast<const char*>(data), size));
  const saved::Ruleset ruleset = saved::read(file, sources, sink);
  const saved::Sets sets = saved::Sets::read(file, sources, sink);
  for (const net::Family family : net::kFamilies) {
    const saved::Walker walker(ruleset, family, sink, {.sets = &sets, .route = {}, .addresses = {}});
    saved::Packet packet{.in = "lan0",
                         .out = "wan0",
                         .source = {.family = family, .bytes = {192, 168, 1, 5}},
                         .destination = {.family = family, .bytes = {10, 0, 0, 1}},
                         .destination_port = 80};
    for (const saved::Way way : {saved::Way::In, saved::Way::Through, saved::Way::Out}) {
      packet.way = way;
      if (walker.walk(packet).outcomes.empty()) __builtin_trap();
    }
  }
  return 0;
}
