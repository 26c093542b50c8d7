// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/log_printer.h"

#include "log/escape.h"
#include "log/json_line.h"
#include "log/reasons.h"

namespace vuurmuur::cli {

void LogPrinter::print(log::Entry entry) {
  ++count_;
  std::string reason;
  if (rules_ != nullptr) {
    if (entry.rule.label.empty())
      if (auto known = rules_->find(entry.rule.identity)) entry.rule = std::move(*known);
    reason = log::why(entry);
    if (const std::string state = rules_->state_of(entry.rule); !state.empty()) reason += ' ' + state;
  }
  text_.clear();
  if (context_.json) {
    log::append_json(text_, entry);
    if (!reason.empty()) {
      text_.back() = ',';
      text_ += " \"why\": \"";
      log::append_json_escaped(text_, reason);
      text_ += "\"}";
    }
    text_ += '\n';
  } else {
    line_.append(text_, entry);
    // Indented, so that lines of the log stand out.
    if (!entry.rule.place.empty() && !reason.empty()) text_ += "    at " + log::escaped(entry.rule.place) + "\n";
    if (!reason.empty()) text_ += "    " + reason + "\n";
  }
  context_.out << text_;
}

}  // namespace vuurmuur::cli
