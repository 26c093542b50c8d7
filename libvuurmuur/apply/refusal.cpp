// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/refusal.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>

#include "apply/entry.h"
#include "apply/set_store.h"
#include "apply/table_errors.h"
#include "backend/xtables_entry.h"
#include "base/strings.h"

namespace vuurmuur::apply {
namespace {

struct Suspect {
  const ir::Chain* chain = nullptr;
  const ir::Rule* rule = nullptr;
};

bool leads_to_chain(const Suspect& suspect) {
  return std::holds_alternative<ir::JumpTarget>(suspect.rule->target) ||
         std::holds_alternative<ir::GotoTarget>(suspect.rule->target);
}

/// Whether the target is a module of the kernel, not a verdict or a jump.
bool has_module(const Suspect& suspect) {
  return !leads_to_chain(suspect) && !std::holds_alternative<ir::AcceptTarget>(suspect.rule->target) &&
         !std::holds_alternative<ir::DropTarget>(suspect.rule->target);
}

class Search {
 public:
  Search(Kernel& kernel, const ir::Ruleset& ruleset, const ir::Table& table, net::Family family,
         const backend::TextOptions& options)
      : kernel_(kernel), ruleset_(ruleset), table_(table), family_(family), options_(options) {
    for (const ir::Chain& chain : table.chains())
      for (const ir::Rule& rule : chain.rules) suspects_.push_back({.chain = &chain, .rule = &rule});
    // Whether a target may stand in a chain depends on the hooks that lead there: with all jumps first, the rule that
    // makes a prefix fail is the one that is wrong.
    std::ranges::stable_partition(suspects_, leads_to_chain);
  }

  base::Error run(const base::Error& refused) {
    said_ = kernel_.new_log_messages();
    base::Error error = find(refused);
    if (!said_.empty()) error.message += " (the kernel's log: " + base::join(said_, "; ") + ")";
    return error;
  }

 private:
  base::Error find(const base::Error& refused) {
    if (auto missing = find_missing_extension()) return *missing;
    std::optional<base::Error> found;
    const auto tried = kernel_.in_scratch_namespace([&] {
      const auto sets = create_empty_sets(kernel_, ruleset_, family_);
      if (!sets) return;
      options_.sets = &*sets;
      found = find_by_halves();
    });
    if (found) return *found;
    const std::string reason =
        tried ? "its rules alone are accepted in an empty network namespace" : tried.error().message;
    return {.message = doing() + refused.message + " (which rule it is could not be found out: " + reason + ")",
            .code = refused.code};
  }

  std::string doing() const { return "load " + describe(family_, table_.name()) + ": "; }

  const std::vector<std::byte>& encode(const Suspect& suspect) {
    backend::encode_entry(ruleset_, table_, family_, *suspect.rule, options_, entry_);
    return entry_;
  }

  base::Error error_for(const Suspect& suspect, const std::string& reason, int code) const {
    const ir::Origin& origin = ruleset_.origin(suspect.rule->origin);
    const std::string place = origin.place.empty() ? std::string() : " (" + origin.place + ")";
    return {.message = doing() + "the kernel refused " + origin.label + place + ": " + reason + ": -A " +
                       suspect.chain->name + " " +
                       backend::rule_text(ruleset_, table_, family_, *suspect.rule, {.comments = false}),
            .code = code};
  }

  std::optional<base::Error> find_missing_extension() {
    std::unordered_set<std::string> known;
    for (const Suspect& suspect : suspects_) {
      for (const Extension& extension : extensions_of(family_, encode(suspect).data(), has_module(suspect))) {
        const std::string kind = extension.is_target ? "target" : "match";
        if (!known.insert(kind + extension.name + '/' + std::to_string(extension.revision)).second) continue;
        if (kernel_.supports(family_, extension)) continue;
        const std::string revision =
            extension.revision == 0 ? std::string() : " (revision " + std::to_string(extension.revision) + ")";
        return error_for(suspect, "the kernel has no " + kind + " \"" + extension.name + "\"" + revision, ENOENT);
      }
    }
    return std::nullopt;
  }

  std::optional<base::Error> find_by_halves() {
    std::size_t good = 0, bad = suspects_.size();
    std::optional<base::Error> reason = try_first(bad);
    if (!reason) return std::nullopt;
    while (bad - good > 1) {
      const std::size_t middle = good + (bad - good) / 2;
      auto failed = try_first(middle);
      if (failed) {
        bad = middle;
        reason = std::move(failed);
      } else {
        good = middle;
      }
    }
    if (bad == 0) return std::nullopt;
    return error_for(suspects_[bad - 1], reason->message, reason->code);
  }

  /// Loads the first rules alone; the error if the kernel refuses them.
  std::optional<base::Error> try_first(std::size_t count) {
    const auto loaded = load_first(count);
    if (loaded) return std::nullopt;
    return loaded.error();
  }

  base::Result<void> load_first(std::size_t count) {
    const auto table = VM_TRY(kernel_.open_table(family_, table_.name()));
    const std::vector<std::string> names = table->chains();
    const std::unordered_set<std::string> existing(names.begin(), names.end());
    for (const std::string& name : names) VM_TRY_VOID(table->set_rules(name, {}, {}));
    for (const ir::Chain& chain : table_.chains())
      if (!existing.contains(chain.name)) VM_TRY_VOID(table->create_chain(chain.name));
    std::unordered_map<const ir::Chain*, std::vector<std::size_t>> rules_of;
    for (std::size_t i = 0; i < count; ++i) rules_of[suspects_[i].chain].push_back(i);
    for (const auto& [chain, rules] : rules_of) {
      std::vector<std::byte> entries;
      for (const std::size_t i : rules) {
        const std::vector<std::byte>& entry = encode(suspects_[i]);
        entries.insert(entries.end(), entry.begin(), entry.end());
      }
      const std::vector<RulePlan> plan(rules.size(), RulePlan::add());
      VM_TRY_VOID(table->set_rules(chain->name, std::move(entries), plan));
    }
    static_cast<void>(kernel_.new_log_messages());
    const auto done = table->commit();
    if (done) return {};
    // With the last attempt that fails, the rule that is named is the one that the kernel speaks of. It says the same
    // thing only so often.
    if (auto said = kernel_.new_log_messages(); !said.empty()) said_ = std::move(said);
    return std::unexpected(done.error());
  }

  Kernel& kernel_;
  const ir::Ruleset& ruleset_;
  const ir::Table& table_;
  net::Family family_;
  backend::TextOptions options_;
  std::vector<Suspect> suspects_;
  std::vector<std::byte> entry_;
  std::vector<std::string> said_;  ///< by the kernel in its log
};

}  // namespace

base::Error explain_refusal(Kernel& kernel, const ir::Ruleset& ruleset, const ir::Table& table, net::Family family,
                            const backend::TextOptions& options, const base::Error& refused) {
  return Search(kernel, ruleset, table, family, options).run(refused);
}

}  // namespace vuurmuur::apply
