// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/reverse_lines.h"
#include "cli/rule_history.h"
#include "log/entry.h"
#include "log/traffic_line.h"

namespace vuurmuur::cli {

/// Prints entries of the traffic log as lines or as JSON, and explains them where that is wished.
class LogPrinter {
 public:
  /// `rules`: null when nothing is to be explained. `dns`: how addresses without a name are asked for, when that is wished.
  LogPrinter(Context& context, RuleHistory* rules, std::optional<dns::Options> dns);

  void print(log::Entry entry);
  /// What was printed is out.
  void flush();
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  Context& context_;
  RuleHistory* rules_;
  std::optional<ReverseLines> later_;
  log::TrafficLine line_;
  std::string text_;
  std::size_t count_ = 0;
};

}  // namespace vuurmuur::cli
