// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "apply/kernel.h"
#include "apply/live_connection.h"
#include "base/result.h"
#include "control/plan.h"

// The connection through which somebody sits at this machine, and what new rules would do to it.
namespace vuurmuur::control {

/// SSH_CONNECTION (ssh(1)) of this process or, because sudo takes it away, of one that started it
/// (/proc/PID/environ): "192.0.2.7 51234 198.51.100.1 22"; empty when there is none.
[[nodiscard]] std::string ssh_connection();

/// The connection that SSH_CONNECTION tells of; nothing when the text is something else.
[[nodiscard]] std::optional<apply::LiveConnection> connection_from_ssh(std::string_view text);

/// Back: as SSH_CONNECTION would tell of a connection.
[[nodiscard]] std::string to_ssh(const apply::LiveConnection& connection);

/// The established connection of a socket, in the text of /proc/net/tcp or tcp6 (proc(5)).
[[nodiscard]] std::optional<apply::LiveConnection> connection_from_proc(std::string_view table, std::uint64_t inode);

/// The connection through which the caller sits at this machine: ssh_connection(), else that of the nearest process
/// above this one that holds one with another machine (/proc/PID/fd), which is the server of a terminal session
/// whatever its protocol. The second is looked for only when standard input is a terminal.
[[nodiscard]] std::optional<apply::LiveConnection> own_connection();

/// What is to be said when rules refuse somebody's own connection, with the rule and its place: "the new rules refuse
/// your own connection, tcp …: refused by rule 3: … (rules/rules.conf:3)"; empty when they do not, or when that cannot
/// be told.
[[nodiscard]] base::Result<std::string> lockout(apply::Kernel& kernel, const ir::Ruleset& ruleset,
                                                apply::Backend backend, const apply::LiveConnection& own);

}  // namespace vuurmuur::control
