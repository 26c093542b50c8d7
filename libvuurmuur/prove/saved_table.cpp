// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/saved_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "base/overloaded.h"
#include "base/strings.h"
#include "prove/mark_value.h"
#include "prove/region_parts.h"
#include "prove/written_verdict.h"

namespace vuurmuur::prove {
namespace {

/// What was done with a packet on its way.
struct Passed {
  Marks marks;
  std::vector<std::string> conditions;  ///< as the moment has to be for the packet to get here
};

std::string conditions_text_of(const Passed& done) {
  std::string text;
  for (const std::string& condition : done.conditions) text += condition + ": ";
  return text;
}

/// "'limit --limit 3/min': to queue 3, connection mark 0x10003000/0x3ffff000". Nobody sees the marks of what is
/// dropped.
std::string text_of(const Verdict& verdict, const Passed& done) {
  const bool is_kept = verdict.kind != Verdict::Kind::Drop && verdict.kind != Verdict::Kind::Reject;
  return conditions_text_of(done) + text_of(verdict, Done()) + (is_kept ? text_of(done.marks) : std::string());
}

}  // namespace

SavedTable::SavedTable(const saved::Table& table, const SavedWorld& world, diag::Sink& sink)
    : table_(table), world_(world) {
  for (const saved::Chain& chain : table.chains) {
    std::vector<SavedRule>& rules = chains_.emplace_back();
    rules.reserve(chain.rules.size());
    for (const saved::Rule& rule : chain.rules) {
      rules.push_back(read_saved_rule(rule, table, world_, sink));
      for (const Region& region : rules.back().regions)
        asks_state_ = asks_state_ || region.when.states != Situation::kAllStates;
    }
  }
}

/// Writes a program.
class SavedTable::Flattening {
 public:
  static constexpr std::size_t kMostRest = 256;
  /// Chains of so many rules and fewer give one verdict in some steps, and tell packets apart no further.
  static constexpr std::size_t kShortChain = 3;
  /// Of rules that are looked at for a region each: with more there are too many ways through the table.
  static constexpr std::size_t kMostSteps = 5'000'000;

  Flattening(const SavedTable& table, Behaviours& behaviours, const MarkSpace& marks)
      : table_(table), behaviours_(behaviours), marks_(marks) {}

  SavedProgram run(std::string_view chain, const Region& region) {
    const auto place = table_.table_.find(chain);
    policy_ = place ? table_.table_.chains[*place].policy : "ACCEPT";
    program_.parts.push_back({.region = region, .around = 0});
    const Passed nothing;
    if (!place || !walk({.chain = *place, .next = 0, .before = &nothing, .caller = nullptr, .depth = 0}, region, {}))
      end_by_policy(region, {});
    return std::move(program_);
  }

 private:
  /// A place in a chain, and how packets got into it.
  struct Place {
    std::size_t chain = 0, next = 0;  ///< the rule that is asked next
    const Passed* before = nullptr;   ///< what was done when they came into the chain
    const Place* caller = nullptr;    ///< where they go back to; null: the policy
    std::size_t depth = 0;            ///< of calls

    [[nodiscard]] Place at(std::size_t rule) const {
      Place other = *this;
      other.next = rule;
      return other;
    }
  };
  /// What becomes of the packets that a rule takes.
  enum class After : std::uint8_t {
    Ended,   ///< nothing more
    GoesOn,  ///< the next rule is asked
    Leaves,  ///< they go back to where the chain was called
  };
  /// What a rule takes of a region, and what else the moment has to tell.
  struct Taken {
    Region region;
    std::vector<std::string> conditions;
  };

  /// Packets of a region from a place on. True when all that meet the conditions of their way are ended; false: some go
  /// back to the caller, and of these nothing is said yet.
  bool walk(const Place& place, Region region, Passed done) {
    if (place.depth > table_.chains_.size()) return give_up("chains call each other without end");
    const std::uint32_t part = part_;
    if (table_.chains_[place.chain].size() - place.next > kShortChain) {
      part_ = static_cast<std::uint32_t>(program_.parts.size());
      program_.parts.push_back({.region = region, .around = part});
    }
    const bool is_ended = walk_rules(place, std::move(region), std::move(done));
    part_ = part;
    return is_ended;
  }

