// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/emitted.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "analyse/filter_boxes.h"
#include "base/overloaded.h"
#include "base/strings.h"
#include "net/ports.h"
#include "prove/all_packets.h"
#include "prove/written_verdict.h"

namespace vuurmuur::prove {
namespace {

using analyse::Box;
using analyse::Field;

/// Chains whose packets are whatever the user does with them.
constexpr std::string_view kOwnPrefix = "VRMR-", kUserHookPrefix = "PRE-VRMR-";

}  // namespace

EmittedTable::EmittedTable(const saved::Table& table, const EmittedRules& rules, diag::Sink& sink)
    : table_(table), rules_(rules) {
  chains_.reserve(table.chains.size());
  for (const saved::Chain& chain : table.chains) {
    std::vector<Placed>& placed = chains_.emplace_back();
    placed.reserve(chain.rules.size());
    for (const saved::Rule& rule : chain.rules) {
      placed.push_back({.rule = &rule, .asks = &rules.of(rule), .target = target_of(rule, table, sink)});
      asks_packet_mark_ = asks_packet_mark_ || placed.back().asks->asks_packet_mark;
    }
  }
}

/// Writes a program.
class EmittedTable::Flattening {
 public:
  static constexpr std::size_t kMostRest = 256;
  /// Chains of so many rules and fewer give one verdict in some steps, and tell packets apart no further.
  static constexpr std::size_t kShortChain = 3;

  Flattening(const EmittedTable& table, Terms& terms) : table_(table), terms_(terms) {}

  Program run(std::string_view chain, const Region& region) {
    const auto place = table_.table_.find(chain);
    policy_ = place ? table_.table_.chains[*place].policy : "ACCEPT";
    program_.parts.push_back({.region = terms_.regions.numbers_of(region), .around = 0});
    if (!place || !walk(*place, 0, region, {}, nullptr, 0)) end_by_policy(region, {});
    return std::move(program_);
  }

 private:
  /// Where a chain was called, and so what comes behind it.
  struct Caller {
    std::size_t chain = 0, next = 0;
    const Caller* caller = nullptr;
  };

  /// Packets of a region from a rule of a chain on. True when all that meet the conditions of their way are ended.
  bool walk(std::size_t chain, std::size_t from, Region region, Done done, const Caller* caller, std::size_t depth) {
    if (depth > table_.chains_.size()) return give_up("chains call each other without end");
    const std::vector<Placed>& rules = table_.chains_[chain];
    const Done before = done;
    const std::uint32_t part = part_;
    if (rules.size() - from > kShortChain) {
      part_ = static_cast<std::uint32_t>(program_.parts.size());
      program_.parts.push_back({.region = terms_.regions.numbers_of(region), .around = part});
    }
    const bool is_ended = walk_rules(chain, from, std::move(region), std::move(done), before, caller, depth);
    part_ = part;
    return is_ended;
  }

  bool walk_rules(std::size_t chain, std::size_t from, Region region, Done done, const Done& before,
                  const Caller* caller, std::size_t depth) {
    const std::vector<Placed>& rules = table_.chains_[chain];
    for (std::size_t i = from; i < rules.size(); ++i) {
      const Placed& rule = rules[i];
      if (program_.entries.size() > kMostEntries) return give_up("it has too many entries");
      const EmittedRules::Kept& asks = *rule.asks;
      const EmittedRules::Rare& rare = table_.rules_.rare(asks);
      if (asks.is_left_out) continue;
      for (const RegionNumbers& own : table_.rules_.regions(asks))
        for (const Region& both : shared(region, own, rare.marks, done)) {
          if (!rare.not_modelled.empty()) {
            give_up(fmt::format("of a rule in {}: {}", table_.table_.chains[chain].name, rare.not_modelled));
            continue;
          }
          const bool has_all = both == region && rare.conditions.empty();
          Done here = done;
          here.conditions.insert(here.conditions.end(), rare.conditions.begin(), rare.conditions.end());
          const Caller behind{chain, i + 1, caller};
          bool is_ended = take(rule, both, here, behind, depth);
          // What a rule marks, of several packets only some, is another matter from here on.
          if (!is_ended && !has_all && !is_alike(here, done))
            is_ended = here.conditions.empty() ? go_on(&behind, both, here, depth)
                                               : give_up("a rule under a limit marks packets and lets them go on");
          if (has_all && is_ended) return true;
          if (has_all) {
            done = std::move(here);
          } else if (is_ended && rare.conditions.empty()) {
            if (take_away(both, region) || done.conditions.empty()) continue;
            // Where the moment decides, entries do not end packets: what is ended here must not be seen behind it.
            return walk_rest(both, region, Caller{chain, i, caller}, done, depth);
          }
        }
    }
    if (is_alike(done, before)) return false;
    if (!done.conditions.empty()) return give_up("a chain marks packets under a limit and comes back");
    return go_on(caller, region, done, depth);
  }

