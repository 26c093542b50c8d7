// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "apply/apply.h"
#include "ir/ruleset.h"
#include "lab/namespace.h"
#include "packet_path.h"
#include "samples.h"

namespace vuurmuur::bench {

/// Routers that are all up at once, so that packets through them can take turns: a machine that is slow for a while is
/// slow for all of them. The process is in namespaces of its own (enter_namespaces).
class Routers {
 public:
  /// One without any rules.
  PacketPath& add_bare();
  /// One with a ruleset in force.
  [[nodiscard]] base::Result<PacketPath*> add(const ir::Ruleset& ruleset, apply::Backend backend);

 private:
  lab::NetNamespace hosts_;
  std::vector<std::unique_ptr<PacketPath>> paths_;
};

/// What is measured: packets through a router, and the first cells of its line in the table.
struct Subject {
  std::vector<std::string> cells;
  PacketPath* path = nullptr;
  std::vector<Frame> frames;
  bool is_delivered = true;  ///< what becomes of the packets
  Samples cost{};            ///< nanoseconds of processor time a packet
};

/// Measures all subjects, `runs` times one after the other. Fails when a packet is not delivered that should be, or the
/// other way round: then it was not the rules that were meant that were measured.
[[nodiscard]] base::Result<void> take_turns(std::vector<Subject>& subjects, unsigned runs);

}  // namespace vuurmuur::bench
