// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <memory>

#include "base/poll_loop.h"
#include "base/result.h"
#include "cli/service.h"

namespace vuurmuur::cli {

/// A loop that goes on until SIGINT, SIGTERM or SIGHUP, which is how watching ends well. A signal that comes before it
/// runs waits for that.
class Watching {
 public:
  [[nodiscard]] static base::Result<std::unique_ptr<Watching>> begin();

  [[nodiscard]] base::PollLoop& loop() { return loop_; }
  /// Ends it, with an error unless there is none.
  void end(base::Result<void> how);
  /// What ended it.
  [[nodiscard]] base::Result<void> run();

 private:
  Watching() = default;
  base::PollLoop loop_;
  base::Result<void> ended_;
};

/// Asks the daemon for a method that gives several replies, and hands each one on until a signal comes. Fails when the
/// daemon ends or refuses, or with what `take` gives.
[[nodiscard]] base::Result<void> watch_daemon(Service& service, const std::string& method, ipc::Json parameters,
                                              const std::function<base::Result<void>(const ipc::Json&)>& take);

}  // namespace vuurmuur::cli
