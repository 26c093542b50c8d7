// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "apply/ipset_socket.h"
#include "apply/kernel_set.h"

namespace vuurmuur::apply {

/// What an element says besides its key.
struct ElementExtras {
  const Counters* counters = nullptr;
  std::string_view comment;
  std::optional<std::uint32_t> timeout{};  ///< seconds, 0 for none; of a set with timeouts
};

/// Appends an element to a request. `line` comes back when the kernel refuses it.
void put_element(IpsetRequest& request, const ir::SetElement& element, std::uint32_t line, const ElementExtras& extras);

/// An element of a list that the kernel gave.
[[nodiscard]] SetMember read_member(const nlattr* element);

}  // namespace vuurmuur::apply
