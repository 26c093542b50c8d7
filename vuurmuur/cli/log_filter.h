// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <optional>

#include "cli/command.h"
#include "cli/rule_history.h"
#include "filter/filter.h"
#include "log/entry.h"

namespace vuurmuur::cli {

/// Which lines of the log are wanted, by the words of a command line.
class LogFilter {
 public:
  /// Nothing when something is wrong with the words, which is written with its place. `rules`: who knows the zones,
  /// which lines of text do not tell.
  [[nodiscard]] static std::optional<LogFilter> read(Context& context, const Arguments& arguments, RuleHistory& rules);

  [[nodiscard]] bool lets_through(const log::Entry& entry) const;

 private:
  filter::Filter filter_;
  std::shared_ptr<const log::Namer> names_;  ///< of the policy in force; null: not needed, or there is none
};

}  // namespace vuurmuur::cli
