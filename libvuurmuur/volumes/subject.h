// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vuurmuur::volumes {

/// What something is counted for. The numbers stand in files: one that is not used any more is not used again.
enum class Kind : std::uint8_t {
  Rule = 1,       ///< a rule of the policy, or what the firewall does by itself
  Zone = 2,       ///< what rules from one zone to another take: "lan to inet"
  Interface = 3,  ///< a device
  Queue = 4,      ///< what rules send to a queue: "5" or "5-8"
  Host = 5,       ///< a host of the policy, an address, or a network whose hosts nobody can count
};
inline constexpr std::array kKinds{Kind::Rule, Kind::Zone, Kind::Interface, Kind::Queue, Kind::Host};

/// "rule", "zone", "interface", "queue", "host".
[[nodiscard]] std::string_view to_string(Kind kind);
/// Back from to_string().
[[nodiscard]] std::optional<Kind> kind_named(std::string_view word);

/// Who something is counted for. The name stays the same over reloads and reboots: a rule's is what it says without its
/// number (doc/decisions/0027-volumes.md).
struct Subject {
  Kind kind = Kind::Rule;
  std::string name;
  auto operator<=>(const Subject&) const = default;
};

struct Counts {
  std::uint64_t packets = 0, bytes = 0;
  bool operator==(const Counts&) const = default;

  Counts& operator+=(const Counts& other) {
    packets += other.packets;
    bytes += other.bytes;
    return *this;
  }
  [[nodiscard]] bool is_zero() const { return packets == 0 && bytes == 0; }
};

/// Two counters that belong together: of a device what it received and sent, of a host what it sent and received, of all
/// else IPv4 and IPv6.
struct Pair {
  Counts first, second;
  bool operator==(const Pair&) const = default;

  Pair& operator+=(const Pair& other) {
    first += other.first;
    second += other.second;
    return *this;
  }
  [[nodiscard]] bool is_zero() const { return first.is_zero() && second.is_zero(); }
  [[nodiscard]] Counts sum() const {
    Counts both = first;
    return both += second;
  }
};

/// What the two of a pair are called: "in" and "out", or "ipv4" and "ipv6".
struct PairNames {
  const char *first, *second;
};
[[nodiscard]] PairNames pair_names(Kind kind);

}  // namespace vuurmuur::volumes
