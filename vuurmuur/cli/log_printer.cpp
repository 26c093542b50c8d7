// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/log_printer.h"

#include <utility>

#include "log/escape.h"
#include "log/json_line.h"
#include "log/reasons.h"

namespace vuurmuur::cli {

LogPrinter::LogPrinter(Context& context, RuleHistory* rules, std::optional<dns::Options> dns)
    : context_(context), rules_(rules) {
  if (dns) later_.emplace(std::move(*dns), context.json, [&out = context.out](std::string_view line) { out << line; });
}

void LogPrinter::flush() {
  if (later_) later_->flush();
  context_.out.flush();
}

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
  if (!later_) {
    context_.out << text_;
    return;
  }
  // An end that has no name is called by its address.
  const auto nameless = [](const std::string& name, const net::Address& address) {
    return name == address.to_string() ? &address : nullptr;
  };
  later_->add(text_, nameless(entry.names.from, entry.packet.source), nameless(entry.names.to, entry.packet.destination));
}

}  // namespace vuurmuur::cli
