// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/apply.h"

#include <algorithm>

#include "apply/capacity.h"
#include "apply/engine_support.h"
#include "apply/nft_transaction.h"
#include "apply/rule_labels.h"
#include "apply/transaction.h"
#include "backend/nft_program.h"

namespace vuurmuur::apply {
namespace {

const ir::Ruleset kNothing;

void append(std::vector<std::string>& to, const std::vector<std::string>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

/// The user's own chains that the ruleset leads to and that have rules in xtables, where soon nothing leads to them.
base::Result<std::vector<std::string>> forsaken_chains(Kernel& kernel, const ir::Ruleset& ruleset) {
  std::vector<std::string> warnings;
  for (const net::Family family : net::kFamilies) {
    if (!kernel.has_family(family)) continue;
    for (const ir::Table& table : ruleset.rules(family).tables) {
      if (!kernel.may_have_table(family, table.name())) continue;
      const auto opened = VM_TRY(kernel.open_table(family, table.name()));
      const std::vector<std::string> names = opened->chains();
      for (const ir::Chain& chain : table.chains()) {
        if (chain.kind != ir::ChainKind::Foreign || std::ranges::find(names, chain.name) == names.end()) continue;
        if (opened->first_rule(chain.name) == nullptr) continue;
        warnings.push_back("chain " + chain.name + " of " + describe(family, table.name()) +
                           " in xtables has rules of the user's own that are not asked any more: they would have to "
                           "stand in chain " +
                           backend::nft::chain_name(table.name(), chain.name) + " of nf_tables");
      }
    }
  }
  return warnings;
}

Options with_all_families(Options options) {
  options.families = Options().families;
  return options;
}

/// What rules in xtables carry instead of comments, made meanwhile; not valid where they carry comments.
RuleTags tags_for(Kernel& kernel, const ir::Ruleset& ruleset, const Options& options) {
  if (options.comments.value_or(ruleset.rule_count() <= kMostCommentedRules)) return {};
  return std::async(std::launch::async, [&] {
    // Read while the tags are made; what cannot be read cannot be mistaken for something else either.
    auto reading = std::async(std::launch::async, [&] {
      return RuleLabels::read(kernel.files(), options.state_directory).value_or(RuleLabels());
    });
    std::optional<RuleLabels> before;
    return backend::origin_tags(ruleset, [&](backend::OriginTag tag) {
      if (!before) before = reading.get();
      return before->of(tag);
    });
  });
}

/// What carries tags can be told from now on. That it cannot does not undo what is in force.
void name_rules(Kernel& kernel, const Options& options, const RuleTags& tags, Report& report) {
  const auto written = write_rule_labels(kernel.files(), options.state_directory,
                                         tags.valid() ? std::string_view(tags.get().comments) : std::string_view());
  if (!written) report.warnings.push_back("what rules count cannot be told: " + written.error().message);
}

/// Rules of ours in nf_tables go when those in xtables are in force: until then packets have to please both.
base::Result<void> load_xtables(Kernel& kernel, const ir::Ruleset& ruleset, const Options& options, Report& report) {
  const RuleTags tags = tags_for(kernel, ruleset, options);
  const bool takes_over = VM_TRY(kernel.has_nft_chains());
  const Options all = with_all_families(options);
  Transaction transaction(kernel, ruleset, takes_over ? all : options,
                          takes_over ? Transaction::Purpose::TakeOver : Transaction::Purpose::Apply, tags);
  auto done = transaction.run();
  if (done && takes_over) {
    done = clear_nft(kernel, report.warnings);
    if (!done) transaction.undo(done.error());
  }
  append(report.warnings, transaction.warnings());
  if (done) name_rules(kernel, options, tags, report);
  return done;
}

/// The same the other way round.
base::Result<void> load_nft(Kernel& kernel, const ir::Ruleset& ruleset, const Options& options, Report& report) {
  const bool takes_over = VM_TRY(has_own_xtables_chains(kernel));
  const bool is_guarded = takes_over || VM_TRY(kernel.has_nft_chains());
  if (takes_over) append(report.warnings, VM_TRY(forsaken_chains(kernel, ruleset)));
  const Options all = with_all_families(options);
  NftTransaction transaction(kernel, ruleset, takes_over ? all : options, is_guarded);
  auto done = transaction.run();
  if (done && takes_over) {
    Transaction old(kernel, kNothing, all, Transaction::Purpose::Clear);
    done = old.run();
    append(report.warnings, old.warnings());
    if (!done) transaction.undo(done.error());
  }
  append(report.warnings, transaction.warnings());
  if (done && takes_over) name_rules(kernel, options, {}, report);
  return done;
}

}  // namespace

base::Result<XtablesLock> take_lock(Kernel& kernel, const Options& options) {
  if (options.lock) return options.lock;
  return std::make_shared<const base::UniqueFd>(VM_TRY(kernel.lock(options.lock_patience, options.progress)));
}

base::Result<Report> apply(Kernel& kernel, const ir::Ruleset& ruleset, const Options& options) {
  const auto check = options.backend == Backend::Nft ? check_nft_capacity : check_capacity;
  VM_TRY_VOID(check(ruleset, kernel.available_memory()));
  const XtablesLock lock = VM_TRY(take_lock(kernel, options));
  Report report{.warnings = {}, .rules = ruleset.rule_count()};
  const auto load = options.backend == Backend::Nft ? load_nft : load_xtables;
  VM_TRY_VOID(load(kernel, ruleset, options, report));

  Settings(kernel, options.state_directory).give_back(ruleset.sysctls, report.warnings);
  if (ruleset.blocked.empty()) return report;
  const auto ended = kernel.end_connections(ruleset.blocked);
  if (ended)
    report.ended_connections = *ended;
  else
    report.warnings.push_back("live connections of blocked addresses may go on: " + ended.error().message);
  return report;
}

base::Result<Report> clear(Kernel& kernel, const Options& options) {
  const XtablesLock lock = VM_TRY(take_lock(kernel, options));
  Report report;
  VM_TRY_VOID(clear_nft(kernel, report.warnings));
  Transaction transaction(kernel, kNothing, options, Transaction::Purpose::Clear);
  VM_TRY_VOID(transaction.run());
  append(report.warnings, transaction.warnings());
  name_rules(kernel, options, {}, report);
  Settings(kernel, options.state_directory).give_back({}, report.warnings);
  return report;
}

}  // namespace vuurmuur::apply