  bool walk_rules(const Place& place, Region region, Passed done) {
    const std::vector<SavedRule>& rules = table_.chains_[place.chain];
    for (std::size_t i = place.next; i < rules.size(); ++i) {
      const SavedRule& rule = rules[i];
      if (++steps_ > kMostSteps) return give_up("there are too many ways through it");
      if (program_.entries.size() > kMostEntries) return give_up("it has too many entries");
      for (const Region& own : rule.regions)
        for (const Taken& taken : taken_of(region, own, rule, done.marks)) {
          const Region& both = taken.region;
          if (!rule.not_modelled.empty()) {
            give_up(fmt::format("of a rule in {}: {}", table_.table_.chains[place.chain].name, rule.not_modelled));
            continue;
          }
          Passed here = done;
          if (!assume(taken.conditions, here)) continue;
          const bool is_sure = here.conditions.size() == done.conditions.size();
          const bool has_all = both == region && is_sure;
          const After after = take(rule, both, here, place.at(i + 1));
          if (after == After::GoesOn) {
            if (has_all) {
              done = std::move(here);
              continue;
            }
            if (is_alike(here, done)) continue;
            // What is marked, and what is not, go their own ways from here on.
            finish(place.at(i + 1), both, here);
          }
          if (after == After::Leaves) {
            const bool is_ended = leave(place, both, here);
            if (has_all) return is_ended;
            if (!is_sure) return unless_left(taken, region, done, here, place.at(i)) && is_ended;
            if (!is_ended) {
              // Where the moment decides, entries do not end packets: those that go back must not be seen behind it.
              if (!done.conditions.empty()) {
                walk_rest(both, region, place.at(i), done);
                return false;
              }
              finish_behind(place, both, here);
            }
          }
          if (has_all) return true;
          if (!is_sure || take_away(both, region) || done.conditions.empty()) continue;
          return walk_rest(both, region, place.at(i), done);
        }
    }
    return leave(place, region, done);
  }

  /// What a rule takes of a region, of what it says one way to take some.
  std::vector<Taken> taken_of(const Region& region, const Region& own, const SavedRule& rule, const Marks& marks) {
    std::vector<Taken> all;
    if (auto both = common(region, own)) all.push_back({.region = *std::move(both), .conditions = rule.conditions});
    for (const MarkQuestion& question : rule.marks) {
      if (all.empty()) break;
      const AskedMarks asked = asked_of(question.is_of_connection ? marks.connection : marks.packet, question.bits);
      if (asked.is_mixed) {
        give_up("a rule asks for a mark that is made of both marks");
        return {};
      }
      all = question.is_inverted ? without(all, asked) : with(all, asked);
    }
    return all;
  }

  std::vector<Taken> with(const std::vector<Taken>& all, const AskedMarks& asked) {
    if (!asked.may_hold) return {};
    return with_packet_mark(with_connection_mark(all, asked.connection, /*is_inverted=*/false), asked.packet,
                            /*is_inverted=*/false);
  }

  /// One of both is not so.
  std::vector<Taken> without(const std::vector<Taken>& all, const AskedMarks& asked) {
    if (!asked.may_hold) return all;
    std::vector<Taken> next = with_connection_mark(all, asked.connection, /*is_inverted=*/true);
    for (Taken& each : with_packet_mark(with_connection_mark(all, asked.connection, /*is_inverted=*/false),
                                        asked.packet, /*is_inverted=*/true))
      next.push_back(std::move(each));
    return next;
  }

  std::vector<Taken> with_connection_mark(const std::vector<Taken>& all, const AskedBits& asked, bool is_inverted) {
    if (asked.mask == 0) return is_inverted ? std::vector<Taken>() : all;
    std::vector<Taken> next;
    for (const Taken& each : all) {
      const auto ways = marks_.with_connection_mark(each.region.when, asked, is_inverted);
      if (!ways) {
        // Too many: it is taken for something that packets do not tell.
        next.push_back(each);
        next.back().conditions.push_back(mark_text("connmark", asked, is_inverted));
        continue;
      }
      for (const Situation& way : *ways)
        next.push_back({.region = {.box = each.region.box, .when = way}, .conditions = each.conditions});
    }
    return next;
  }

  std::vector<Taken> with_packet_mark(std::vector<Taken> all, const AskedBits& asked, bool is_inverted) {
    if (asked.mask == 0) return is_inverted ? std::vector<Taken>() : std::move(all);
    const auto classes = marks_.packet_classes(asked);
    for (Taken& each : all) {
      if (classes)
        each.region.when.packet_marks &= is_inverted ? ~*classes : *classes;
      else
        each.conditions.push_back(mark_text("mark", asked, is_inverted));
    }
    std::erase_if(all, [](const Taken& each) { return each.region.when.is_empty(); });
    return all;
  }

