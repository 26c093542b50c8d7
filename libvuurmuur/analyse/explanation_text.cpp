// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/explanation_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyse/verdict_text.h"
#include "sema/spoof.h"

namespace vuurmuur::analyse {
namespace {

const sema::Rule& rule_of(const sema::Policy& policy, std::size_t rule) { return policy.rules[rule]; }

/// How a rule that was passed stands to the packet.
std::string passed_text(const sema::Policy& policy, std::size_t place) {
  const sema::Rule& rule = rule_of(policy, place);
  const std::string name = name_of(rule);
  switch (way_of(rule)) {
    case Way::PassesOn: return fmt::format("{} by {}", record_of(rule), name);
    case Way::MayTake:
      if (*rule.source->action == model::Action::Chain)
        return fmt::format("unless the chain '{}' of {} decides it before", rule.source->options.chain->value, name);
      return fmt::format("when {} has not taken it within its limit: {}", name, verdict_of(rule));
    case Way::Takes:
    case Way::Unknown: break;
  }
  return fmt::format("when {} has not taken it", name);
}

bool has_same_rows(const Explanation& a, const Explanation& b) {
  // What else is told is told of an example.
  if (a.is_finished != b.is_finished) return false;
  return std::ranges::equal(a.branches, b.branches, [](const Branch& one, const Branch& other) {
    return one.redirected_by == other.redirected_by &&
           std::ranges::equal(one.rows, other.rows, [](const Row& row, const Row& same) {
             return row.rule == same.rule && row.is_finished == same.is_finished;
           });
  });
}

class Writer {
 public:
  Writer(const sema::Policy& policy, const names::Index& names) : policy_(policy), names_(names) {}

  void explanation(const Explanation& explanation) {
    if (!explanation.is_finished)
      line("not finished: destinations are translated in too many ways; packets that rules translate are missing here");
    for (const Branch& branch : explanation.branches) {
      if (branch.redirected_by) {
        const sema::Rule& rule = rule_of(policy_, *branch.redirected_by);
        line(fmt::format("those that {} sends elsewhere: {}", name_of(rule), model::summary(*rule.source)));
      } else if (explanation.branches.size() > 1) {
        line("those that stay as they came:");
      }
      indent_ += explanation.branches.size() > 1 || branch.redirected_by ? 2 : 0;
      bool is_first = true;
      for (const Row& each : branch.rows) {
        row(each, is_first);
        is_first = false;
      }
      indent_ -= explanation.branches.size() > 1 || branch.redirected_by ? 2 : 0;
    }
  }

  void line(const std::string& text) { out_ += std::string(indent_, ' ') + text + "\n"; }
  void indent() { indent_ += 2; }
  void outdent() { indent_ -= 2; }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void row(const Row& row, bool is_first) {
    const std::string part = part_of(row, policy_);
    const std::string what = !part.empty() ? part : is_first ? std::string("all") : std::string("what is left");
    if (row.rule == kNoRule) {
      line(fmt::format("{}: dropped{}", what, policy_.settings->log_policy ? ", logged" : ""));
      detail(row.is_finished ? "no rule takes it" : "not finished: whether a rule takes it was not found out");
    } else {
      const sema::Rule& rule = rule_of(policy_, row.rule);
      const std::string record = record_of(rule);
      line(fmt::format("{}: {}{}", what, verdict_of(rule),
                       record.empty() || row.way == Way::PassesOn ? "" : ", " + record));
      detail(fmt::format("{}: {}", name_of(rule), model::summary(*rule.source)));
      if (row.way == Way::MayTake)
        detail(*rule.source->action == model::Action::Chain ? "the chain may let it go on to what stands below"
                                                            : "beyond its limit it goes on to what stands below");
      if (row.way == Way::PassesOn) detail("and goes on to what stands below");
      if (row.way == Way::Unknown)
        detail(
            "not finished: it has too many ways to match, or devices with addresses that are not known; it may take "
            "any of it");
      else if (!row.is_finished)
        detail("not finished: whether rules before it leave it any was not found out");
    }
    if (!row.is_finished) return;
    detail("example: " + text_of(row.example, names_));
    for (const std::size_t passed : row.passed) detail(passed_text(policy_, passed));
    if (row.masked_by)
      detail(fmt::format("it leaves with another source address: {}: {}", name_of(rule_of(policy_, *row.masked_by)),
                         model::summary(*rule_of(policy_, *row.masked_by).source)));
    if (row.blocked_by)
      detail(
          fmt::format("but the blocklist drops this example before rules are asked: {}", row.blocked_by->to_string()));
    if (row.spoof)
      detail(fmt::format("but anti-spoofing drops this example: protect against spoofing from {}",
                         sema::spoof_word(*row.spoof)));
  }

