// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <random>

#include "analyse/box.h"
#include "analyse/policy_boxes.h"
#include "net/address.h"
#include "reference/interpreter.h"

// Points of boxes as packets that the reference can be asked about.
namespace vuurmuur::property {

/// The devices of the trees, with addresses; chains of the user's decide nothing, so that what stands behind them is
/// asked.
[[nodiscard]] reference::World world();

/// The packet that a point stands for; nothing when its own address is one that only the moment tells, and when there
/// is no such packet.
[[nodiscard]] std::optional<reference::Packet> packet_at(const analyse::Point& point, const analyse::PolicyBoxes& boxes,
                                                         net::Family family);

/// One of the ends of an interval, or something in it.
[[nodiscard]] analyse::Value between(const analyse::Interval& interval, std::mt19937& random);

}  // namespace vuurmuur::property
