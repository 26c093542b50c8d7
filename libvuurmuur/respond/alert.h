// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/address.h"

namespace vuurmuur::respond {

/// What an inspector has found in the traffic of two ends.
struct Alert {
  net::Address source, destination;  ///< of the packet it was found in
  std::uint32_t signature = 0;       ///< "signature_id"
  std::uint32_t severity = 0;        ///< 1 is the worst
  std::string message;               ///< "signature"
  std::string category;
};

/// Reads one line of EVE, the JSON of Suricata ("EVE JSON Format" of its manual). Nothing: another event than an alert.
/// An error: it is no JSON object, or an alert without two addresses and a signature. The line may come from anybody:
/// what it takes is in proportion to the line, however deep it is nested.
[[nodiscard]] base::Result<std::optional<Alert>> read_alert(std::string_view line);

}  // namespace vuurmuur::respond