  void detail(const std::string& text) { out_ += std::string(indent_ + 4, ' ') + text + "\n"; }

  const sema::Policy& policy_;
  const names::Index& names_;
  std::size_t indent_ = 0;
  std::string out_;
};

std::string service_of(const Question& question) {
  if (question.any_service) return "any service";
  std::vector<std::string> sets;
  for (const model::PortSet& set : question.port_sets) {
    std::string text = protocol_name(set.protocol);
    if (net::has_ports(set.protocol) && !set.destination.is_any()) text += " port " + set.destination.to_string();
    if (set.icmp_type) text += fmt::format(" type {}", *set.icmp_type);
    if (std::ranges::find(sets, text) == sets.end()) sets.push_back(text);
  }
  return fmt::format("{}", fmt::join(sets, ", "));
}

}  // namespace

std::string part_of(const Row& row, const sema::Policy& policy) {
  if (row.rule == kNoRule) return {};
  const model::Rule& rule = *policy.rules[row.rule].source;
  std::string text;
  const auto add = [&](const std::string& word) { text += (text.empty() ? "" : " ") + word; };
  if (row.has_less_service && *rule.service != "any") add("service " + *rule.service);
  if (row.has_less_from) add("from " + to_string(*rule.from));
  if (row.has_less_to) add("to " + to_string(*rule.to));
  return text;
}

std::string text_of(const std::vector<Explanation>& explanations, const Question& question, const sema::Policy& policy,
                    const names::Index& names) {
  Writer writer(policy, names);
  std::vector<const Explanation*> possible;
  for (const Explanation& each : explanations)
    if (!each.branches.empty() || !each.is_finished) possible.push_back(&each);
  if (possible.empty()) {
    if (question.from.is_inactive || question.to.is_inactive)
      writer.line(fmt::format("there are no such packets: {} is switched off",
                              question.from.is_inactive ? question.from.text : question.to.text));
    else
      writer.line(fmt::format("there are no such packets: nothing comes from {} and goes to {} like that",
                              question.from.text, question.to.text));
  } else if (possible.size() == 1 || has_same_rows(*possible.front(), *possible.back())) {
    writer.explanation(*possible.front());
  } else {
    for (const Explanation* each : possible) {
      writer.line(each->family == net::Family::Ipv4 ? "IPv4:" : "IPv6:");
      writer.indent();
      writer.explanation(*each);
      writer.outdent();
    }
  }
  return writer.take();
}

std::string text_of(const WhyNot& why, std::size_t place, const Question& question, const sema::Policy& policy,
                    const names::Index& names) {
  const sema::Rule& rule = policy.rules[place];
  const model::Rule& written = *rule.source;
  const std::string name = name_of(rule);
  switch (why.kind) {
    case WhyNot::Kind::Takes: {
      std::string text = why.takes_all ? fmt::format("{} takes it: {}\n", name, verdict_of(rule))
                                       : fmt::format("{} takes some of it: {}\n", name, verdict_of(rule));
      if (why.example) text += fmt::format("    example: {}\n", text_of(*why.example, names));
      return text;
    }
    case WhyNot::Kind::TakenFirst: {
      std::string text = fmt::format("{} meets it, but rules before it take it all:\n", name);
      for (const std::size_t other : why.by)
        text += fmt::format("    {}: {}: {}\n", name_of(policy.rules[other]),
                            model::summary(*policy.rules[other].source), verdict_of(policy.rules[other]));
      return text;
    }
    case WhyNot::Kind::Differs: {
      std::string text = fmt::format("{} does not meet it: {}\n", name, model::summary(written));
      if (why.service)
        text += fmt::format("    its service is '{}', asked was {}\n", *written.service, service_of(question));
      if (why.from)
        text += fmt::format("    it is from '{}', asked was from {}{}\n", to_string(*written.from), question.from.text,
                            question.in.empty() ? "" : " by " + question.in.front());
      if (why.to)
        text += fmt::format("    it is to '{}', asked was to {}{}\n", to_string(*written.to), question.to.text,
                            question.out.empty() ? "" : " by " + question.out.front());
      if (why.chain)
        text +=
            "    it is about other traffic: what goes to this machine, comes from it and passes through are apart\n";
      return text;
    }
    case WhyNot::Kind::TakesNone:
      return fmt::format("{} takes nothing: there is no packet that meets it, or it only translates\n", name);
    case WhyNot::Kind::NotFinished: break;
  }
  return fmt::format("not finished: whether {} takes any of it was not found out\n", name);
}

}  // namespace vuurmuur::analyse
