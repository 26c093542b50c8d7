// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/running_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "apply/engine_support.h"
#include "apply/foreign_rules.h"
#include "base/strings.h"
#include "cli/saved_diff_report.h"
#include "control/plan.h"
#include "names/index.h"
#include "prove/saved_rule.h"

namespace vuurmuur::cli {
namespace {

using Json = nlohmann::ordered_json;

names::Index names_of(const CheckedPolicy& checked) {
  return names::Index::build(checked.in_surroundings ? *checked.in_surroundings : checked.tree.policy, checked.policy);
}

/// The rule of the policy that a compiled one says it is of, by its comment.
const sema::Rule* rule_of(const saved::Rule* rule, const CheckedPolicy& checked) {
  if (rule == nullptr) return nullptr;
  const auto number = prove::policy_rule_of(*rule);
  const auto found =
      std::ranges::find_if(checked.policy.rules, [&](const sema::Rule& each) { return each.source->number == number; });
  return number == 0 || found == checked.policy.rules.end() ? nullptr : &*found;
}

std::string side_text(const std::string& what, const saved::Rule* rule, const SavedRules& rules,
                      const CheckedPolicy& checked) {
  if (rule == nullptr) return what + " by the policy of the chain";
  if (const sema::Rule* const own = rule_of(rule, checked))
    return fmt::format("{} by rule {} ({}): {}", what, own->source->number, own->place, model::summary(*own->source));
  return fmt::format("{} by {}", what, rules.sources.text(rule->span));
}

Json side_json(const std::string& what, const saved::Rule* rule, const SavedRules& rules,
               const CheckedPolicy& checked) {
  Json json{{"verdict", what}, {"rule", nullptr}, {"text", nullptr}};
  if (rule != nullptr) json["text"] = rules.sources.text(rule->span);
  if (const sema::Rule* const own = rule_of(rule, checked)) json["rule"] = own->source->number;
  return json;
}

/// What of nf_tables decides about packets beside the tables that were compared.
base::Result<std::vector<std::string>> beside(apply::Kernel& kernel) {
  std::vector<std::string> told;
  for (const apply::ForeignChain& chain : VM_TRY(kernel.nft_rules_of_others()).chains)
    if (chain.can_refuse() || chain.translates)
      told.push_back(chain.program.empty() ? chain.place : fmt::format("{} (of {})", chain.place, chain.program));
  return told;
}

}  // namespace

bool RunningDiff::is_equal() const {
  return std::ranges::all_of(by_family, [](const prove::SavedDiff& each) { return each.is_equal(); });
}
bool RunningDiff::has_rows() const {
  return std::ranges::any_of(by_family, [](const prove::SavedDiff& each) { return !each.rows.empty(); });
}

base::Result<RunningDiff> diff_with_kernel(apply::Kernel& kernel, const std::string& runtime_directory,
                                           const CheckedPolicy& checked) {
  if (VM_TRY(apply::loaded_engine(kernel)) == apply::Backend::Nft)
    return std::unexpected(base::Error{
        .message = "the rules are in nf_tables, and what these do is not compared with a policy: only xtables is",
        .code = ENOTSUP});
  const control::Wishes wishes{.backend = model::Backend::Xtables, .force = true};
  const control::DryPlan plan = VM_TRY(control::make_dry_plan(kernel, checked.policy, wishes));
  RunningDiff diff{.meant = rules_in_text(plan.ruleset, kernel),
                   .running = VM_TRY(read_running_rules(kernel, runtime_directory)),
                   .by_family = {},
                   .not_looked_at = VM_TRY(beside(kernel))};
  for (const net::Family family : net::kFamilies) {
    const auto place = static_cast<std::size_t>(family);
    const SavedRules *const meant = diff.meant[place].get(), *const running = diff.running[place].get();
    if (meant == nullptr || running == nullptr) continue;
    diag::Sink sink;
    diff.by_family[place] =
        prove::diff({.ruleset = &meant->ruleset, .sets = &meant->sets},
                    {.ruleset = &running->ruleset, .sets = &running->sets}, family, sink, checked.policy);
    for (const diag::Sink* each : {&meant->sink, &running->sink, static_cast<const diag::Sink*>(&sink)})
      if (each->has_errors())
        for (const diag::Diagnostic& diagnostic : each->all())
          diff.by_family[place].not_modelled.push_back(diagnostic.message);
  }
  return diff;
}

std::string text_of(const RunningDiff& diff, const ComparedPolicy& policy) {
  std::string text = fmt::format("--- {}\n+++ the kernel\n", policy.title);
  const names::Index names = names_of(*policy.checked);
  for (const net::Family family : net::kFamilies) {
    const auto place = static_cast<std::size_t>(family);
    const std::string_view word = family == net::Family::Ipv4 ? "IPv4" : "IPv6";
    for (const prove::SavedDifference& row : diff.by_family[place].rows)
      text += fmt::format("{} {}:\n  policy   {}\n  kernel   {}\n  example  {}\n", word, prove::name_of(row.hook),
                          side_text(row.before, row.before_rule, *diff.meant[place], *policy.checked),
                          side_text(row.after, row.after_rule, *diff.running[place], *policy.checked),
                          example_text(row, names));
    for (const std::string& why : diff.by_family[place].not_modelled)
      text += fmt::format("not compared: {} {}\n", word, why);
    if (diff.by_family[place].unfinished != 0)
      text +=
          fmt::format("not finished: {} questions about {} took too long\n", diff.by_family[place].unfinished, word);
  }
  for (const std::string& chain : diff.not_looked_at)
    text += fmt::format("not looked at: {}, which decides about packets as well\n", chain);
  if (diff.is_equal()) text += "the kernel's tables treat every packet as the policy says\n";
  return text;
}

Json json_of(const RunningDiff& diff, const ComparedPolicy& policy) {
  Json document{{"policy", policy.title}, {"equal", diff.is_equal()}};
  const names::Index names = names_of(*policy.checked);
  Json rows = Json::array(), not_modelled = Json::array();
  std::size_t unfinished = 0;
  for (const net::Family family : net::kFamilies) {
    const auto place = static_cast<std::size_t>(family);
    const std::string_view word = family == net::Family::Ipv4 ? "ipv4" : "ipv6";
    for (const prove::SavedDifference& row : diff.by_family[place].rows)
      rows.push_back({{"family", word},
                      {"table", prove::facts_of(row.hook).table},
                      {"chain", prove::to_string(row.hook)},
                      {"packet", example_text(row, names)},
                      {"policy", side_json(row.before, row.before_rule, *diff.meant[place], *policy.checked)},
                      {"kernel", side_json(row.after, row.after_rule, *diff.running[place], *policy.checked)}});
    for (const std::string& why : diff.by_family[place].not_modelled)
      not_modelled.push_back({{"family", word}, {"what", why}});
    unfinished += diff.by_family[place].unfinished;
  }
  document["rows"] = std::move(rows);
  document["not_modelled"] = std::move(not_modelled);
  document["unfinished"] = unfinished;
  document["not_looked_at"] = diff.not_looked_at;
  return document;
}

}  // namespace vuurmuur::cli
