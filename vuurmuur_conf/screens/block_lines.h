// SPDX-License-Identifier: GPL-2.0-or-later
// Entries of the blocklist for people.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/workspace.h"
#include "model/policy.h"

namespace vuurmuur::screens {

/// A line of rules/blocklist.conf.
struct BlockLine {
  std::uint32_t number = 1;  ///< as edit/lines.h counts
  std::string text;          ///< as it is written
  bool is_active = true;
  std::string whom;     ///< the address or name; what is written when it cannot be read
  std::string what;     ///< "an address", "host 192.0.2.7"
  std::string problem;  ///< what is wrong with it; empty: nothing
  bool is_error = false;
};

[[nodiscard]] std::vector<BlockLine> block_lines(const app::Reading& reading);

/// What is wrong with a text as somebody to block, while it is typed; empty: nothing.
[[nodiscard]] std::string fault_of_block(const std::string& text, const model::Policy& policy);
/// The same where names do not do.
[[nodiscard]] std::string fault_of_address(const std::string& text);

/// "90", "30s", "10m", "2h", "7d": at least a second.
[[nodiscard]] std::optional<std::int64_t> seconds_from(std::string_view text);
[[nodiscard]] std::string fault_of_time(const std::string& text);

}  // namespace vuurmuur::screens
