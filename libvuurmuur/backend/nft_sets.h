// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "backend/nft_program.h"

namespace vuurmuur::backend::nft {

/// Gives the place of an origin's counter, making it when it is missing.
using CounterOf = std::function<Index(ir::OriginId)>;

/// A set of the IR. Single addresses alone become a hash; prefixes intervals (one field) or concatenated intervals. A
/// set whose elements count becomes a map from keys to the counters of their origins: one counter however many
/// elements, and it survives when the set is replaced.
///
/// With a protocol only the elements of that one, and without it in the key: nft 1.0.6 makes of a protocol in a key
/// what newer kernels refuse, and the key is shorter. A set with ports is made for each protocol in it.
[[nodiscard]] Set make_set(const ir::Set& set, std::optional<net::Protocol> protocol, const CounterOf& counter_of,
                           const std::vector<Counter>& counters);

/// The protocols of a set's elements, in order.
[[nodiscard]] std::vector<net::Protocol> protocols_of(const ir::Set& set);

/// Appends a field's value to a key: addresses in network order, numbers in the order of the field (see byte_order()).
void append_address(KeyBytes& key, const net::Address& address);
void append_number(KeyBytes& key, Field field, std::uint32_t value);

/// Size in bytes of a field's value, of the family's addresses.
[[nodiscard]] unsigned field_size(Field field, net::Family family);

/// Whether a field's value stands in registers in network byte order; others are in that of the machine.
[[nodiscard]] bool is_network_order(Field field);

/// How many elements the kernel is told that a set has; 0 when it is not told, as for intervals (it counts their ends
/// too) and for one that others fill.
[[nodiscard]] std::uint32_t set_size(const Set& set);

/// Whether a name is one that sets of ours have.
[[nodiscard]] bool is_own_set_name(std::string_view name);

}  // namespace vuurmuur::backend::nft
