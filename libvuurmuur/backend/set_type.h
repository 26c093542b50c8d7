// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backend/iptables_save.h"
#include "ir/ruleset.h"

namespace vuurmuur::backend {

/// A type of ip_set, as ipset(8) names it.
struct SetType {
  std::string_view name;
  /// The first revision whose elements can have counters and comments (net/netfilter/ipset/ip_set_hash_*.c).
  std::uint8_t revision = 0;
};

/// The type that holds a set: of those that can, the one that the kernel looks up fastest (a type for single addresses
/// looks once, one for networks once for each length of prefix in it).
[[nodiscard]] SetType set_type(const ir::Set& set);

/// The size of a set's table of buckets, a power of 2: about one element a bucket, so that filling it never makes the
/// kernel build the table anew.
[[nodiscard]] std::uint32_t set_hash_size(std::size_t elements);
/// How many elements a set may hold: those that it has, at least 1; a timed one has room for others.
[[nodiscard]] std::uint32_t set_capacity(const ir::Set& set);

/// A set as ip_set takes it: no type takes a prefix of length 0, so each becomes its two halves.
[[nodiscard]] ir::Set in_kernel_form(const ir::Set& set);

/// An element as ipset(8) writes it: "192.0.2.1,tcp:80,198.51.100.0/24".
[[nodiscard]] std::string element_text(const ir::SetElement& element);

/// Texts of comments by OriginId; empty without `options.comments`.
[[nodiscard]] std::vector<std::string> origin_comments(const ir::Ruleset& ruleset, const TextOptions& options = {});

}  // namespace vuurmuur::backend
