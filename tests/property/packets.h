// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <random>
#include <string>

#include "analyse/box.h"
#include "analyse/policy_boxes.h"
#include "analyse/sample.h"
#include "net/address.h"
#include "reference/world.h"

// Packets of the analysis as the reference interpreter reads them.
namespace vuurmuur::property {

/// The devices of the trees of random policies, with addresses and routes; chains of the user's decide nothing, so that
/// what stands behind them is asked.
[[nodiscard]] reference::World world();

/// A point of a box, often at its borders.
[[nodiscard]] analyse::Point point_in(const analyse::Box& box, std::mt19937& random);

/// The packet that a point stands for; nothing when its own address is one that only the moment tells, and when there
/// is no such packet.
[[nodiscard]] std::optional<reference::Packet> packet_at(const analyse::Point& point, const analyse::PolicyBoxes& boxes,
                                                         net::Family family);

/// The packet of an example; nothing when its own address is one that only the moment tells.
[[nodiscard]] std::optional<reference::Packet> packet_of(const analyse::Sample& sample,
                                                         const analyse::PolicyBoxes& boxes);

/// A packet that comes in by a device of the world from an address behind it, to another one.
[[nodiscard]] reference::Packet arriving_packet(const reference::World& world, std::mt19937& random);

[[nodiscard]] std::string text_of(const reference::Packet& packet);

}  // namespace vuurmuur::property
