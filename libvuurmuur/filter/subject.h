// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "net/address.h"

namespace vuurmuur::filter {

/// One end of a connection or of a packet, as one side of NAT sees it. Texts live as long as the question.
struct End {
  net::Address address;
  std::optional<std::uint16_t> port{};
  std::string_view name{};     ///< "printer.wired.lan", "firewall(inside)"; empty: none
  std::string_view network{};  ///< "wired.lan"
  std::string_view zone{};     ///< "lan", or "firewall"
  std::span<const std::string_view> groups{};
};

/// What is asked whether a filter lets it through. What there is not is empty, and no term but a negated one takes it.
struct Subject {
  /// Of each end one, or two where NAT makes it another on the other side.
  std::span<const End> sources, destinations;
  std::uint8_t protocol = 0;
  std::string_view service{};
  std::array<std::string_view, 2> states{};
  std::optional<std::uint16_t> queue{}, log_group{};
  std::optional<std::uint32_t> mark{};
  std::string_view rule{};  ///< "rule 3: accept …"
  std::string_view helper{};
  std::uint64_t bytes = 0, packets = 0;
  std::string_view in_device{}, out_device{}, action{}, prefix{};
};

}  // namespace vuurmuur::filter
