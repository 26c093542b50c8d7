// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/service.h"
#include "control/checked_policy.h"
#include "log/entry.h"

namespace vuurmuur::cli {

/// What rules that logged are by now, from the generations. Reads one when it is asked for, and each once.
class RuleHistory {
 public:
  explicit RuleHistory(Service& service) : service_(service) {}

  /// The rule of an identity as the newest generation calls it that has it; nothing when none has.
  [[nodiscard]] std::optional<log::RuleName> find(const std::string& identity);

  /// A sentence about a rule: whether it is in force, and as which one; empty when that cannot be told.
  [[nodiscard]] std::string state_of(const log::RuleName& rule);

  /// Reads the generation in force now: while something is watched, its daemon cannot be asked.
  void read_ahead();

  /// The generation in force: its rules that can log, and its names. Nothing when there is none, or it cannot be read.
  struct InForce {
    std::vector<log::RuleName> rules;
    std::shared_ptr<const log::Namer> names;
  };
  [[nodiscard]] InForce in_force();

 private:
  using Rules = std::map<std::string, log::RuleName>;  ///< by identity
  [[nodiscard]] std::unique_ptr<control::CheckedPolicy> read(history::Number generation);
  [[nodiscard]] const Rules& rules_of(history::Number generation);
  [[nodiscard]] const history::Journal* journal();
  [[nodiscard]] std::optional<history::Number> number_in_force();

  Service& service_;
  std::optional<history::Journal> journal_;
  bool has_asked_ = false;
  std::map<history::Number, Rules> read_;
};

}  // namespace vuurmuur::cli
