// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <vector>

#include "analyse/policy_boxes.h"
#include "diag/diagnostic.h"
#include "ir/marks.h"
#include "net/address.h"
#include "prove/packet_marks.h"
#include "prove/region.h"
#include "saved/ruleset.h"
#include "saved/sets.h"

namespace vuurmuur::prove {

/// What has to be known to read emitted rules.
struct EmittedWorld {
  net::Family family{};
  ir::MarkLayout layout;
  const saved::Sets* sets = nullptr;
  /// Nothing: of what is asked of packet marks nothing is known.
  const PacketMarks* packet_marks = nullptr;
  /// The numbers of addresses that devices get from others.
  const analyse::PolicyBoxes* fields = nullptr;
};

/// What a rule of emitted text asks of packets.
struct EmittedRule {
  std::vector<Region> regions{};          ///< what it takes, side by side or not
  std::vector<MarkBits> marks{};          ///< all of these are asked of our field of the connection mark
  std::vector<std::string> conditions{};  ///< what only the moment tells
  unsigned number = 0;                    ///< of the policy's rule, by its comment; 0: none
  bool is_left_out = false;               ///< it only asks who is blocked at the moment
  bool asks_packet_mark = false;          ///< and not only for the connection mark
  std::string not_modelled{};             ///< why nothing is known of it; empty: all is
};

/// Reads one; what it says wrong is an error.
[[nodiscard]] EmittedRule read_rule(const saved::Rule& rule, const EmittedWorld& world, diag::Sink& sink);

}  // namespace vuurmuur::prove