  static std::string mark_text(const char* match, const AskedBits& asked, bool is_inverted) {
    return condition_text(fmt::format("{} {:#x}/{:#x}", match, asked.value, asked.mask), is_inverted);
  }

  /// Adds what the moment has to tell. False: it cannot be so, because the contrary is there already.
  static bool assume(const std::vector<std::string>& conditions, Passed& done) {
    for (const std::string& condition : conditions) {
      const auto has = [&](const std::string& text) {
        return std::ranges::find(done.conditions, text) != done.conditions.end();
      };
      if (has(contrary(std::span(&condition, 1)))) return false;
      if (!has(condition)) done.conditions.push_back(condition);
    }
    return true;
  }

  /// That not all of these hold.
  static std::string contrary(std::span<const std::string> conditions) {
    constexpr std::string_view kNot = "not '";
    if (conditions.size() == 1 && conditions.front().starts_with(kNot)) return conditions.front().substr(4);
    if (conditions.size() == 1) return "not " + conditions.front();
    return fmt::format("not all of ({})", base::join(conditions, " and "));
  }

  /// Packets that a rule sends back only when the moment says so: for those that stay, what stands behind it in the
  /// chain. `here`: the place of that rule, which may take others of the region otherwise.
  bool unless_left(const Taken& left, const Region& region, const Passed& done, const Passed& under,
                   const Place& here) {
    Passed staying = done;
    const std::span<const std::string> own(
        under.conditions.begin() + static_cast<std::ptrdiff_t>(done.conditions.size()), under.conditions.end());
    staying.conditions.push_back(contrary(own));
    const bool is_ended = walk(here.at(here.next + 1), left.region, std::move(staying));
    if (left.region == region) return is_ended;
    return walk_rest(left.region, region, here, done) && is_ended;
  }

  /// The packets of a region outside a part of it, from a place on.
  bool walk_rest(const Region& part, const Region& region, const Place& here, const Passed& done) {
    const auto rest = rest_of(part, region, kMostRest);
    if (!rest) return give_up("a rule under a limit has too many ways");
    bool all_ended = true;
    for (const Region& each : *rest) all_ended = walk(here, each, done) && all_ended;
    return all_ended;
  }

  static bool is_alike(const Passed& a, const Passed& b) { return a.marks == b.marks; }

  /// Packets that fall off a chain. Where something was done with them in it, what comes behind is written once more.
  bool leave(const Place& place, const Region& region, const Passed& done) {
    if (is_alike(done, *place.before)) return false;
    finish_behind(place, region, done);
    return true;
  }

  /// All that comes for packets from a place on.
  void finish(const Place& place, const Region& region, const Passed& done) {
    if (walk(place, region, done)) return;
    Passed back = done;
    back.marks = place.before->marks;
    finish_behind(place, region, back);
  }

  /// What comes behind the calls, for packets that come back from all of them.
  void finish_behind(const Place& place, const Region& region, const Passed& done) {
    if (place.caller == nullptr)
      end_by_policy(region, done);
    else
      finish(*place.caller, region, done);
  }

  /// One rule; `here`: what its caller does behind it is in there as well.
  After take(const SavedRule& rule, const Region& region, Passed& here, const Place& behind) {
    const auto given_up = [this](std::string why) {
      give_up(std::move(why));
      return After::GoesOn;
    };
    return std::visit(
        base::Overloaded{
            [&](const saved::JumpTarget& jump) {
              // Where it comes back to.
              const Passed before = here;
              const Place callee_place{.chain = jump.chain,
                                       .next = 0,
                                       .before = jump.is_goto ? behind.before : &before,
                                       .caller = jump.is_goto ? behind.caller : &behind,
                                       .depth = behind.depth + 1};
              if (walk(callee_place, region, here)) return After::Ended;
              return jump.is_goto ? After::Leaves : After::GoesOn;
            },
            [&](const saved::ReturnTarget&) { return After::Leaves; },
            [&](const saved::AcceptTarget&) { return end(rule, region, {.kind = Verdict::Kind::Accept}, here); },
            [&](const saved::DropTarget&) { return end(rule, region, {.kind = Verdict::Kind::Drop}, here); },
            [&](const saved::RejectTarget&) { return end(rule, region, rejected_by(*rule.rule), here); },
            [&](const saved::QueueTarget& queue) { return end(rule, region, queued_by(*rule.rule, queue), here); },
            [&](const saved::MarkTarget& mark) {
              (mark.is_of_connection ? here.marks.connection : here.marks.packet).set(mark.clear, mark.flip);
              return After::GoesOn;
            },
            [&](const saved::CopyMarkTarget& copy) {
              if (copy.is_save)
                here.marks.connection.copy(copy.connection_mask, here.marks.packet, copy.packet_mask);
              else
                here.marks.packet.copy(copy.packet_mask, here.marks.connection, copy.connection_mask);
              return After::GoesOn;
            },
            [&](const saved::NoTarget&) {
              does_something(rule, region, here);
              return After::GoesOn;
            },
            [&](const saved::NatTarget& nat) { return translate(rule, region, nat, here); },
            [&](const saved::UntrackTarget&) {
              // Whoever asks for a state behind it asks for another one.
              if (table_.asks_state_) return given_up(fmt::format("target {} is not modelled", rule.rule->target));
              does_something(rule, region, here);
              return After::GoesOn;
            },
            [&](const saved::UnknownTarget&) {
              does_something(rule, region, here);
              return After::GoesOn;
            },
        },
        rule.target);
  }

