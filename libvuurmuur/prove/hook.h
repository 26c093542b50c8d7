// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace vuurmuur::prove {

/// The built-in chains, by table.
enum class Hook : std::uint8_t {
  Input,
  Forward,
  Output,
  RawPrerouting,
  RawOutput,
  ManglePrerouting,
  MangleInput,
  MangleForward,
  MangleOutput,
  ManglePostrouting,
  NatPrerouting,
  NatInput,
  NatOutput,
  NatPostrouting
};
/// Those of table filter.
inline constexpr std::array kFilterHooks{Hook::Input, Hook::Forward, Hook::Output};

/// What is known of a chain, whatever rules are in it.
struct HookFacts {
  const char* table;
  const char* chain;
  /// Whether packets in it have come in, and whether it is known by what they leave.
  bool has_in, has_out;
};
/// By hook; iptables(8).
inline constexpr std::array<HookFacts, 14> kHookFacts{{{"filter", "INPUT", true, false},
                                                       {"filter", "FORWARD", true, true},
                                                       {"filter", "OUTPUT", false, true},
                                                       {"raw", "PREROUTING", true, false},
                                                       {"raw", "OUTPUT", false, true},
                                                       {"mangle", "PREROUTING", true, false},
                                                       {"mangle", "INPUT", true, false},
                                                       {"mangle", "FORWARD", true, true},
                                                       {"mangle", "OUTPUT", false, true},
                                                       {"mangle", "POSTROUTING", false, true},
                                                       {"nat", "PREROUTING", true, false},
                                                       {"nat", "INPUT", true, false},
                                                       {"nat", "OUTPUT", false, true},
                                                       {"nat", "POSTROUTING", false, true}}};
inline constexpr std::size_t kHooks = kHookFacts.size();

[[nodiscard]] constexpr const HookFacts& facts_of(Hook hook) { return kHookFacts[static_cast<std::size_t>(hook)]; }
/// "INPUT".
[[nodiscard]] constexpr const char* to_string(Hook hook) { return facts_of(hook).chain; }

}  // namespace vuurmuur::prove
