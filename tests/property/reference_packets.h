// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <random>
#include <string>

#include "analyse/policy_boxes.h"
#include "analyse/sample.h"
#include "reference/world.h"

// Packets of the analysis as the reference interpreter reads them.
namespace vuurmuur::test {

/// The devices of the trees of random policies, with addresses and routes, and chains of the user's that decide
/// nothing.
[[nodiscard]] reference::World reference_world();

/// A point of a box, often at its borders.
[[nodiscard]] analyse::Point point_in(const analyse::Box& box, std::mt19937& random);

/// The packet of an example; nothing when its own address is one that only the moment tells.
[[nodiscard]] std::optional<reference::Packet> packet_of(const analyse::Sample& sample);

/// A packet that comes in by a device of the world from an address behind it, to another one.
[[nodiscard]] reference::Packet arriving_packet(const reference::World& world, std::mt19937& random);

[[nodiscard]] std::string text_of(const reference::Packet& packet);

}  // namespace vuurmuur::test
