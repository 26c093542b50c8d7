// SPDX-License-Identifier: GPL-2.0-or-later
// The options of rules, one table row each: reading and writing stand together.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config/document.h"
#include "config/rule_syntax.h"
#include "diag/diagnostic.h"
#include "model/rule.h"

namespace vuurmuur::config {

/// An option as it was found: "limit="4/min"".
struct OptionText {
  const Value& rule;      ///< the rule's text
  std::string_view name;  ///< points into it
  std::string_view raw;   ///< the value between the quotes, with backslashes; points into it
  std::string value;      ///< without backslashes
  diag::Span whole;       ///< name and value
  diag::Sink& sink;

  /// Reports that the value is not what the option expects.
  void expect(std::string_view what, std::string_view code = "bad-option-value") const;
};

struct OptionRow {
  OptionHelp help;
  /// Reads the value into the options; reports what is wrong with it.
  void (*read)(const OptionText& text, model::Options& options);
  /// The value to write, empty for an option without one; nothing when the option is not set.
  std::optional<std::string> (*write)(const model::Options& options);
};

[[nodiscard]] std::span<const OptionRow> option_rows();

/// The row of a name (old names too), or null.
[[nodiscard]] const OptionRow* find_option(std::string_view name);

/// Whether a name was an option of older versions that means nothing any more.
[[nodiscard]] bool is_obsolete_option(std::string_view name);

}  // namespace vuurmuur::config
