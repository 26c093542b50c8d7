// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/nft_refusal.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <variant>

#include "backend/nft_statement_text.h"

namespace vuurmuur::apply {
namespace {

using namespace backend::nft;

std::string reason_of(const NftFault& fault) {
  std::string text;
  switch (fault.code) {
    case ENOENT: text = "something that it needs is missing in this kernel"; break;
    case EOPNOTSUPP: text = "the kernel cannot do this here"; break;
    case ELOOP:
    case EMLINK: text = "the chains jump in a loop, or too deep"; break;
    default: text = base::system_error("", fault.code).error().message.substr(2); break;
  }
  if (!fault.explanation.empty()) text += " (" + fault.explanation + ")";
  return text;
}

/// "rule 12: … (rules/rules.conf:12)" for the comment of a rule.
std::string origin_text(const ir::Ruleset& ruleset, const std::string& comment) {
  if (comment.empty()) return "a rule";
  const auto origin = std::ranges::find(ruleset.origins, comment, &ir::Origin::label);
  if (origin == ruleset.origins.end() || origin->place.empty()) return comment;
  return comment + " (" + origin->place + ")";
}

std::string statements_text(const Program& program, const Rule& rule) {
  std::string text;
  for (const Statement& statement : rule.statements) {
    if (!text.empty()) text += ' ';
    append_statement(text, program, statement);
  }
  return text;
}

bool asks_set(const Statement& statement, Index set) {
  return std::visit(
      [set]<class T>(const T& value) {
        if constexpr (std::same_as<T, SetTest> || std::same_as<T, MeterTest> || std::same_as<T, CountElement> ||
                      std::same_as<T, MapVerdict> || std::same_as<T, MapQueue>)
          return value.set == set;
        else
          return false;
      },
      statement);
}

bool sets_helper(const Statement& statement, Index helper) {
  const auto* set = std::get_if<SetHelper>(&statement);
  return set != nullptr && set->helper == helper;
}

/// The comment of the first rule with a statement for which `is_it` holds.
template <class IsIt>
std::string comment_of_user(const Program& program, const IsIt& is_it) {
  for (const Chain& chain : program.chains)
    for (const Rule& rule : chain.rules)
      if (std::ranges::any_of(rule.statements, is_it)) return rule.comment;
  return {};
}

std::string what(const Subject& subject, const Program& program, const ir::Ruleset& ruleset,
                 const std::string& reason) {
  const auto after = [&](const std::string& thing) { return thing + ": " + reason; };
  switch (subject.kind) {
    case Subject::Kind::Batch: return after("the transaction");
    case Subject::Kind::Table: return after("the table");
    case Subject::Kind::Counter: return after("the counter of " + program.counters[subject.index].comment);
    case Subject::Kind::Helper: {
      const Helper& helper = program.helpers[subject.index];
      const auto uses = [&](const Statement& statement) { return sets_helper(statement, subject.index); };
      return after(origin_text(ruleset, comment_of_user(program, uses)) + ", helper " + helper.helper);
    }
    case Subject::Kind::Set: {
      const auto asks = [&](const Statement& statement) { return asks_set(statement, subject.index); };
      return after(origin_text(ruleset, comment_of_user(program, asks)) + ", set " + program.sets[subject.index].name);
    }
    case Subject::Kind::Chain: return after("chain " + program.chains[subject.index].name);
    case Subject::Kind::Rule: {
      const Chain& chain = program.chains[subject.index];
      const Rule& rule = chain.rules[subject.rule];
      return after(origin_text(ruleset, rule.comment)) + ": " + chain.name + " " + statements_text(program, rule);
    }
    case Subject::Kind::OldRules: return after("the removal of rules of before");
    case Subject::Kind::OldChain: return after("the removal of a chain of before");
    case Subject::Kind::OldSet: return after("the removal of a set of before");
    case Subject::Kind::OldObject: return after("the removal of a counter or helper of before");
  }
  return reason;
}

}  // namespace

base::Error explain_nft_refusal(const NftRefusal& refusal, const ir::Ruleset& ruleset,
                                std::span<const Program> programs, std::span<const Subject> subjects) {
  for (const NftFault& fault : refusal.faults) {
    if (fault.sequence >= subjects.size()) continue;
    const Subject& subject = subjects[fault.sequence];
    const auto program = std::ranges::find(programs, subject.family, &Program::family);
    if (subject.kind == Subject::Kind::Batch || program == programs.end()) continue;
    const std::string family = subject.family == net::Family::Ipv4 ? "IPv4" : "IPv6";
    return {.message = "load nf_tables (" + family + "): the kernel refused " +
                       what(subject, *program, ruleset, reason_of(fault)),
            .code = fault.code};
  }
  return refusal.error;
}

}  // namespace vuurmuur::apply
