// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/assertion.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "analyse/verdict_text.h"
#include "names/index.h"
#include "sema/names.h"

namespace vuurmuur::analyse {
namespace {

using Kind = Assertion::Kind;
using Verdict = Assertion::Verdict;

/// Pieces that "only" may cut packets into.
constexpr std::size_t kMostPieces = 20'000;

/// The packets that a statement is about, as questions.
struct Subject {
  std::vector<Question> about;
  std::vector<Question> except;  ///< of "only": those that may reach it
  bool is_readable = true;
};

/// What is forbidden to this machine is forbidden at each of its addresses; what is promised is promised at the one
/// that a packet can know.
void widen(AskedEnd& end) {
  if (end.end.kind == sema::End::Kind::Firewall) end.end.kind = sema::End::Kind::FirewallAny;
}

Subject subject_of(const Assertion& assertion, const Configuration& configuration, diag::Sink& sink) {
  Subject subject;
  const bool forbids = assertion.kind == Kind::Never || assertion.kind == Kind::Only || assertion.kind == Kind::IsNot;
  const auto read = [&](const std::vector<model::Located<std::string>>& names) {
    std::vector<AskedEnd> ends;
    for (const auto& name : names) {
      auto end = read_end(configuration, name, sink);
      subject.is_readable = subject.is_readable && end.has_value();
      if (!end) continue;
      if (forbids) widen(*end);
      ends.push_back(std::move(*end));
    }
    return ends;
  };
  const std::vector<AskedEnd> from = read(assertion.from), to = read(assertion.to);
  Question kinds;
  for (const auto& name : assertion.services) {
    Question service;
    subject.is_readable = read_service(configuration, name, service, sink) && subject.is_readable;
    kinds.any_service = false;
    kinds.port_sets.insert(kinds.port_sets.end(), service.port_sets.begin(), service.port_sets.end());
  }
  const auto add = [&](const AskedEnd& source, const AskedEnd& destination, std::vector<Question>& questions) {
    questions.push_back(kinds);
    questions.back().from = source;
    questions.back().to = destination;
  };
  for (const AskedEnd& destination : to) {
    if (assertion.kind == Kind::Only) add({}, destination, subject.about);
    for (const AskedEnd& source : from)
      add(source, destination, assertion.kind == Kind::Only ? subject.except : subject.about);
  }
  return subject;
}

bool is_verdict(const sema::Rule& rule, const Assertion& assertion) {
  const model::Action action = *rule.source->action;
  switch (assertion.verdict) {
    case Verdict::Accepted: return lets_through(rule) && action != model::Action::Nfqueue;
    case Verdict::Dropped: return action == model::Action::Drop;
    case Verdict::Rejected: return action == model::Action::Reject;
    case Verdict::Refused: return action == model::Action::Drop || action == model::Action::Reject;
    case Verdict::Queued: break;
  }
  if (action != model::Action::Nfqueue) return false;
  const auto& queue = rule.source->options.queue;
  const model::QueueRange own = queue ? queue->value : model::QueueRange{};
  return !assertion.queues || (assertion.queues->first <= own.first && own.last <= assertion.queues->last);
}

/// Part of the queues that were named, at least.
bool may_be_verdict(const sema::Rule& rule, const Assertion& assertion) {
  if (assertion.verdict != Verdict::Queued || !assertion.queues || *rule.source->action != model::Action::Nfqueue)
    return is_verdict(rule, assertion);
  const auto& queue = rule.source->options.queue;
  const model::QueueRange own = queue ? queue->value : model::QueueRange{};
  return own.first <= assertion.queues->last && assertion.queues->first <= own.last;
}

/// Whether a packet that gets to a rule, or to none, shows that a statement is not true.
bool contradicts(const Assertion& assertion, const sema::Policy& policy, std::size_t place) {
  const bool is_none = place == kNoRule;
  const bool is_none_refused = assertion.verdict == Verdict::Dropped || assertion.verdict == Verdict::Refused;
  const sema::Rule* rule = is_none ? nullptr : &policy.rules[place];
  if (rule != nullptr && way_of(*rule) == Way::PassesOn) return false;
  // What a chain of the user's does nobody knows.
  const bool is_anything = rule != nullptr && *rule->source->action == model::Action::Chain;
  switch (assertion.kind) {
    case Kind::Reaches: return is_none || is_anything || !lets_through(*rule);
    case Kind::Never:
    case Kind::Only: return !is_none && (is_anything || lets_through(*rule));
    case Kind::Is: return is_none ? !is_none_refused : is_anything || !is_verdict(*rule, assertion);
    case Kind::IsNot: return is_none ? is_none_refused : is_anything || may_be_verdict(*rule, assertion);
  }
  return true;
}

/// What a family says of all statements.
class FamilyCheck {
 public:
  FamilyCheck(const sema::Policy& policy, net::Family family, std::span<const Assertion> assertions,
              std::span<const Subject> subjects)
      : policy_(policy), assertions_(assertions), boxes_of_(policy, family) {
    for (const Subject& subject : subjects) {
      Region region{.begin = boxes_.size(), .count = 0, .is_whole = true};
      std::vector<Box> boxes;
      for (const Question& question : subject.about) add(question, boxes);
      std::vector<Box> except;
      for (const Question& question : subject.except) add(question, except);
      for (const Box& box : except)
        if (!subtract(box, kMostPieces, boxes)) region.is_whole = false;
      region.count = boxes.size();
      boxes_.insert(boxes_.end(), boxes.begin(), boxes.end());
      regions_.push_back(region);
    }
  }

