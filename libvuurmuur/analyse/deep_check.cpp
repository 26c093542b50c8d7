// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/deep_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyse/empty_rules.h"
#include "analyse/impossible_objects.h"
#include "analyse/never_matching.h"
#include "analyse/overlap_report.h"
#include "analyse/redundant_report.h"
#include "analyse/rule_names.h"
#include "analyse/ssh_reach.h"
#include "analyse/translations.h"
#include "analyse/unentered_chains.h"

namespace vuurmuur::analyse {
namespace {

class DeepCheck {
 public:
  DeepCheck(const model::Policy& model, const sema::Policy& policy, const DeepOptions& options, diag::Sink& sink)
      : model_(model), policy_(policy), options_(options), sink_(sink) {}

  void run() {
    check_impossible_objects(model_, policy_, sink_);
    const std::vector<Reach> reaches = reach_of_rules(policy_, options_.limit);
    const std::vector<Translation> translations = translations_of_rules(policy_, options_.limit);
    for (std::size_t i = 0; i < policy_.rules.size(); ++i) {
      tell(i, reaches[i]);
      tell(i, translations[i]);
    }
    // Rules that could go are no reason to think twice about an apply.
    if (options_.overlaps != DeepOptions::Overlaps::Counted && !options_.limit.is_over())
      tell_redundant(policy_, reaches, options_.limit, sink_);
    for (const UnenteredChain& chain : unentered_chains(policy_, reaches)) tell(chain);
    if (!options_.limit.is_over()) tell_overlaps(model_, policy_, options_, sink_);
    if (!options_.limit.is_over()) tell_ssh();
    if (options_.limit.is_over())
      sink_.warning(
          "not-finished", std::nullopt,
          "the rules were not held against each other to the end, for that takes longer than others should wait: "
          "'vuurmuur check --deep' does");
  }

 private:
  [[nodiscard]] std::string name(std::size_t rule) const { return numbers_of(policy_, {{rule}}); }

  diag::Diagnostic& warn(const char* code, std::size_t rule, std::string message) {
    return sink_.warning(code, policy_.rules[rule].source->span, std::move(message));
  }

  void warn(const char* code, std::size_t rule, std::string message, const std::vector<std::size_t>& by) {
    add_notes(policy_, by, warn(code, rule, std::move(message)));
  }

  void tell_empty(std::size_t rule) {
    const std::string why = why_empty(policy_, policy_.rules[rule]);
    if (!why.empty()) warn("matches-nothing", rule, fmt::format("{} matches nothing: {}", name(rule), why));
  }

  /// What its budget left open; what the time did is told once.
  void tell_unfinished(std::size_t rule, const char* what) {
    if (!options_.limit.is_over())
      warn("not-finished", rule,
           fmt::format("whether {} {} was not found out: too many rules overlap it", name(rule), what));
  }

  void tell(std::size_t rule, const Reach& reach) {
    switch (reach.kind) {
      case Reach::Kind::Reached:
      case Reach::Kind::NotAsked: return;
      case Reach::Kind::Nothing: return tell_empty(rule);
      case Reach::Kind::NotFinished: return tell_unfinished(rule, "can match");
      case Reach::Kind::Never: break;
    }
    const bool is_same = std::ranges::all_of(
        reach.by, [&](std::size_t other) { return do_the_same(policy_.rules[other], policy_.rules[rule]); });
    const bool is_one = reach.by.size() == 1;
    const std::string others = numbers_of(policy_, reach.by);
    if (is_same)
      warn("redundant-rule", rule,
           fmt::format("{} makes no difference: {} {} all that it would take, and {} the same with it", name(rule),
                       others, is_one ? "takes" : "take", is_one ? "does" : "do"),
           reach.by);
    else
      warn("never-matches", rule,
           fmt::format("{} can never match: {} {} all that it would take", name(rule), others,
                       is_one ? "takes" : "take"),
           reach.by);
  }

  void tell(std::size_t rule, const Translation& translation) {
    const bool is_one = translation.by.size() == 1;
    switch (translation.kind) {
      case Translation::Kind::None:
      case Translation::Kind::Works: return;
      case Translation::Kind::Nothing: return tell_empty(rule);
      case Translation::Kind::NotFinished: return tell_unfinished(rule, "translates anything");
      case Translation::Kind::TakenFirst:
        return warn("translation-taken", rule,
                    fmt::format("{} translates nothing: {} {} all that it would", name(rule),
                                numbers_of(policy_, translation.by), is_one ? "translates" : "translate"),
                    translation.by);
      case Translation::Kind::Refused: break;
    }
    warn("translation-refused", rule,
         translation.by.empty()
             ? fmt::format("{} translates in vain: no rule lets through what becomes of it", name(rule))
             : fmt::format("{} translates in vain: {} {} what becomes of it", name(rule),
                           numbers_of(policy_, translation.by), is_one ? "refuses" : "refuse"),
         translation.by);
  }

  void tell(const UnenteredChain& chain) {
    const bool is_one = chain.rules.size() == 1;
    warn("chain-never-entered", chain.rules.front(),
         fmt::format("no packet gets to the chain '{}': {} {}, and no other rule leads there", chain.name,
                     numbers_of(policy_, chain.rules), is_one ? "never matches" : "never match"));
  }

  void tell_ssh() {
    if (policy_.rules.empty() || wants_ssh_closed(options_.assertions)) return;
    const SshReach reach = ssh_reach(model_, policy_);
    if (!reach.is_closed) return;
    std::string ports;
    for (const net::PortRange& each : reach.ports) ports += (ports.empty() ? "tcp " : ", ") + each.to_string();
    std::string why;
    if (!reach.refused_by.empty())
      why = fmt::format("{} {} it", numbers_of(policy_, reach.refused_by),
                        reach.refused_by.size() == 1 ? "refuses" : "refuse");
    if (!reach.redirected_by.empty())
      why += fmt::format("{}{} {} it elsewhere", why.empty() ? "" : ", ", numbers_of(policy_, reach.redirected_by),
                         reach.redirected_by.size() == 1 ? "sends" : "send");
    diag::Diagnostic& told = sink_.warning("ssh-unreachable", std::nullopt,
                                           fmt::format("nobody can reach the SSH of this machine ({}): {}", ports,
                                                       why.empty() ? std::string("no rule lets it in") : why));
    add_notes(policy_, reach.refused_by, told);
    add_notes(policy_, reach.redirected_by, told);
    told.notes.push_back(
        {std::nullopt, "if that is meant so, say 'any never reaches firewall service ssh' in rules/assertions.conf"});
  }

  const model::Policy& model_;
  const sema::Policy& policy_;
  const DeepOptions& options_;
  diag::Sink& sink_;
};

}  // namespace

void check_deep(const model::Policy& model, const sema::Policy& policy, const DeepOptions& options, diag::Sink& sink) {
  DeepCheck(model, policy, options, sink).run();
}

}  // namespace vuurmuur::analyse
