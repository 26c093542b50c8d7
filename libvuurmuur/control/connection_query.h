// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apply/kernel.h"
#include "control/in_force.h"
#include "control/named_connection.h"
#include "filter/filter.h"

namespace vuurmuur::control {

/// By what connections are put in order; the largest first, names from A on.
enum class ConnectionOrder : std::uint8_t { None, Bytes, Packets, Age, Left, Source, Destination, Service };
/// The words for them, in the order of the enumerators.
[[nodiscard]] std::span<const std::string_view> connection_orders();
[[nodiscard]] std::optional<ConnectionOrder> connection_order_named(std::string_view word);

/// What connections are counted together by.
enum class ConnectionGrouping : std::uint8_t { None, Source, Destination, Zone, Service, Rule, Queue };
[[nodiscard]] std::span<const std::string_view> connection_groupings();
[[nodiscard]] std::optional<ConnectionGrouping> connection_grouping_named(std::string_view word);

/// Which connections are wanted, and how.
struct ConnectionQuery {
  filter::Filter filter{};
  std::optional<net::Family> family{};
  ConnectionOrder order = ConnectionOrder::None;
  ConnectionGrouping grouping = ConnectionGrouping::None;
  std::optional<std::size_t> limit{};  ///< of connections, or of groups
  bool rules = false;                  ///< tell the rule that admits each one, which takes longer

  /// Whether rules have to be found out.
  [[nodiscard]] bool needs_rules() const;
};

/// Connections that have something alike.
struct ConnectionGroup {
  std::string name;  ///< "lan > dmz" of zones; empty: those of which it is not known
  std::size_t connections = 0;
  apply::Traffic to{}, back{};  ///< together

  [[nodiscard]] std::uint64_t bytes() const { return to.bytes + back.bytes; }
  bool operator==(const ConnectionGroup&) const = default;
};

/// How many there were.
struct ConnectionCount {
  std::size_t seen = 0;     ///< that the kernel told
  std::size_t matched = 0;  ///< of these, that the filter let through
};

/// Reads the kernel's table once and hands on what the query wants: connections in their order, or as they come, which
/// keeps none of them; with a limit and an order as many as the limit is kept, with an order alone all. False ends it.
[[nodiscard]] base::Result<ConnectionCount> query_connections(apply::Kernel& kernel, const InForce& in_force,
                                                              const ConnectionQuery& query,
                                                              const std::function<bool(const NamedConnection&)>& take);

/// The same in groups; those with the most bytes first, then with the most connections.
[[nodiscard]] base::Result<std::vector<ConnectionGroup>> group_connections(apply::Kernel& kernel,
                                                                           const InForce& in_force,
                                                                           const ConnectionQuery& query,
                                                                           ConnectionCount& count);

/// What of a filter the kernel can look at by itself.
[[nodiscard]] apply::ConnectionSelection selection_for(const ConnectionQuery& query, const ir::MarkLayout& marks);

}  // namespace vuurmuur::control
