// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "apply/counters.h"
#include "base/result.h"
#include "ir/set.h"

namespace vuurmuur::apply {

/// A set that the kernel has, whoever made it.
struct KernelSet {
  std::string name;
  std::uint16_t index = 0;       ///< what rules hold
  std::string type;              ///< "hash:net,port"
  std::uint32_t references = 0;  ///< by rules and by other sets
  std::uint32_t elements = 0;    ///< without those whose time is over
};

/// An element of a set as the kernel has it. The first address of the type is its `source` and the second its
/// `destination`, because a set does not know what of a packet it is compared with.
struct SetMember {
  ir::SetElement element;
  Counters counters;
  std::string comment;
};

/// An element of a timed set (ir::SetUse).
struct TimedElement {
  net::Prefix prefix{};  ///< network form
  /// When it goes, in nanoseconds of CLOCK_BOOTTIME.
  std::int64_t deadline = kForever;

  static constexpr std::int64_t kForever = INT64_MAX;
  bool operator==(const TimedElement&) const = default;
};

/// How long an element stays from `now` on, in milliseconds, at least 1; 0: until it is taken away.
[[nodiscard]] std::uint64_t milliseconds_left(std::int64_t deadline, std::int64_t now);

/// What a set is made with besides its elements.
struct SetDetails {
  std::span<const std::string> comments{};  ///< of a counted set's elements, by their OriginId; empty: none
  std::span<const Counters> counters{};     ///< by element; empty: all begin with 0
  std::span<const TimedElement> timed{};    ///< of a timed set: its elements
};

/// Why a set could not be made.
struct SetRefusal {
  base::Error error;
  std::optional<std::size_t> element{};  ///< the one that was refused, when it was one
};

/// Whether a set is one of ours by its name.
[[nodiscard]] bool is_own_set(std::string_view name);

/// An element with its first address as `source` and its second as `destination`.
[[nodiscard]] ir::SetElement by_place(const ir::SetElement& element);

}  // namespace vuurmuur::apply
