// SPDX-License-Identifier: GPL-2.0-or-later
// Traffic that nobody sends, for --demo. All addresses are those of RFC 5737 and RFC 3849, for documentation.
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "app/live_connection.h"
#include "app/log_entry.h"
#include "ipc/varlink.h"

namespace vuurmuur::client {

/// What was logged in a step: now and then nothing, now and then several lines. `rules`: of the policy, without
/// numbers.
[[nodiscard]] app::LogNews demo_log(std::int64_t step, std::span<const std::string> rules);
[[nodiscard]] app::ConnectionSample demo_connections(std::int64_t step, std::span<const std::string> rules);
/// The queues of the reply of Queues: one that is well, one that drops, and some that nobody listens to.
[[nodiscard]] ipc::Json demo_queues(std::int64_t step, std::span<const std::string> rules);

}  // namespace vuurmuur::client
