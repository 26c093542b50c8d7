// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <vector>

#include "config/document.h"

namespace vuurmuur::edit {

/// Who is on a blocklist: addresses, networks and names as they are written, without entries that are switched off.
[[nodiscard]] std::vector<std::string> blocked_in(const config::Document& blocklist);

/// Adds an entry unless there is one that says the same ("192.0.2.7" and "192.0.2.7/32" do); gives whether it was
/// added.
[[nodiscard]] bool block(config::Document& blocklist, const std::string& whom);

/// Removes the entries that say that; gives whether there was any.
[[nodiscard]] bool unblock(config::Document& blocklist, const std::string& whom);

}  // namespace vuurmuur::edit
