// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/rule_history.h"

#include <fmt/format.h>

#include <ranges>

#include "base/memory_file_system.h"
#include "compile/log_identity.h"
#include "control/checked_policy.h"
#include "control/comparison.h"
#include "control/log_names.h"
#include "log/escape.h"

namespace vuurmuur::cli {
namespace {

std::string described(const log::RuleName& rule) {
  std::string text = log::escaped(rule.label);
  if (!rule.place.empty()) text += fmt::format(" ({})", log::escaped(rule.place));
  return text;
}

}  // namespace

const history::Journal* RuleHistory::journal() {
  if (!has_asked_) {
    has_asked_ = true;
    if (auto read = service_.journal()) journal_ = std::move(*read);
  }
  return journal_ ? &*journal_ : nullptr;
}

std::optional<history::Number> RuleHistory::number_in_force() {
  const history::Journal* read = journal();
  if (read == nullptr || read->is_cleared) return std::nullopt;
  return control::in_force(*read);
}

std::unique_ptr<control::CheckedPolicy> RuleHistory::read(history::Number generation) {
  const auto answer = service_.call("Show", {{"generation", generation}});
  if (!answer || !answer->contains("files") || !answer->at("files").is_object()) return nullptr;
  const std::string root = "/generation";
  base::MemoryFileSystem files;
  for (const auto& [path, content] : answer->at("files").items())
    if (content.is_string()) files.files[root + "/" + path] = content.get<std::string>();
  return control::check_tree(files, root);
}

const RuleHistory::Rules& RuleHistory::rules_of(history::Number generation) {
  const auto [place, is_new] = read_.try_emplace(generation);
  Rules& rules = place->second;
  if (!is_new) return rules;
  if (const auto checked = read(generation))
    for (compile::LogIdentity& each : compile::log_identities(checked->policy))
      rules.emplace(each.identity, log::RuleName{each.identity, std::move(each.label), std::move(each.place)});
  return rules;
}

std::optional<log::RuleName> RuleHistory::find(const std::string& identity) {
  const history::Journal* read = journal();
  if (read == nullptr || identity.empty()) return std::nullopt;
  for (const history::Generation& generation : read->generations | std::views::reverse) {
    const Rules& rules = rules_of(generation.number);
    if (const auto found = rules.find(identity); found != rules.end()) return found->second;
  }
  return std::nullopt;
}

std::string RuleHistory::state_of(const log::RuleName& rule) {
  const auto number = number_in_force();
  if (!number || rule.identity.empty()) return {};
  const Rules& rules = rules_of(*number);
  if (rules.empty()) return {};
  const auto found = rules.find(rule.identity);
  if (found == rules.end()) return "It is not in force any more.";
  if (found->second == rule) return "It is in force.";
  return fmt::format("It is in force as {}.", described(found->second));
}

void RuleHistory::read_ahead() {
  if (const auto number = number_in_force()) static_cast<void>(rules_of(*number));
}

RuleHistory::InForce RuleHistory::in_force() {
  InForce found;
  const auto number = number_in_force();
  const auto checked = number ? read(*number) : nullptr;
  if (!checked) return found;
  for (compile::LogIdentity& each : compile::log_identities(checked->policy))
    found.rules.push_back({std::move(each.identity), std::move(each.label), std::move(each.place)});
  const model::Policy& model = checked->in_surroundings ? *checked->in_surroundings : checked->tree.policy;
  found.names = std::make_shared<const control::LogNames>(model, checked->policy);
  return found;
}

}  // namespace vuurmuur::cli
