// SPDX-License-Identifier: GPL-2.0-or-later
#include "volumes/subject.h"

#include <algorithm>

namespace vuurmuur::volumes {

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::Rule: return "rule";
    case Kind::Zone: return "zone";
    case Kind::Interface: return "interface";
    case Kind::Queue: return "queue";
    case Kind::Host: return "host";
  }
  return {};
}

std::optional<Kind> kind_named(std::string_view word) {
  const auto found = std::ranges::find(kKinds, word, [](Kind kind) { return to_string(kind); });
  return found == kKinds.end() ? std::nullopt : std::optional(*found);
}

PairNames pair_names(Kind kind) {
  if (kind == Kind::Interface) return {"in", "out"};
  if (kind == Kind::Host) return {"sent", "received"};
  return {"ipv4", "ipv6"};
}

}  // namespace vuurmuur::volumes
