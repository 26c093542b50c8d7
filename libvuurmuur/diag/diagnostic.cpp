// SPDX-License-Identifier: GPL-2.0-or-later
#include "diag/diagnostic.h"

namespace vuurmuur::diag {

Diagnostic& Sink::error(std::string code, std::optional<Span> span, std::string message) {
  ++errors_;
  diagnostics_.push_back({Severity::Error, std::move(code), std::move(message), span, {}, {}});
  return diagnostics_.back();
}

Diagnostic& Sink::warning(std::string code, std::optional<Span> span, std::string message) {
  diagnostics_.push_back({Severity::Warning, std::move(code), std::move(message), span, {}, {}});
  return diagnostics_.back();
}

}  // namespace vuurmuur::diag
