// SPDX-License-Identifier: GPL-2.0-or-later
// A short chain that one rule alone leads to, like that of a rule that logs, is written where it is led to: the rule's
// conditions twice or three times cost the kernel less than a chain does, which is an entry for its name, one for its
// end and one that leads there, at each load and at each reading of counters.
// Only what the policy's rules lead to: protections are asked of every new packet, which would pay for conditions
// twice. Expects that trees are built: they take rules apart by their number, and copies of a rule lead to the same
// chain. Guarantees that every packet meets the same targets in the same order.
#include <algorithm>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "base/overloaded.h"
#include "compile/box.h"
#include "compile/passes.h"
#include "ir/walk.h"

namespace vuurmuur::compile {
namespace {

/// Longest chain that is inlined: with more rules, its conditions cost more than the chain.
constexpr std::size_t kMostRules = 3;

/// Whether asking a match, which is no set, a second time gives the same answer and changes nothing.
bool can_be_repeated(const ir::Match& match) {
  return std::visit(
      base::Overloaded{[](const ir::LimitMatch&) { return false; }, [](const ir::HashlimitMatch&) { return false; },
                       // The target between the two may be what changes it.
                       [](const ir::ConnmarkMatch&) { return false; }, [](const ir::MarkMatch&) { return false; },
                       [](const auto&) { return true; }},
      match);
}

/// A set is asked once, because its elements count and those with times may go meanwhile, and last, so that nothing can
/// be asked behind it.
bool asks_set(const ir::Rule& rule) {
  return !rule.matches.empty() && std::holds_alternative<ir::SetMatch>(rule.matches.back());
}

/// Whether a target lets the packet go on to the next rule, whatever it is.
bool is_effect(const ir::Target& target) {
  return std::holds_alternative<ir::NflogTarget>(target) || std::holds_alternative<ir::ConnmarkTarget>(target);
}

/// Whether a rule's conditions are none but matches: those can be added to another rule's.
bool asks_matches_only(const ir::Rule& rule) {
  return rule.in_interface.empty() && rule.out_interface.empty() && !rule.source && !rule.destination &&
         !rule.protocol && !rule.fragment;
}

class Inliner {
 public:
  Inliner(ir::Table& table, std::size_t rules) : table_(table), rules_(rules), references_(table.chains().size()) {
    for (const ir::Chain& chain : table.chains())
      for (const ir::Rule& rule : chain.rules)
        if (const auto next = ir::next_chain(rule)) ++references_[static_cast<std::size_t>(*next)];
  }

  void run() {
    for (std::size_t i = 0; i < table_.chains().size(); ++i) {
      ir::Chain& chain = table_.chain(static_cast<ir::ChainId>(i));
      const auto is_inlined = [&](const ir::Rule& rule) { return inlined(rule).has_value(); };
      if (chain.kind != ir::ChainKind::Own || std::ranges::none_of(chain.rules, is_inlined)) continue;
      std::vector<ir::Rule> rules;
      rules.reserve(chain.rules.size() + 16);
      for (ir::Rule& rule : chain.rules) place(std::move(rule), rules);
      chain.rules = std::move(rules);
    }
  }

 private:
  /// The chain that is to be written in place of a rule.
  [[nodiscard]] std::optional<ir::ChainId> inlined(const ir::Rule& rule) const {
    const auto next = ir::next_chain(rule);
    if (static_cast<std::size_t>(rule.origin) >= rules_) return std::nullopt;
    if (!next || references_[static_cast<std::size_t>(*next)] != 1 || asks_set(rule)) return std::nullopt;
    const ir::Chain& chain = table_.chain(*next);
    if (chain.kind != ir::ChainKind::Own || chain.rules.empty() || chain.rules.size() > kMostRules) return std::nullopt;
    if (!std::ranges::all_of(chain.rules, asks_matches_only)) return std::nullopt;
    const std::span effects(chain.rules.data(), chain.rules.size() - 1);
    if (!std::ranges::all_of(effects, [](const ir::Rule& each) { return is_effect(each.target); })) return std::nullopt;
    if (!effects.empty() && !std::ranges::all_of(rule.matches, can_be_repeated)) return std::nullopt;
    // A packet that falls off the end of a chain that was gone to does not come back here.
    const ir::Rule& last = chain.rules.back();
    const bool decides = last.matches.empty() && leaves_chain(last.target);
    if (std::holds_alternative<ir::GotoTarget>(rule.target) && !decides) return std::nullopt;
    return next;
  }

  void place(ir::Rule rule, std::vector<ir::Rule>& rules) {
    const auto chain = inlined(rule);
    if (!chain) {
      rules.push_back(std::move(rule));
      return;
    }
    for (const ir::Rule& inner : table_.chain(*chain).rules) place(joined(rule, inner), rules);
  }

  /// A rule of a chain with the conditions of the one that leads there.
  static ir::Rule joined(const ir::Rule& outer, const ir::Rule& inner) {
    ir::Rule rule = outer;
    rule.matches.insert(rule.matches.end(), inner.matches.begin(), inner.matches.end());
    rule.target = inner.target;
    // What a chain that was jumped to goes on to comes back behind the jump.
    const auto* onwards = std::get_if<ir::GotoTarget>(&inner.target);
    if (onwards != nullptr && std::holds_alternative<ir::JumpTarget>(outer.target))
      rule.target = ir::JumpTarget{onwards->chain};
    if (inner.commented) {
      rule.origin = inner.origin;
      rule.commented = true;
    }
    return rule;
  }

  ir::Table& table_;
  std::size_t rules_;                      ///< of the policy; their origins are the first ones
  std::vector<std::uint32_t> references_;  ///< by ChainId
};

}  // namespace

void pass_inline_chains(Context& context) {
  for (ir::Table& table : context.rules().tables) Inliner(table, context.policy.rules.size()).run();
}

}  // namespace vuurmuur::compile
