// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config/document.h"
#include "diag/diagnostic.h"
#include "model/rule.h"

namespace vuurmuur::config {

/// Reads one rule:
///
///     [;]ACTION service SERVICE from FROM to TO [options OPTION[,OPTION…]]
///     separator [options comment="text"]
///
/// Every mistake in it is reported; nothing is given when there was one. The number is left 0.
[[nodiscard]] std::optional<model::Rule> parse_rule(const Value& text, diag::Sink& sink);

/// The same from a text that stands in no file; nothing for a text with a mistake.
[[nodiscard]] std::optional<model::Rule> parse_rule(std::string_view text);

/// The rule as text, options in the order of the table: the inverse of parse_rule.
[[nodiscard]] std::string rule_to_text(const model::Rule& rule);

/// An option of the rule language, for help and completion.
struct OptionHelp {
  std::string_view name;
  std::string_view value;  ///< the form of its value, empty for none
  std::string_view help;
};

/// All options, in the order in which they are written.
[[nodiscard]] std::span<const OptionHelp> rule_options();

}  // namespace vuurmuur::config
