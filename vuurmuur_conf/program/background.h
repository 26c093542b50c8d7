// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <future>

#include "base/poll_loop.h"
#include "base/unique_fd.h"

namespace vuurmuur::conf {

/// Work that takes long, on a thread of its own while the screen goes on, one piece at a time.
class Background {
 public:
  /// What is done in the loop's thread when a piece of work is done.
  using Then = std::function<void()>;
  /// Shares nothing that changes with anybody.
  using Work = std::function<Then()>;

  explicit Background(base::PollLoop& loop) : loop_(loop) {}
  /// Waits for the piece that is worked on, and forgets what it found.
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  /// Begins when the piece before is done; replaces one that still waits for that.
  void start(Work work);

 private:
  void begin(Work work);
  void on_done();

  base::PollLoop& loop_;
  base::UniqueFd done_;  ///< an eventfd(2)
  std::future<Then> running_;
  Work next_;
};

}  // namespace vuurmuur::conf
