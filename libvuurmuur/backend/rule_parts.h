// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <string_view>

#include "ir/match.h"
#include "ir/target.h"
#include "net/address.h"

namespace vuurmuur::backend {

/// Each appends its part of an iptables-save line with a blank behind it ("-m tcp --dport 80 "). What iptables leaves
/// out when it prints (a default burst, log group 0) is left out here too.

void append_match(std::string& out, net::Family family, const ir::Match& match);

/// `chain` is the name of the chain when the target is a jump or goto, else not looked at.
void append_target(std::string& out, net::Family family, const ir::Target& target, std::string_view chain);

/// The comment match with its text.
void append_comment(std::string& out, std::string_view text);

/// Free text as iptables prints it: between quotes, with quotes and backslashes escaped, unless it is letters, digits,
/// '_' and '-' alone. Without a blank behind it.
void append_free_text(std::string& out, std::string_view text);

}  // namespace vuurmuur::backend
