// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <sys/types.h>

#include <functional>
#include <string>

#include "app/event.h"
#include "base/poll_loop.h"
#include "base/unique_fd.h"

namespace vuurmuur::conf {

/// A search in the stored log by a process of its own, which does what "vuurmuur log --json" does, while the screen goes on. It
/// ends when this goes.
class LogSearch {
 public:
  using Tell = std::function<void(const app::LogFound&)>;

  /// Where the log is, and the generations whose names it may have.
  struct Places {
    std::string log_directory, state_directory;
  };
  LogSearch(base::PollLoop& loop, const app::SearchLog& wish, const Places& places, Tell tell);
  ~LogSearch();
  LogSearch(const LogSearch&) = delete;
  LogSearch& operator=(const LogSearch&) = delete;

 private:
  void on_found();
  void on_end();
  void read_errors();
  void finish(std::string problem);

  base::PollLoop& loop_;
  app::RequestId request_;
  Tell tell_;
  pid_t process_ = -1;
  base::UniqueFd found_, errors_;
  std::string line_, said_;  ///< what is read of a line, and what the process said of errors
};

}  // namespace vuurmuur::conf
