// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/prove.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "analyse/filter_boxes.h"
#include "diag/source.h"
#include "prove/all_packets.h"
#include "prove/compare.h"
#include "prove/emitted.h"
#include "prove/meant_tables.h"
#include "prove/packet_marks.h"
#include "prove/packet_sample.h"
#include "saved/read.h"
#include "saved/sets.h"

namespace vuurmuur::prove {
namespace {

/// What is asked of packet marks, by the policy and by the text.
std::vector<MarkTest> tests_of(const sema::Policy& policy, std::string_view rules) {
  std::vector<MarkTest> tests;
  for (const sema::QueueUse& use : policy.queues)
    if (use.release) tests.push_back({.value = use.release->value, .mask = use.release->mask});
  std::ranges::copy(mark_tests_of(rules), std::back_inserter(tests));
  return tests;
}

class FamilyProof {
 public:
  FamilyProof(const sema::Policy& policy, net::Family family, Emitter::Text text,
              std::span<const sema::QueueUse> kept_queues, std::size_t steps)
      : policy_(policy),
        family_(family),
        layout_(ir::MarkLayout::create(policy.settings->connmark_mask.value).value_or(ir::MarkLayout())),
        boxes_(policy, family),
        kept_queues_(kept_queues),
        steps_(steps),
        sets_(saved::Sets::read(sources_.add("sets", std::move(text.sets)), sources_, sink_)),
        packet_marks_(tests_of(policy, text.rules)),
        rules_({.family = family,
                .layout = layout_,
                .sets = &sets_,
                .packet_marks = &packet_marks_,
                .fields = &boxes_.plain()}),
        ruleset_(saved::read(sources_.add("rules", std::move(text.rules)), sources_, sink_, [this](saved::Rule& rule) {
          rules_.add(rule, sink_);
          rule.matches = std::vector<saved::Match>();  // and their room: "= {}" would keep it
        })) {}
  FamilyProof(const FamilyProof&) = delete;
  FamilyProof& operator=(const FamilyProof&) = delete;

  Proof run() {
    std::array<Program, kHooks> meant = meant_outside_filter(boxes_, packet_marks_, terms_);
    std::ranges::move(meant_by(boxes_, kept_queues_, terms_), meant.begin());
    for (const char* const name : {"filter", "raw", "mangle", "nat"}) {
      // A table that nobody asked for is not there, and lets everything go on.
      saved::Table none;
      none.name = name;
      const saved::Table* const found = ruleset_.find(name);
      const EmittedTable table(found == nullptr ? none : *found, rules_, sink_);
      if (sink_.has_errors()) not_modelled("the emitted text cannot be read");
      for (std::size_t i = 0; i < kHooks; ++i)
        if (const auto hook = static_cast<Hook>(i); facts_of(hook).table == std::string_view(name)) {
          compare_hook(hook, meant[i], table);
          meant[i] = {};
        }
    }
    for (const saved::Table& table : ruleset_.tables)
      if (std::ranges::none_of(kHookFacts, [&](const HookFacts& facts) { return facts.table == table.name; }))
        not_modelled(fmt::format("table {}", table.name));
    return std::move(proof_);
  }

 private:
  void not_modelled(std::string why) {
    why = fmt::format("{}: {}", family_ == net::Family::Ipv4 ? "IPv4" : "IPv6", why);
    if (std::ranges::find(proof_.not_modelled, why) == proof_.not_modelled.end())
      proof_.not_modelled.push_back(std::move(why));
  }

  void compare_hook(Hook hook, const Program& meant, const EmittedTable& table) {
    const Program written = table.program(to_string(hook), everything(boxes_.plain(), layout_, hook), terms_);
    for (const Program* program : {&meant, &written})
      for (const std::string& why : program->not_modelled) not_modelled(why);
    proof_.meant += meant.entries.size();
    proof_.emitted += written.entries.size();
    // A rule of which nothing is known would be a difference wherever it takes something.
    if (!meant.not_modelled.empty() || !written.not_modelled.empty()) return;
    const Comparison found = compare(terms_.regions, written, meant, steps_);
    proof_.pairs += found.pairs;
    proof_.searched += found.searched;
    proof_.unfinished += found.unfinished;
    // Of packets that the same two entries take one is enough: others have another mark.
    std::set<std::pair<std::size_t, std::size_t>> told;
    for (const Disagreement& each : found.disagreements) {
      if (!told.emplace(each.first, each.second).second) continue;
      const Entry &by_text = written.entries[each.first], &by_policy = meant.entries[each.second];
      proof_.doubts.push_back({.family = family_,
                               .hook = hook,
                               .packet = sample_of(each, hook, boxes_.plain()),
                               .when = each.when,
                               .packet_mark = packet_marks_.mark_of(each.when.packet_marks),
                               .meant = terms_.behaviours.text(by_policy.behaviour),
                               .emitted = terms_.behaviours.text(by_text.behaviour),
                               .rule = by_policy.source.rule,
                               .step = std::string(by_policy.source.step),
                               .line = by_text.source.emitted == nullptr
                                           ? std::string()
                                           : std::string(sources_.text(by_text.source.emitted->span))});
    }
  }

