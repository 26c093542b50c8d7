// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "model/policy.h"
#include "ui/form.h"

namespace vuurmuur::screens {

/// A rule as names and values, as it is edited: "active", "action", "service", "from", "to" and its options. What
/// cannot be read as a rule is kept all the same.
class RuleFields {
 public:
  /// From the text of a rule; an empty text gives "accept service any from any to any".
  explicit RuleFields(const std::string& text);

  [[nodiscard]] std::string value(const std::string& name) const;
  void set(const std::string& name, std::string value);

  /// The rule as text.
  [[nodiscard]] std::string text() const;
  /// The rows of a form for it: the options that its action can have and those that it has.
  [[nodiscard]] std::vector<ui::FormRow> rows(bool has_advanced) const;
  /// What is wrong with it, by row; names that the policy does not have included.
  [[nodiscard]] std::vector<ui::FormProblem> problems(const model::Policy& policy) const;

 private:
  std::vector<std::pair<std::string, std::string>> values_;
  std::vector<std::string> options_;  ///< names of values_ that are options of the language, in the order of writing
  std::string rest_;                  ///< unknown and obsolete options as they were written
};

}  // namespace vuurmuur::screens
