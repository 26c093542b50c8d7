// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/generation.h"

#include <algorithm>
#include <unordered_set>

#include "apply/table_encoder.h"
#include "apply/rule_matching.h"
#include "backend/xtables_entry.h"

namespace vuurmuur::apply {
namespace {

constexpr std::string_view kPrefix = "VRMR-NEXT-";
constexpr std::string_view kTagChain = "VRMR-TAG";

constexpr ir::MarkField kTag{.kind = ir::MarkKind::Plain, .number = 1};

std::string name_with(std::string_view what) { return std::string(kPrefix) + std::string(what); }

/// The chain that a rule leads to.
std::optional<ir::ChainId> chain_of(const ir::Rule& rule) {
  if (const auto* jump = std::get_if<ir::JumpTarget>(&rule.target)) return jump->chain;
  if (const auto* jump = std::get_if<ir::GotoTarget>(&rule.target)) return jump->chain;
  return std::nullopt;
}

/// A table in which every chain of ours has another name, those for the built-in ones too, which are empty.
class Renamed {
 public:
  Renamed(const ir::Table& wanted, Together together) : table_(wanted.name()) {
    end_ = table_.chain_named(name_with("END"));
    for (const ir::Chain& chain : wanted.chains()) ids_.push_back(id_for(chain));
    for (std::size_t i = 0; i < ids_.size(); ++i)
      for (const ir::Rule& rule : wanted.chains()[i].rules) append(ids_[i], rule);
    if (together != Together::Both) return;
    // What accepts would end the table before the old generation is asked. Rules that accept stand in the chains that
    // the built-in ones lead to.
    for (const ir::Chain& chain : wanted.chains()) {
      if (!chain.hook) continue;
      for (const ir::Rule& rule : chain.rules)
        if (const auto first = chain_of(rule)) return_instead_of_accept(table_.chain(ids_[index(*first)]));
    }
  }

  [[nodiscard]] const ir::Table& table() const { return table_; }
  /// An empty chain: who goes there is back where it was called from.
  [[nodiscard]] ir::ChainId end() const { return end_; }
  /// What a built-in chain of the wanted table leads to; nothing when it is empty.
  [[nodiscard]] std::optional<ir::ChainId> entry(ir::Hook hook) const {
    return table_.find(name_with(ir::to_string(hook)));
  }

 private:
  static std::size_t index(ir::ChainId id) { return static_cast<std::size_t>(id); }

  ir::ChainId id_for(const ir::Chain& chain) {
    if (chain.kind == ir::ChainKind::Foreign) return table_.chain_named(chain.name, ir::ChainKind::Foreign);
    if (!chain.hook) return table_.chain_named(name_with(std::to_string(ids_.size())));
    return chain.rules.empty() ? end_ : table_.chain_named(name_with(ir::to_string(*chain.hook)));
  }

  void append(ir::ChainId to, ir::Rule rule) {
    if (auto* jump = std::get_if<ir::JumpTarget>(&rule.target)) jump->chain = ids_[index(jump->chain)];
    if (auto* jump = std::get_if<ir::GotoTarget>(&rule.target)) jump->chain = ids_[index(jump->chain)];
    table_.append(to, std::move(rule));
  }

  void return_instead_of_accept(ir::Chain& chain) const {
    for (ir::Rule& rule : chain.rules)
      if (std::holds_alternative<ir::AcceptTarget>(rule.target)) rule.target = ir::GotoTarget{end_};
  }

  ir::Table table_;
  ir::ChainId end_{};
  std::vector<ir::ChainId> ids_;
};

class Adder {
 public:
  Adder(KernelTable& table, const ir::Ruleset& ruleset, const ir::Table& wanted, net::Family family,
        const backend::TextOptions& options, Together together)
      : table_(table),
        ruleset_(ruleset),
        family_(family),
        options_(options),
        together_(together),
        next_(wanted, together),
        encoder_(ruleset, next_.table(), family, options) {}

  base::Result<void> run() {
    VM_TRY_VOID(make_chains());
    for (const ir::ChainId id : encoder_.own_chains()) {
      const EncodedChain encoded = encoder_.encode(id);
      const std::vector<RulePlan> plan(encoded.size(), RulePlan::add());
      VM_TRY_VOID(table_.set_rules(next_.table().chain(id).name, encoded.block(), plan));
    }
    for (const ir::Hook hook : ir::hooks_of(next_.table().name())) VM_TRY_VOID(lead_to(hook));
    return {};
  }