  const sema::Policy& policy_;
  net::Family family_;
  ir::MarkLayout layout_;
  analyse::FilterBoxes boxes_;
  std::span<const sema::QueueUse> kept_queues_;
  std::size_t steps_;
  diag::SourceMap sources_;
  diag::Sink sink_;
  saved::Sets sets_;
  PacketMarks packet_marks_;
  EmittedRules rules_;
  saved::Ruleset ruleset_;  ///< without the matches of rules, which are in `rules_`
  Terms terms_;
  Proof proof_;
};

}  // namespace

std::string text_of(const Situation& when) {
  constexpr std::array<const char*, 5> kStates{"a new connection", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"};
  constexpr std::array<const char*, 6> kFlags{"FIN", "SYN", "RST", "PSH", "ACK", "URG"};
  std::string text;
  for (std::size_t i = 0; i < kStates.size(); ++i)
    if (when.states == 1U << i) text = kStates[i];
  std::string flags;
  for (std::size_t value = 0; value < 64; ++value)
    if (when.flags == 1ULL << value && value != 2)
      for (std::size_t i = 0; i < kFlags.size(); ++i)
        if ((value >> i & 1) != 0) flags += (flags.empty() ? "" : ",") + std::string(kFlags[i]);
  if (!flags.empty()) text += ", TCP flags " + flags;
  for (unsigned kind = 1; kind < 4; ++kind)
    if (when.kinds == 1U << kind)
      text += fmt::format(", connection mark of kind {} and number {}", kind, when.first_number);
  return text;
}

Proof prove(const sema::Policy& policy, const Emitter& emitter, std::size_t steps) {
  const auto of_family = [&](net::Family family) {
    return FamilyProof(policy, family, emitter.text(family), emitter.kept_queues, steps).run();
  };
  auto other_half = std::async(emitter.one_by_one ? std::launch::deferred : std::launch::async,
                               [&] { return of_family(net::Family::Ipv6); });
  Proof proof = of_family(net::Family::Ipv4);
  Proof other = other_half.get();
  std::ranges::move(other.doubts, std::back_inserter(proof.doubts));
  std::ranges::move(other.not_modelled, std::back_inserter(proof.not_modelled));
  proof.unfinished += other.unfinished;
  proof.meant += other.meant;
  proof.emitted += other.emitted;
  proof.pairs += other.pairs;
  proof.searched += other.searched;
  return proof;
}

Proof prove(const sema::Policy& policy, Emitted emitted, std::size_t steps) {
  const auto text = [&emitted](net::Family family) {
    const auto place = static_cast<std::size_t>(family);
    return Emitter::Text{.rules = std::move(emitted.rules[place]), .sets = std::move(emitted.sets[place])};
  };
  return prove(policy, Emitter{.text = text, .kept_queues = emitted.kept_queues}, steps);
}

void tell(const Proof& proof, const names::Index& names, diag::Sink& sink) {
  for (const Doubt& doubt : proof.doubts) {
    const std::string who = doubt.rule == nullptr ? doubt.step : fmt::format("rule {}", doubt.rule->source->number);
    diag::Diagnostic& told = sink.error(
        "not-as-meant", doubt.rule == nullptr ? std::nullopt : std::optional(doubt.rule->source->span),
        fmt::format("the compiled rules are not what the configuration says: by {} a packet is {}, by them it is {}",
                    who, doubt.meant, doubt.emitted));
    const std::string mark =
        doubt.packet_mark == 0 ? std::string() : fmt::format(", packet mark {:#x}", doubt.packet_mark);
    told.notes.push_back({std::nullopt, fmt::format("for example in {} of table {}: {}, {}", to_string(doubt.hook),
                                                    facts_of(doubt.hook).table, analyse::text_of(doubt.packet, names),
                                                    text_of(doubt.when) + mark)});
    told.notes.push_back({std::nullopt, doubt.line.empty() ? std::string("by the policy of the chain")
                                                           : "by the compiled rule: " + doubt.line});
  }
  for (const std::string& why : proof.not_modelled) sink.warning("not-proven", std::nullopt, "not proven: " + why);
  if (proof.unfinished != 0)
    sink.warning("not-proven", std::nullopt, fmt::format("not proven: {} questions took too long", proof.unfinished));
}

}  // namespace vuurmuur::prove
