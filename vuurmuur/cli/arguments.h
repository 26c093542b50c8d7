// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vuurmuur::cli {

/// An option of a command, a row of its table.
struct Option {
  std::string_view name;      ///< "format", written "--format"
  std::string_view argument;  ///< "FORMAT"; empty for a switch
  std::string_view help;
  bool repeatable = false;
  std::string_view implied = {};  ///< value of an option with an argument when it is written without "=VALUE"
  char letter = '\0';             ///< short form: 'o' for "-o"
};

/// What was written behind a command.
class Arguments {
 public:
  [[nodiscard]] bool has(std::string_view option) const { return values_.contains(option); }
  /// The value of an option; its last one when repeated.
  [[nodiscard]] std::optional<std::string> value(std::string_view option) const;
  [[nodiscard]] std::vector<std::string> values(std::string_view option) const;
  [[nodiscard]] const std::vector<std::string>& positional() const { return positional_; }

 private:
  friend std::expected<Arguments, std::string> parse_arguments(std::span<const Option> options,
                                                               std::size_t max_positional,
                                                               const std::vector<std::string>& words);
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> positional_;
};

/// Reads the words behind a command. The error is a message for the user ("unknown option '--jsn'; did you mean
/// '--json'?").
[[nodiscard]] std::expected<Arguments, std::string> parse_arguments(std::span<const Option> options,
                                                                    std::size_t max_positional,
                                                                    const std::vector<std::string>& words);

/// "; did you mean 'X'?" for a near miss, or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates,
                                       std::string_view prefix = {});

}  // namespace vuurmuur::cli