  /// Of a rule of others: that it logs, or changes what rules do not ask for. A target that is not known may end
  /// packets.
  void does_something(const SavedRule& rule, const Region& region, const Passed& here) {
    if (rule.rule->target.empty()) return;
    std::string words = rule.rule->target;
    for (const saved::Option& each : rule.rule->target_options)
      words += ' ' + each.name + ' ' + base::join(each.values, " ");
    const bool is_uncertain = !here.conditions.empty() || std::holds_alternative<saved::UnknownTarget>(rule.target);
    pass(rule, region, conditions_text_of(here) + "given to " + words, is_uncertain);
  }

  After translate(const SavedRule& rule, const Region& region, const saved::NatTarget& nat, const Passed& done) {
    // The words count where it is not known what they say.
    std::string words = !nat.first ? " by " + rule.rule->target : std::string();
    for (const saved::Option& each : rule.rule->target_options)
      if (says_more(each)) words += fmt::format(" {} {}", each.name, base::join(each.values, " "));
    return end(rule, region,
               {.kind = Verdict::Kind::Translate, .translation = text_of(translation_by(*rule.rule, nat)) + words},
               done);
  }

  bool give_up(std::string why) {
    if (std::ranges::find(program_.not_modelled, why) == program_.not_modelled.end())
      program_.not_modelled.push_back(std::move(why));
    return false;
  }

  void add(const Region& region, const std::string& text, bool ends, bool is_uncertain, const saved::Rule* rule) {
    program_.entries.push_back({.region = region,
                                .behaviour = behaviours_.number_of(text),
                                .ends = ends,
                                .is_uncertain = is_uncertain,
                                .part = part_,
                                .rule = rule});
  }

  After end(const SavedRule& rule, const Region& region, const Verdict& verdict, const Passed& done) {
    const bool is_sure = done.conditions.empty();
    add(region, text_of(verdict, done), is_sure, !is_sure, rule.rule);
    return After::Ended;
  }
  void pass(const SavedRule& rule, const Region& region, const std::string& text, bool is_uncertain) {
    add(region, text, /*ends=*/false, is_uncertain, rule.rule);
  }
  void end_by_policy(const Region& region, const Passed& done) {
    const Verdict verdict{.kind = policy_ == "DROP" ? Verdict::Kind::Drop : Verdict::Kind::Accept};
    const bool is_sure = done.conditions.empty();
    add(region, text_of(verdict, done), is_sure, !is_sure, nullptr);
  }

  const SavedTable& table_;
  Behaviours& behaviours_;
  const MarkSpace& marks_;
  std::string policy_;
  std::uint32_t part_ = 0;
  std::size_t steps_ = 0;
  SavedProgram program_;
};

SavedProgram SavedTable::program(std::string_view chain, const Region& region, Behaviours& behaviours,
                                 const MarkSpace& marks) const {
  return Flattening(*this, behaviours, marks).run(chain, region);
}

void SavedTable::tell_marks(AskedAnywhere& to) const {
  for (const std::vector<SavedRule>& chain : chains_)
    for (const SavedRule& rule : chain) {
      for (const MarkQuestion& question : rule.marks)
        if (question.is_of_connection)
          to.connection_masks.push_back(question.bits.mask);
        else
          to.packet_tests.push_back({.value = question.bits.value, .mask = question.bits.mask});
      if (const auto* const copy = std::get_if<saved::CopyMarkTarget>(&rule.target))
        (copy->is_save ? to.saved : to.restored) |= copy->is_save ? copy->packet_mask : copy->connection_mask;
    }
}

}  // namespace vuurmuur::prove