  /// What a rule takes of a region, of what it says one way to take some.
  std::vector<Region> shared(const Region& region, const RegionNumbers& own, const std::vector<MarkBits>& marks,
                             const Done& done) {
    std::vector<Region> all;
    if (const auto both = table_.rules_.common(region, own)) all.push_back(*both);
    for (const MarkBits& bits : marks) {
      if (all.empty()) break;
      // One that was set on the way is known.
      if (done.connection_mark) {
        const ir::MarkField field = table_.rules_.world().layout.decode(*done.connection_mark);
        const bool is_met = (bits.kinds >> static_cast<unsigned>(field.kind) & 1) != 0 &&
                            ((field.number ^ bits.number) & bits.mask) == 0;
        if (!is_met) all.clear();
        continue;
      }
      std::vector<Region> next;
      for (const Region& each : all) {
        const auto ways = with_mark(each.when, bits);
        if (!ways) give_up("a rule asks for the connection mark in too many ways");
        for (const Situation& way : ways.value_or(std::vector<Situation>()))
          next.push_back({.box = each.box, .when = way});
      }
      all = std::move(next);
    }
    return all;
  }

  /// The packets of a region outside a part of it, from the same rule on.
  bool walk_rest(const Region& part, const Region& region, const Caller& here, const Done& done, std::size_t depth) {
    if (part.when != region.when) return give_up("a rule under a limit asks for a state");
    std::vector<Box> rest{region.box};
    if (!analyse::subtract(part.box, kMostRest, rest)) return give_up("a rule under a limit has too many ways");
    bool all_ended = true;
    for (const Box& box : rest)
      all_ended = walk(here.chain, here.next, Region{.box = box, .when = region.when}, done, here.caller, depth + 1) &&
                  all_ended;
    return all_ended;
  }

  static bool is_alike(const Done& a, const Done& b) {
    return a.connection_mark == b.connection_mark && a.packet_mark == b.packet_mark && a.groups == b.groups &&
           a.helper == b.helper;
  }

  /// What comes behind the calls, for packets that come back from all of them.
  bool go_on(const Caller* caller, const Region& region, const Done& done, std::size_t depth) {
    for (; caller != nullptr; caller = caller->caller)
      if (walk(caller->chain, caller->next, region, done, caller->caller, depth)) return true;
    end_by_policy(region, done);
    return true;
  }

  /// One rule; `here`: what its caller does behind it is in there as well. True when all of them are ended.
  bool take(const Placed& rule, const Region& region, Done& here, const Caller& behind, std::size_t depth) {
    if (rule.asks->number != 0) here.rule = rule.asks->number;
    return std::visit(
        base::Overloaded{
            [&](const saved::JumpTarget& jump) {
              const saved::Chain& callee = table_.table_.chains[jump.chain];
              if (callee.rules.empty() && !callee.name.starts_with(kOwnPrefix)) {
                if (callee.name.starts_with(kUserHookPrefix)) return false;
                pass(rule, region, chain_text(callee.name, here), /*is_uncertain=*/true, here.rule);
                return false;
              }
              // Where it comes back to.
              const Caller* const caller = jump.is_goto ? behind.caller : &behind;
              const bool is_ended = walk(jump.chain, 0, region, here, caller, depth + 1);
              if (!jump.is_goto || is_ended) return is_ended;
              if (!here.conditions.empty()) return give_up("a goto under a limit comes back");
              return go_on(caller, region, here, depth + 1);
            },
            [&](const saved::ReturnTarget&) {
              if (!here.conditions.empty()) return give_up("a RETURN under a limit");
              return go_on(behind.caller, region, here, depth + 1);
            },
            [&](const saved::AcceptTarget&) { return end(rule, region, {.kind = Verdict::Kind::Accept}, here); },
            [&](const saved::DropTarget&) { return end(rule, region, {.kind = Verdict::Kind::Drop}, here); },
            [&](const saved::RejectTarget&) { return end(rule, region, rejected_by(*rule.rule), here); },
            [&](const saved::QueueTarget& queue) { return end(rule, region, queued_by(*rule.rule, queue), here); },
            [&](const saved::MarkTarget& mark) {
              this->mark(mark, here);
              return false;
            },
            [&](const saved::NoTarget&) {
              if (rule.rule->target == "NFLOG")
                log(rule, region, here);
              else if (rule.rule->target == "TCPMSS")
                clamp(rule, region, here);
              else if (rule.rule->target == "CT")
                attach(rule, region, here, behind, depth);
              return false;
            },
            [&](const saved::NatTarget& nat) { return translate(rule, region, nat, here); },
            [&](const saved::UnknownTarget&) {
              return give_up(fmt::format("target {} is not known", rule.rule->target));
            },
            [&](const auto&) { return give_up(fmt::format("target {} is not modelled", rule.rule->target)); },
        },
        rule.target);
  }

