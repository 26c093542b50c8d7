// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <expected>
#include <string>
#include <vector>

#include "cli/command.h"
#include "model/objects.h"
#include "saved/walk.h"

namespace vuurmuur::cli {

/// The packet that --src, --dst, --in and --out tell of, of the first of some port sets: to this machine with --in
/// alone, from it with --out alone, through it with both. The error says what is missing or wrong.
[[nodiscard]] std::expected<saved::Packet, std::string> read_saved_packet(const Arguments& arguments,
                                                                          const std::vector<model::PortSet>& sets);

}  // namespace vuurmuur::cli
