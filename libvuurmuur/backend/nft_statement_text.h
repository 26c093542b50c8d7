// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "backend/nft_program.h"

namespace vuurmuur::backend::nft {

/// Each appends its part of nft's text, without a blank behind it.
void append_statement(std::string& out, const Program& program, const Statement& statement);
void append_verdict(std::string& out, const Program& program, const Verdict& verdict);
/// "tcp", "udp", "icmp", "ipv6-icmp", others as a number: nft looks names up in a file that may not be there.
void append_protocol(std::string& out, std::uint32_t protocol);
void append_element(std::string& out, const Program& program, const Set& set, const Element& element);

}  // namespace vuurmuur::backend::nft