 private:
  base::Result<void> make_chains() {
    const std::vector<std::string> names = table_.chains();
    const std::unordered_set<std::string> existing(names.begin(), names.end());
    std::vector<std::string> missing;
    for (const ir::Chain& chain : next_.table().chains())
      if (!existing.contains(chain.name)) missing.push_back(chain.name);
    std::ranges::sort(missing);
    for (const std::string& name : missing) VM_TRY_VOID(table_.create_chain(name));
    return {};
  }

  base::Result<void> lead_to(ir::Hook hook) {
    const auto entry = next_.entry(hook);
    const std::string builtin(to_string(hook));
    std::vector<std::string> ours;
    std::uint32_t first = 0, rules = 0;
    for (const ReadRule& rule : rules_of(table_, builtin)) {
      if (ours.empty()) first = rules;
      if (is_own_chain(rule.target)) ours.emplace_back(rule.target);
      ++rules;
    }
    if (ours.empty()) first = rules;
    if (together_ == Together::Both)
      return entry ? insert(builtin, first, rules, {{.target = ir::JumpTarget{*entry}}}) : base::Result<void>();
    if (ours.empty())
      return entry ? insert(builtin, first, rules, by_tag(ir::JumpTarget{*entry})) : base::Result<void>();
    // Within the old generation's first chain, so that the rules of others behind it are met as ever.
    ir::ChainId to = entry.value_or(next_.end());
    for (const std::string& chain : ours) {
      const auto size = static_cast<std::uint32_t>(rules_of(table_, chain).size());
      VM_TRY_VOID(insert(chain, 0, size, by_tag(ir::GotoTarget{to})));
      to = next_.end();
    }
    return {};
  }

  /// Rules for connections that the new generation decides: those that it has translated, and those that say by their
  /// mark what is done with them, which means the same to both.
  [[nodiscard]] std::vector<ir::Rule> by_tag(const ir::Target& target) const {
    const ir::MarkLayout& marks = ruleset_.marks;
    ir::Rule tagged{.target = target}, decided{.target = target};
    tagged.matches.emplace_back(ir::ConnmarkMatch{.value = marks.encode(kTag), .mask = marks.mask()});
    decided.matches.emplace_back(ir::ConnmarkMatch{.value = 0, .mask = marks.kind_mask(), .inverted = true});
    return {tagged, decided};
  }

  base::Result<void> insert(const std::string& chain, std::uint32_t position, std::uint32_t size,
                            std::vector<ir::Rule> rules) {
    std::vector<std::byte> entries, entry;
    std::vector<RulePlan> plan;
    for (std::uint32_t i = 0; i < position; ++i) plan.push_back(RulePlan::keep(i));
    for (ir::Rule& rule : rules) {
      rule.commented = false;
      backend::encode_entry(ruleset_, next_.table(), family_, rule, options_, entry);
      entries.insert(entries.end(), entry.begin(), entry.end());
      plan.push_back(RulePlan::add());
    }
    for (std::uint32_t i = position; i < size; ++i) plan.push_back(RulePlan::keep(i));
    return table_.set_rules(chain, std::move(entries), plan);
  }

  KernelTable& table_;
  const ir::Ruleset& ruleset_;
  net::Family family_;
  backend::TextOptions options_;
  Together together_;
  Renamed next_;
  TableEncoder encoder_;
};

}  // namespace

base::Result<void> add_generation(KernelTable& table, const ir::Ruleset& ruleset, const ir::Table& wanted,
                                  net::Family family, const backend::TextOptions& options, Together together) {
  return Adder(table, ruleset, wanted, family, options, together).run();
}

bool can_add_generation(KernelTable& filter) {
  for (const ir::Hook hook : ir::hooks_of(ir::TableName::Filter))
    for (const ReadRule& rule : rules_of(filter, std::string(to_string(hook))))
      if (is_own_chain(rule.target) && filter.references(std::string(rule.target)) != 1) return false;
  return true;
}

ir::Table tagged(const ir::Table& nat, const ir::MarkLayout& marks) {
  ir::Table table = nat;
  const ir::ChainId tag = table.chain_named(kTagChain);
  table.append(tag,
               {.target = ir::ConnmarkTarget{.value = marks.encode(kTag), .mask = marks.mask()}, .commented = false});
  for (const ir::Hook hook : {ir::Hook::Prerouting, ir::Hook::Output}) {
    std::vector<ir::Rule>& rules = table.chain(table.builtin(hook)).rules;
    rules.insert(rules.begin(), {.target = ir::JumpTarget{tag}, .commented = false});
  }
  return table;
}

bool is_between_generations(KernelTable& table) {
  return std::ranges::any_of(table.chains(),
                             [](const std::string& chain) { return chain == kTagChain || chain.starts_with(kPrefix); });
}

}  // namespace vuurmuur::apply
