// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/table_editor.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "apply/entry.h"
#include "apply/guard.h"
#include "apply/rule_matching.h"

namespace vuurmuur::apply {
namespace {

class Editor {
 public:
  Editor(KernelTable& table, TableEncoder encoder, const ir::Table& wanted, net::Family family)
      : table_(table), encoder_(std::move(encoder)), wanted_(wanted), family_(family) {}

  base::Result<EditOutcome> run() {
    find_chains();
    VM_TRY_VOID(make_missing_chains());
    for (const std::string& chain : unwanted_) VM_TRY_VOID(empty_chain(chain));
    for (const ir::ChainId id : encoder_.own_chains()) VM_TRY_VOID(fill_own_chain(id));
    for (std::size_t i = 0; i < wanted_.chains().size(); ++i)
      if (wanted_.chains()[i].kind == ir::ChainKind::Builtin)
        VM_TRY_VOID(fill_builtin_chain(static_cast<ir::ChainId>(i)));
    VM_TRY_VOID(delete_unwanted_chains());
    return std::move(outcome_);
  }

 private:
  void find_chains() {
    for (std::string& name : table_.chains()) {
      const auto wanted = wanted_.find(name);
      if (is_own_chain(name) && !wanted) unwanted_.push_back(name);
      existing_.insert(std::move(name));
    }
  }

  base::Result<void> make_missing_chains() {
    // In the order of their names: libiptc, the second writer, keeps chains sorted, so each goes to the end of its
    // list.
    std::vector<std::string_view> missing;
    const auto add = [&](const ir::Chain& chain) {
      if (!existing_.contains(chain.name)) missing.push_back(chain.name);
    };
    for (const ir::Chain& chain : wanted_.chains())
      if (chain.kind == ir::ChainKind::Foreign) add(chain);
    std::ranges::sort(missing);
    const auto foreign = static_cast<std::ptrdiff_t>(missing.size());
    for (const ir::ChainId id : encoder_.own_chains()) add(wanted_.chain(id));
    std::ranges::inplace_merge(missing, missing.begin() + foreign);
    for (const std::string_view name : missing) VM_TRY_VOID(changed(table_.create_chain(std::string(name))));
    return {};
  }

  base::Result<void> empty_chain(const std::string& chain) {
    if (table_.first_rule(chain) == nullptr) return {};
    return changed(table_.set_rules(chain, {}, {}));
  }

  base::Result<void> fill_own_chain(ir::ChainId id) {
    const ir::Chain& chain = wanted_.chain(id);
    const EncodedChain encoded = encoder_.encode(id);
    std::vector<ReadRule> old;
    if (existing_.contains(chain.name)) old = rules_of(table_, chain.name);
    const Continuation continuation = continue_rules(family_, old, encoded);
    if (continuation.is_same && existing_.contains(chain.name)) return {};
    return changed(table_.set_rules(chain.name, encoded.block(), continuation.plan));
  }

  enum class Owner { Other, Ours, Guard };

  Owner owner_of(const ReadRule& rule) const {
    if (is_own_chain(rule.target)) return Owner::Ours;
    return is_guard(family_, rule.entry, rule.target) ? Owner::Guard : Owner::Other;
  }

  base::Result<void> fill_builtin_chain(ir::ChainId id) {
    const ir::Chain& chain = wanted_.chain(id);
    const EncodedChain encoded = encoder_.encode(id);
    const std::vector<ReadRule> all = rules_of(table_, chain.name);
    std::vector<Owner> owners;
    std::vector<ReadRule> ours;
    std::vector<std::uint32_t> our_positions;
    bool is_guarded = false;
    for (const ReadRule& rule : all) {
      const Owner owner = owners.emplace_back(owner_of(rule));
      is_guarded |= owner == Owner::Guard;
      if (owner == Owner::Other && ours.empty() && encoded.size() != 0) warn_of_early_accept(chain, rule);
      if (owner != Owner::Ours) continue;
      ours.push_back(rule);
      our_positions.push_back(static_cast<std::uint32_t>(owners.size() - 1));
    }
    const Continuation continuation = continue_rules(family_, ours, encoded);
    if (is_guarded || !continuation.is_same) {
      std::vector<RulePlan> plan;
      for (const RulePlan& planned : continuation.plan)
        plan.push_back(planned.position() ? RulePlan::add_continuing(our_positions[*planned.position()]) : planned);
      plan = between_others(owners, ours.size(), plan);
      VM_TRY_VOID(changed(table_.set_rules(chain.name, encoded.block(), plan)));
    }
    return set_policy(chain);
  }

  /// Our rules among those of others: the n-th of ours takes the place of the n-th that was there; more of them follow
  /// the last.
  static std::vector<RulePlan> between_others(const std::vector<Owner>& owners, std::size_t ours_before,
                                              const std::vector<RulePlan>& ours) {
    std::vector<RulePlan> plan;
    std::size_t next = 0, seen = 0;
    for (std::uint32_t position = 0; position < owners.size(); ++position) {
      if (owners[position] == Owner::Other) plan.push_back(RulePlan::keep(position));
      if (owners[position] != Owner::Ours) continue;
      const std::size_t end = ++seen == ours_before ? ours.size() : std::min(next + 1, ours.size());
      for (; next < end; ++next) plan.push_back(ours[next]);
    }
    for (; next < ours.size(); ++next) plan.push_back(ours[next]);
    return plan;
  }

  base::Result<void> set_policy(const ir::Chain& chain) {
    const auto now = table_.policy(chain.name);
    if (!now || now->drop == chain.policy_drop) return {};
    return changed(table_.set_policy(chain.name, chain.policy_drop));
  }

  void warn_of_early_accept(const ir::Chain& chain, const ReadRule& rule) {
    if (!accepts_everything(family_, rule.entry, rule.target)) return;
    outcome_.warnings.push_back(describe(family_, wanted_.name()) + ", chain " + chain.name +
                                ": a rule that is not Vuurmuur's accepts everything before ours");
  }

  base::Result<void> delete_unwanted_chains() {
    // From behind: libiptc rebuilds its index from the place of each chain that goes.
    for (auto name = unwanted_.rbegin(); name != unwanted_.rend(); ++name) {
      if (table_.references(*name) == 0) {
        VM_TRY_VOID(changed(table_.delete_chain(*name)));
        continue;
      }
      outcome_.warnings.push_back(
          describe(family_, wanted_.name()) + ": chain " + *name +
          " is not used any more, but a rule that is not Vuurmuur's jumps to it; it was emptied");
    }
    return {};
  }

  base::Result<void> changed(base::Result<void> result) {
    outcome_.changed = true;
    return result;
  }

  KernelTable& table_;
  TableEncoder encoder_;
  const ir::Table& wanted_;
  net::Family family_;
  EditOutcome outcome_;
  std::unordered_set<std::string> existing_;
  std::vector<std::string> unwanted_;
};

}  // namespace

base::Result<EditOutcome> edit_table(KernelTable& table, TableEncoder encoder, const ir::Table& wanted,
                                     net::Family family) {
  return Editor(table, std::move(encoder), wanted, family).run();
}

bool has_own_chain(KernelTable& table) { return std::ranges::any_of(table.chains(), is_own_chain); }

bool has_guard(KernelTable& table, net::Family family) {
  for (const std::string& chain : table.chains()) {
    if (!table.policy(chain)) continue;
    for (const ReadRule& rule : rules_of(table, chain))
      if (is_guard(family, rule.entry, rule.target)) return true;
  }
  return false;
}

}  // namespace vuurmuur::apply
