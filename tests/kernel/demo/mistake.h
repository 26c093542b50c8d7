// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "config/tree.h"
#include "lab/log_consumer.h"
#include "lab/queue_consumer.h"
#include "table.h"

namespace vuurmuur::demo {

/// How many trials there were, and how many did not go as the policy says.
struct Tally {
  unsigned count = 0, wrong = 0;
};

/// A place where trials are carried out, and the table that shows them.
struct Stage {
  Network& network;
  lab::QueueConsumer& queues;
  lab::LogConsumer& logs;
  const Table& table;
  Tally tally;

  /// Carries them out in turn and shows each beside what the policy says.
  void show(const std::vector<Trial>& trials, const model::Policy& policy);
};

[[nodiscard]] config::Tree read_policy(const std::string& directory);

/// An administrator locks himself out with an apply that he cannot confirm, and the policy before comes back.
void show_mistake(Stage& stage, const config::Tree& good);

}  // namespace vuurmuur::demo
