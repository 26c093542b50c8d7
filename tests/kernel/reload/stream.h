// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>

#include "lab/packet.h"
#include "road.h"

namespace vuurmuur::kernel_test {

/// Numbered UDP packets of one kind.
struct Stream {
  enum class Kind : std::uint8_t {
    Fresh,   ///< each packet begins a connection of its own: source ports and the last bits of the source rotate
    Flow,    ///< all are of one connection, and each that arrives is answered
    ByHand,  ///< as Fresh, but the test says when
  };
  enum class Fate : std::uint8_t {
    Arrives,  ///< the policy lets it pass, all the time
    Never,    ///< the policy forbids it, all the time
  };

  std::string name;
  lab::Packet first;  ///< addresses and ports; Fresh: the first source of `sources`
  Kind kind = Kind::Fresh;
  Fate fate = Fate::Arrives;
  Side from = Side::Near;
  unsigned sources = 4;  ///< Fresh: how many source addresses from the first on
  unsigned weight = 1;   ///< its part of all packets
};

/// What became of a stream.
struct StreamCount {
  std::uint64_t sent = 0;
  std::uint64_t arrived = 0;  ///< each number once
  std::uint64_t doubled = 0;
  std::uint64_t answers_sent = 0, answers_arrived = 0;
  std::uint64_t translations_changed = 0;  ///< of a flow: packets that arrived from another address or port than before
  std::uint64_t slowest_us = 0;            ///< of a flow: the longest way of a packet there and of its answer back
};

}  // namespace vuurmuur::kernel_test
