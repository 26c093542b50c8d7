// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/table_editor.h"

#include <algorithm>
#include <unordered_set>

#include "apply/encoded_rules.h"
#include "apply/entry.h"
#include "apply/guard.h"

namespace vuurmuur::apply {
namespace {

/// A rule of a chain as it was read; the views are valid until the chain is changed.
struct ReadRule {
  const void* entry = nullptr;
  std::string_view target;
};

std::vector<ReadRule> rules_of(KernelTable& table, const std::string& chain) {
  std::vector<ReadRule> rules;
  for (const void* entry = table.first_rule(chain); entry != nullptr; entry = table.next_rule(entry))
    rules.push_back({.entry = entry, .target = table.target_of(entry)});
  return rules;
}

class Editor {
 public:
  Editor(KernelTable& table, const ir::Ruleset& ruleset, const ir::Table& wanted, net::Family family,
         const backend::TextOptions& options)
      : table_(table), wanted_(wanted), family_(family), encoded_(ruleset, wanted, family, options) {}

  base::Result<EditOutcome> run() {
    find_chains();
    VM_TRY_VOID(make_missing_chains());
    for (const std::string& chain : unwanted_) VM_TRY_VOID(empty_chain(chain));
    for (const ir::Chain& chain : wanted_.chains()) {
      if (chain.kind == ir::ChainKind::Own) VM_TRY_VOID(fill_own_chain(chain));
      if (chain.kind == ir::ChainKind::Builtin) VM_TRY_VOID(fill_builtin_chain(chain));
    }
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
    std::vector<std::string> missing;
    for (const ir::Chain& chain : wanted_.chains())
      if (chain.kind != ir::ChainKind::Builtin && !existing_.contains(chain.name)) missing.push_back(chain.name);
    // libiptc keeps chains sorted: in order, each goes to the end of its list.
    std::ranges::sort(missing);
    for (const std::string& name : missing) VM_TRY_VOID(changed(table_.create_chain(name)));
    return {};
  }

  base::Result<void> empty_chain(const std::string& chain) {
    if (table_.first_rule(chain) == nullptr) return {};
    return changed(table_.flush(chain));
  }

  base::Result<void> fill_own_chain(const ir::Chain& chain) {
    encoded_.encode(chain);
    if (existing_.contains(chain.name)) {
      const std::vector<ReadRule> old = rules_of(table_, chain.name);
      const std::size_t same = take_counters(old);
      if (same == old.size() && same == encoded_.size()) return {};
      if (!old.empty()) VM_TRY_VOID(changed(table_.flush(chain.name)));
    }
    for (std::size_t i = 0; i < encoded_.size(); ++i) VM_TRY_VOID(changed(table_.append(chain.name, encoded_[i])));
    return {};
  }

  /// Gives the encoded rules that equal old ones at the beginning or the end of the chain the counters of those; how
  /// many at the beginning do.
  std::size_t take_counters(const std::vector<ReadRule>& old) {
    const std::size_t shorter = std::min(old.size(), encoded_.size());
    std::size_t head = 0;
    while (head < shorter && take_counters(old[head], encoded_[head])) ++head;
    for (std::size_t tail = 1; tail <= shorter - head; ++tail)
      if (!take_counters(old[old.size() - tail], encoded_[encoded_.size() - tail])) break;
    return head;
  }

  bool take_counters(const ReadRule& old, std::span<std::byte> encoded) {
    if (!is_same_rule(family_, old.entry, old.target, encoded.data())) return false;
    set_counters(family_, encoded, parts_of(family_, old.entry).counters);
    return true;
  }

  enum class Owner { Other, Ours, Guard };

  Owner owner_of(const ReadRule& rule) const {
    if (is_own_chain(rule.target)) return Owner::Ours;
    return is_guard(family_, rule.entry, rule.target) ? Owner::Guard : Owner::Other;
  }

  base::Result<void> fill_builtin_chain(const ir::Chain& chain) {
    encoded_.encode(chain);
    const std::vector<ReadRule> old = rules_of(table_, chain.name);
    std::vector<Owner> owners;
    std::size_t ours = 0, same = 0;
    bool is_guarded = false;
    for (const ReadRule& rule : old) {
      const Owner owner = owners.emplace_back(owner_of(rule));
      is_guarded |= owner == Owner::Guard;
      if (owner == Owner::Other && ours == 0 && encoded_.size() != 0) warn_of_early_accept(chain, rule);
      if (owner != Owner::Ours) continue;
      if (ours < encoded_.size() && take_counters(rule, encoded_[ours])) ++same;
      ++ours;
    }
    if (is_guarded || same != ours || same != encoded_.size()) VM_TRY_VOID(replace_ours(chain.name, owners, ours));
    return set_policy(chain);
  }

  /// The n-th jump of ours takes the place of the n-th that was there; more of them follow the last.
  base::Result<void> replace_ours(const std::string& chain, const std::vector<Owner>& owners, std::size_t ours) {
    std::size_t next = 0, seen = 0;
    unsigned position = 0;
    for (const Owner owner : owners) {
      if (owner == Owner::Other) {
        ++position;
        continue;
      }
      VM_TRY_VOID(changed(table_.erase(chain, position)));
      if (owner == Owner::Guard) continue;
      const std::size_t end = ++seen == ours ? encoded_.size() : std::min(next + 1, encoded_.size());
      for (; next < end; ++next) VM_TRY_VOID(changed(table_.insert(chain, encoded_[next], position++)));
    }
    for (; next < encoded_.size(); ++next) VM_TRY_VOID(changed(table_.insert(chain, encoded_[next], position++)));
    return {};
  }

  base::Result<void> set_policy(const ir::Chain& chain) {
    const auto now = table_.policy(chain.name);
    if (!now || now->drop == chain.policy_drop) return {};
    return changed(table_.set_policy(chain.name, {.drop = chain.policy_drop, .counters = now->counters}));
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
  const ir::Table& wanted_;
  net::Family family_;
  EncodedRules encoded_;
  EditOutcome outcome_;
  std::unordered_set<std::string> existing_;
  std::vector<std::string> unwanted_;
};

}  // namespace

base::Result<EditOutcome> edit_table(KernelTable& table, const ir::Ruleset& ruleset, const ir::Table& wanted,
                                     net::Family family, const backend::TextOptions& options) {
  return Editor(table, ruleset, wanted, family, options).run();
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