  void log(const Placed& rule, const Region& region, Done& here) {
    const auto group = base::parse_number<std::uint16_t>(target_value(*rule.rule, "--nflog-group")).value_or(0);
    if (target_value(*rule.rule, "--nflog-prefix").empty())
      here.groups.push_back(group);
    else if (here.rule != 0)
      pass(rule, region, log_text(group, here), /*is_uncertain=*/!here.conditions.empty(), here.rule);
  }

  /// A helper is attached by the packet that opens a connection, and the first one counts (xt_CT).
  void attach(const Placed& rule, const Region& region, const Done& here, const Caller& behind, std::size_t depth) {
    Done with = here;
    with.helper = target_value(*rule.rule, "--helper");
    if (rule.rule->target_options.size() != 1 || with.helper.empty()) {
      give_up("CT of another kind");
      return;
    }
    if (!here.helper.empty()) return;
    Region opening = region;
    if (opening.box[Field::Protocol] == analyse::Interval::one(static_cast<std::uint64_t>(net::Protocol::Tcp)))
      opening.when.flags &= opening_flags();
    if (opening.when.is_empty()) return;
    if (here.conditions.empty())
      go_on(&behind, opening, with, depth);
    else
      give_up("a helper under a limit");
  }

  void clamp(const Placed& rule, const Region& region, const Done& here) {
    if (rule.rule->target_options.size() != 1 || target_option(*rule.rule, "--clamp-mss-to-pmtu") == nullptr) {
      give_up("TCPMSS of another kind");
      return;
    }
    pass(rule, region, conditions_text(here) + clamp_text(), /*is_uncertain=*/!here.conditions.empty(), 0);
  }

  bool translate(const Placed& rule, const Region& region, const saved::NatTarget& nat, const Done& done) {
    for (const saved::Option& each : rule.rule->target_options)
      if (says_more(each)) return give_up(fmt::format("{} of {}", each.name, rule.rule->target));
    return end(rule, region,
               {.kind = Verdict::Kind::Translate, .translation = text_of(translation_by(*rule.rule, nat))}, done);
  }

  void mark(const saved::MarkTarget& mark, Done& here) {
    if (!mark.is_of_connection) {
      if (here.packet_mark) give_up("a packet mark is set twice");
      if (table_.asks_packet_mark_) give_up("a packet mark is set, and packet marks are asked for");
      here.packet_mark = {mark.clear, mark.flip};
      return;
    }
    if (here.connection_mark) give_up("a connection mark is set twice");
    if (mark.clear != table_.rules_.world().layout.mask() || (mark.flip & ~mark.clear) != 0)
      give_up("it sets other bits of the connection mark than ours");
    here.connection_mark = mark.flip;
  }

  bool give_up(std::string why) {
    if (std::ranges::find(program_.not_modelled, why) == program_.not_modelled.end())
      program_.not_modelled.push_back(std::move(why));
    return false;
  }

  void add(const Region& region, const std::string& text, bool ends, bool is_uncertain, unsigned number,
           const saved::Rule* rule) {
    program_.entries.push_back({.region = terms_.regions.numbers_of(region),
                                .behaviour = terms_.behaviours.number_of(text),
                                .part = part_,
                                .rule = number,
                                .ends = ends,
                                .is_uncertain = is_uncertain,
                                .source = {.emitted = rule, .rule = nullptr, .step = ""}});
  }

  bool end(const Placed& rule, const Region& region, const Verdict& verdict, const Done& done) {
    const bool is_sure = done.conditions.empty();
    add(region, text_of(verdict, done), is_sure, !is_sure, done.rule, rule.rule);
    return true;
  }
  void pass(const Placed& rule, const Region& region, const std::string& text, bool is_uncertain, unsigned number) {
    add(region, text, /*ends=*/false, is_uncertain, number, rule.rule);
  }
  void end_by_policy(const Region& region, const Done& done) {
    const Verdict verdict{.kind = policy_ == "DROP" ? Verdict::Kind::Drop : Verdict::Kind::Accept};
    add(region, text_of(verdict, done), /*ends=*/true, /*is_uncertain=*/false, 0, nullptr);
  }

  const EmittedTable& table_;
  Terms& terms_;
  std::string policy_;
  std::uint32_t part_ = 0;
  Program program_;
};

Program EmittedTable::program(std::string_view chain, const Region& region, Terms& terms) const {
  return Flattening(*this, terms).run(chain, region);
}

}  // namespace vuurmuur::prove
