// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "app/event.h"
#include "app/screen.h"

namespace vuurmuur::client {

/// Whoever answers calls and tells what happens to the firewall, by events.
class Daemon {
 public:
  virtual ~Daemon() = default;

  /// Begins to be there, or to look for it.
  virtual void start() = 0;
  /// Asks; the Reply comes as an event, also when it cannot be asked.
  virtual void call(const app::Call& call) = 0;
  /// What is to be told as it happens.
  virtual void want(const app::Streams& streams) = 0;
};

}  // namespace vuurmuur::client