  std::vector<Finding> run() {
    search_.emplace(boxes_of_, boxes_);
    std::vector<Finding> findings;
    for (std::size_t i = 0; i < assertions_.size(); ++i) findings.push_back(find(assertions_[i], regions_[i]));
    return findings;
  }

 private:
  struct Region {
    std::size_t begin, count;
    bool is_whole;  ///< false: it had too many pieces
  };

  void add(const Question& question, std::vector<Box>& to) const {
    const std::vector<Box> boxes = boxes_of(question, boxes_of_.plain(), policy_);
    to.insert(to.end(), boxes.begin(), boxes.end());
  }

  Finding find(const Assertion& assertion, const Region& region) {
    if (!region.is_whole) return {.kind = Finding::Kind::NotFinished};
    if (region.count == 0) return {.kind = Finding::Kind::AboutNothing};
    const std::span<const Box> boxes = std::span(boxes_).subspan(region.begin, region.count);
    const auto wants = [&](std::size_t rule, Way) { return contradicts(assertion, policy_, rule); };
    RuleSearch::Found found = search_->first(boxes, wants);
    // Who can reach something within a limit can reach it.
    if (assertion.kind == Kind::Reaches && (found.hit || !found.is_finished))
      found = search_->first(boxes, wants, Limits::Take);
    if (!found.is_finished) return {.kind = Finding::Kind::NotFinished};
    if (!found.hit) return {.kind = Finding::Kind::Holds};
    return {.kind = Finding::Kind::Fails,
            .packet = sample_at(found.hit->example, search_->ranks(), boxes_of_.plain()),
            .rule = found.hit->rule};
  }

  const sema::Policy& policy_;
  std::span<const Assertion> assertions_;
  FilterBoxes boxes_of_;
  std::vector<Box> boxes_;
  std::vector<Region> regions_;
  std::optional<RuleSearch> search_;
};

/// Of a statement, from what both families say.
Finding together(Finding a, Finding b) {
  using enum Finding::Kind;
  for (const Finding::Kind kind : {Fails, NotFinished, Holds})
    for (Finding* each : {&a, &b})
      if (each->kind == kind) return std::move(*each);
  return a;
}

/// "rule 12 (rules/rules.conf:23) lets it through".
std::string what_happens(const Finding& finding, const sema::Policy& policy) {
  if (finding.rule == kNoRule) return "no rule takes it: it is dropped";
  const sema::Rule& rule = policy.rules[finding.rule];
  return fmt::format("{}{}: {}", name_of(rule), way_of(rule) == Way::MayTake ? " may take it" : " takes it",
                     verdict_of(rule));
}

}  // namespace

std::vector<Finding> check(std::span<const Assertion> assertions, const Configuration& configuration,
                           diag::Sink& sink) {
  std::vector<Subject> subjects;
  subjects.reserve(assertions.size());
  for (const Assertion& assertion : assertions) subjects.push_back(subject_of(assertion, configuration, sink));
  const auto in = [&](net::Family family) {
    return FamilyCheck(configuration.policy, family, assertions, subjects).run();
  };
  auto other_half = std::async(std::launch::async, [&] { return in(net::Family::Ipv6); });
  std::vector<Finding> ipv4 = in(net::Family::Ipv4), ipv6 = other_half.get(), findings;
  for (std::size_t i = 0; i < assertions.size(); ++i)
    findings.push_back(subjects[i].is_readable ? together(std::move(ipv4[i]), std::move(ipv6[i]))
                                               : Finding{.kind = Finding::Kind::Unreadable});
  return findings;
}

CheckedAssertions check_assertions(std::string_view text, diag::FileId file, const Configuration& configuration,
                                   diag::Sink& sink) {
  CheckedAssertions checked{.assertions = read_assertions(text, file, sink), .findings = {}};
  checked.findings = check(checked.assertions, configuration, sink);
  std::optional<names::Index> names;
  for (std::size_t i = 0; i < checked.assertions.size(); ++i) {
    const Assertion& assertion = checked.assertions[i];
    const Finding& finding = checked.findings[i];
    switch (finding.kind) {
      case Finding::Kind::Holds:
      case Finding::Kind::Unreadable: break;
      case Finding::Kind::AboutNothing:
        sink.warning("assertion-about-nothing", assertion.span,
                     "there are no packets that this is about: it holds whatever the rules are");
        break;
      case Finding::Kind::NotFinished:
        sink.error("assertion-not-finished", assertion.span,
                   "not finished: whether this holds was not found out, too many rules overlap");
        break;
      case Finding::Kind::Fails: {
        if (!names) names = names::Index::build(configuration.model, configuration.policy);
        diag::Diagnostic& problem =
            sink.error("assertion-failed", assertion.span,
                       fmt::format("this does not hold: {}", what_happens(finding, configuration.policy)));
        problem.notes.push_back({std::nullopt, "for example " + text_of(*finding.packet, *names)});
        if (finding.rule != kNoRule)
          problem.notes.push_back({configuration.policy.rules[finding.rule].source->span,
                                   fmt::format("rule {}", configuration.policy.rules[finding.rule].source->number)});
        break;
      }
    }
  }
  return checked;
}

}  // namespace vuurmuur::analyse
