// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <functional>
#include <string>

#include "cli/command.h"
#include "cli/rule_history.h"
#include "log/entry.h"
#include "log/traffic_line.h"

namespace vuurmuur::cli {

/// Prints entries of the traffic log as lines or as JSON, and explains them where that is wished.
class LogPrinter {
 public:
  /// `rules`: null when nothing is to be explained.
  LogPrinter(Context& context, RuleHistory* rules) : context_(context), rules_(rules) {}

  void print(log::Entry entry);
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  Context& context_;
  RuleHistory* rules_;
  log::TrafficLine line_;
  std::string text_;
  std::size_t count_ = 0;
};

}  // namespace vuurmuur::cli
