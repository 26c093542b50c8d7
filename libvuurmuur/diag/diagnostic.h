// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diag/source.h"

namespace vuurmuur::diag {

enum class Severity { Error, Warning };

/// A remark at a second place ("first defined here").
struct Note {
  std::optional<Span> span;
  std::string message;
};

/// One thing to tell the user about what he wrote. Messages begin in lower case, have no final period, name the
/// value that was found and say what was expected.
struct Diagnostic {
  Severity severity = Severity::Error;
  /// Stable identifier for machines and tests, in kebab case: "unknown-service".
  std::string code;
  std::string message;
  /// Where; nothing for a problem without a place (a missing tree).
  std::optional<Span> span;
  std::vector<Note> notes;
  /// A near miss that exists, shown as "did you mean 'X'?".
  std::optional<std::string> suggestion;
};

/// Collects diagnostics in the order in which they were found.
class Sink {
 public:
  /// Adds an error and gives it back, so that notes and a suggestion can be added. The reference is valid until
  /// the next call.
  Diagnostic& error(std::string code, std::optional<Span> span, std::string message);
  Diagnostic& warning(std::string code, std::optional<Span> span, std::string message);

  [[nodiscard]] bool has_errors() const { return errors_ != 0; }
  [[nodiscard]] std::size_t error_count() const { return errors_; }
  [[nodiscard]] std::size_t warning_count() const { return diagnostics_.size() - errors_; }
  [[nodiscard]] const std::vector<Diagnostic>& all() const { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
  std::size_t errors_ = 0;
};

}  // namespace vuurmuur::diag
