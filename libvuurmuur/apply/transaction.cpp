// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/transaction.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ranges>
#include <utility>

#include "apply/generation.h"
#include "apply/guard.h"
#include "apply/refusal.h"
#include "apply/table_editor.h"
#include "apply/table_errors.h"

namespace vuurmuur::apply {
namespace {

/// How often a table is read again when somebody who does not take the lock changes it meanwhile.
constexpr int kCommitTries = 5;

constexpr std::array kFamilyOrder{net::Family::Ipv6, net::Family::Ipv4};

bool means_no_such_table(const base::Error& error) { return error.code == ENOENT || error.code == ENOPROTOOPT; }

bool wants_own_chain(const ir::Table& table) {
  return std::ranges::any_of(table.chains(), [](const ir::Chain& chain) { return chain.kind == ir::ChainKind::Own; });
}

/// The places of steps in a transaction; within one IPv6 comes first.
enum Rank : int {
  kGuard,
  kRawBefore,
  kMangle,
  kFilterTogether,
  kNatBefore,
  kFilter,
  kNatAfter,
  kRawAfter,
};

}  // namespace

Transaction::Transaction(Kernel& kernel, const ir::Ruleset& ruleset, const Options& options, Purpose purpose,
                         RuleTags tags)
    : kernel_(kernel),
      ruleset_(ruleset),
      options_(options),
      purpose_(purpose),
      tags_(std::move(tags)),
      sets_(kernel, ruleset, {.comments = options.comments.value_or(true)}, options.checks_sets),
      settings_(kernel, options.state_directory) {
  const bool has_ipv6 = kernel.has_family(net::Family::Ipv6);
  if (!has_ipv6 && std::ranges::any_of(ruleset.ipv6.tables, [](const ir::Table& table) { return !table.is_empty(); }))
    warnings_.push_back("this kernel has no IPv6; its rules were left out");
  for (const ir::TableName name : ir::kTables)
    for (const net::Family family : kFamilyOrder)
      if ((family == net::Family::Ipv4 || has_ipv6) &&
          std::ranges::find(options.families, family) != options.families.end())
        states_.push_back({.family = family, .name = name});
}

base::Result<void> Transaction::run() {
  auto done = sets_.create(kernel_.has_family(net::Family::Ipv6));
  if (done) done = prepare_all();
  if (done) done = commit_all();
  if (done)
    sets_.remove_unused(warnings_);
  else
    roll_back(done.error());
  return done;
}

std::vector<std::string> Transaction::warnings() const {
  std::vector<std::string> all = warnings_;
  for (const TableState& state : states_) all.insert(all.end(), state.warnings.begin(), state.warnings.end());
  return all;
}

bool Transaction::has_family(net::Family family) const {
  return std::ranges::any_of(states_, [&](const TableState& state) { return state.family == family; });
}

Transaction::TableState& Transaction::state(net::Family family, ir::TableName name) {
  return *std::ranges::find_if(states_, [&](const TableState& s) { return s.family == family && s.name == name; });
}

/// Everything that can fail without the kernel's part is done before the first commit.
base::Result<void> Transaction::prepare_all() {
  for (TableState& state : states_) {
    if (wanted(state).is_empty()) continue;
    start_opening(state);
  }
  for (TableState& state : states_) {
    if (!VM_TRY(open_if_concerned(state))) continue;
    const bool is_filter = state.name == ir::TableName::Filter;
    state.is_unsettled = is_between_generations(*state.edited) ||
                         (is_filter && ((wants_own_chain(wanted(state)) && !has_own_chain(*state.edited)) ||
                                        has_guard(*state.edited, state.family)));
    if (is_filter) state.can_hold_two = can_add_generation(*state.edited);
  }
  VM_TRY_VOID(edit_contents());
  for (const net::Family family : kFamilyOrder)
    if (has_family(family)) plan(family);
  std::ranges::stable_sort(steps_, {}, &Step::rank);
  for (Step& step : steps_) {
    const bool is_first =
        std::ranges::find(steps_, step.table, &Step::table) == steps_.begin() + (&step - steps_.data());
    if (!is_first) continue;
    if (step.phase != Phase::Content && !step.table->behind) {
      step.table->edited.reset();
      VM_TRY_VOID(edit(*step.table, step.phase));
    }
    step.before = VM_TRY(step.table->edited->before());
  }
  return {};
}

bool Transaction::is_unsettled(net::Family family) {
  return std::ranges::any_of(states_,
                             [&](const TableState& state) { return state.family == family && state.is_unsettled; });
}

/// The content of all tables, so that it is known what changes, the large ones side by side; behind the guard where it
/// is plain already that one is needed, because then nothing has to be edited twice.
base::Result<void> Transaction::edit_contents() {
  for (TableState& state : states_)
    if (state.edited) VM_TRY_VOID(begin_behind_guard(state));
  std::vector<std::future<base::Result<void>>> edits;
  for (TableState& state : states_)
    if (state.edited) edits.push_back(std::async(way_of(state), [&] { return edit_content(state, wanted(state)); }));
  base::Result<void> result;
  for (auto& edit : edits)
    if (auto done = edit.get(); !done && result) result = std::move(done);
  VM_TRY_VOID(std::move(result));
  for (TableState& state : states_)
    if (state.behind) std::swap(state.edited, state.behind);
  return {};
}

/// Where a guard is needed: puts it in, and what is edited next is the table as it will be then, if that can be told;
/// the one with the guard waits in `behind`.
base::Result<void> Transaction::begin_behind_guard(TableState& state) {
  const bool is_guarded = state.name == ir::TableName::Filter && purpose_ == Purpose::Apply &&
                          is_unsettled(state.family) && !wanted(state).is_empty();
  if (!is_guarded) return {};
  VM_TRY_VOID(insert_guard(*state.edited, state.family));
  std::unique_ptr<KernelTable> after = VM_TRY(state.edited->behind());
  if (after) {
    state.behind = std::exchange(state.edited, std::move(after));
    return {};
  }
  state.edited = VM_TRY(kernel_.open_table(state.family, state.name));
  return {};
}

void Transaction::plan(net::Family family) {
  TableState &raw = state(family, ir::TableName::Raw), &mangle = state(family, ir::TableName::Mangle),
             &nat = state(family, ir::TableName::Nat), &filter = state(family, ir::TableName::Filter);
  const auto add = [&](TableState& table, Phase phase, int rank) {
    steps_.push_back({.table = &table, .phase = phase, .rank = rank});
  };
  const bool is_tagged = nat.is_changed && filter.is_changed;
  const bool is_plain = purpose_ != Purpose::Apply || is_unsettled(family) || (is_tagged && !filter.can_hold_two);
  if (is_plain) {
    // Nothing that a clear leaves is refused, so there is nothing to keep out.
    const bool is_guarded = purpose_ == Purpose::Apply && !wanted(filter).is_empty();
    if (is_guarded) add(filter, Phase::Guard, kGuard);
    if (raw.is_changed) add(raw, Phase::Content, kRawBefore);
    if (mangle.is_changed) add(mangle, Phase::Content, kMangle);
    if (nat.is_changed) add(nat, Phase::Content, kNatBefore);
    if (filter.is_changed || is_guarded) add(filter, Phase::Content, kFilter);
    return;
  }
  const bool is_raw_alone = !nat.is_changed && !filter.is_changed;
  if (raw.is_changed) add(raw, is_raw_alone ? Phase::Content : Phase::Together, kRawBefore);
  if (mangle.is_changed) add(mangle, Phase::Content, kMangle);
  if (is_tagged) add(filter, Phase::Together, kFilterTogether);
  if (nat.is_changed) add(nat, is_tagged ? Phase::Tagged : Phase::Content, kNatBefore);
  if (filter.is_changed) add(filter, Phase::Content, kFilter);
  if (is_tagged) add(nat, Phase::Content, kNatAfter);
  if (raw.is_changed && !is_raw_alone) add(raw, Phase::Content, kRawAfter);
}

base::Result<void> Transaction::commit_all() {
  VM_TRY_VOID(settings_.write(ruleset_.sysctls, /*after_rules=*/false, warnings_));
  for (std::span<Step> left(steps_); !left.empty();) {
    const std::size_t count = together(left);
    VM_TRY_VOID(commit_together(left.first(count)));
    left = left.subspan(count);
  }
  return settings_.write(ruleset_.sysctls, /*after_rules=*/true, warnings_);
}

/// A table that is not there is made when it is opened, and has nothing in it that would take long to read.
void Transaction::start_opening(TableState& state) {
  if (way_of(state) == std::launch::async && kernel_.may_have_table(state.family, state.name))
    state.opening = kernel_.start_open_table(state.family, state.name);
}

/// Reads a table if something of ours is or shall be in it; false when there is nothing to do.
base::Result<bool> Transaction::open_if_concerned(TableState& state) {
  const bool is_wanted = !wanted(state).is_empty();
  if (!is_wanted && !kernel_.may_have_table(state.family, state.name)) return false;
  auto opened = state.opening.valid() ? state.opening.get() : kernel_.open_table(state.family, state.name);
  if (!opened && !is_wanted && means_no_such_table(opened.error())) return false;
  state.edited = VM_TRY(std::move(opened));
  if (is_wanted || (purpose_ == Purpose::Clear && state.name == ir::TableName::Filter)) return true;
  if (has_own_chain(*state.edited) || has_guard(*state.edited, state.family)) return true;
  state.edited.reset();
  return false;
}

base::Result<void> Transaction::edit(TableState& state, Phase phase) {
  if (!state.edited) state.edited = VM_TRY(kernel_.open_table(state.family, state.name));
  switch (phase) {
    case Phase::Guard: return insert_guard(*state.edited, state.family);
    case Phase::Together:
      return add_generation(*state.edited, ruleset_, wanted(state), state.family, text_options(),
                            state.name == ir::TableName::Raw ? Together::Both : Together::ByTag);
    case Phase::Tagged: return edit_content(state, tagged(wanted(state), ruleset_.marks));
    case Phase::Content: return edit_content(state, wanted(state));
  }
  return {};
}

/// Whether work on a table's content is done beside other work.
std::launch Transaction::way_of(const TableState& state) const {
  return wanted(state).rule_count() >= options_.worth_thread ? std::launch::async : std::launch::deferred;
}

base::Result<void> Transaction::edit_content(TableState& state, const ir::Table& content) {
  auto outcome =
      edit_table(*state.edited, TableEncoder(ruleset_, content, state.family, text_options()), content, state.family);
  if (!outcome) return std::unexpected(std::move(outcome.error()).within("load " + describe(state.family, state.name)));
  state.is_changed |= outcome->changed;
  state.warnings = std::move(outcome->warnings);
  return {};
}

/// How many of the steps, from the first on, are done side by side: the same step of both families, when there is much
/// to do in each.
std::size_t Transaction::together(std::span<const Step> steps) const {
  const auto is_large = [&](const Step& step) {
    return step.phase != Phase::Guard && way_of(*step.table) == std::launch::async;
  };
  const bool has_pair = steps.size() > 1 && steps[0].rank == steps[1].rank;
  return has_pair && is_large(steps[0]) && is_large(steps[1]) ? 2 : 1;
}

/// All of the steps are tried. Of what fails the first is told; what was done is taken back by the caller.
base::Result<void> Transaction::commit_together(std::span<Step> steps) {
  for (const Step& step : steps) tell("loading " + describe(step.table->family, step.table->name));
  // What the kernel says from here on is about these steps.
  static_cast<void>(kernel_.new_log_messages());
  std::vector<std::future<base::Result<std::string>>> others;
  for (Step& step : steps.subspan(1)) others.push_back(std::async(std::launch::async, [&] { return commit(step); }));
  std::vector<base::Result<std::string>> outcomes{commit(steps.front())};
  for (auto& other : others) outcomes.push_back(other.get());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!outcomes[i])
      return std::unexpected(steps[i].is_refused ? refusal(steps[i], outcomes[i].error()) : outcomes[i].error());
    if (!outcomes[i]->empty()) warnings_.push_back(*outcomes[i]);
  }
  return {};
}

/// Gives a warning or an empty text. Changes nothing but the step and its table: it may run beside another one.
base::Result<std::string> Transaction::commit(Step& step) {
  TableState& state = *step.table;
  base::Error last;
  for (int tries = 0; tries < kCommitTries; ++tries) {
    if (!state.edited) {
      state.edited = std::move(state.behind);
      if (!state.edited) VM_TRY_VOID(edit(state, step.phase));
      // Read again when another program was faster: what it did is to survive a later rollback.
      step.before = VM_TRY(state.edited->before());
    }
    auto done = state.edited->commit();
    state.edited.reset();
    step.is_done = done.has_value();
    if (done) return done;
    last = std::move(done.error());
    if (last.code != EAGAIN) break;
  }
  step.is_refused = true;
  return std::unexpected(std::move(last));
}

base::Error Transaction::refusal(const Step& step, const base::Error& error) {
  // What is true of the table as a whole is no rule's fault.
  constexpr std::array kOfTheWhole{EAGAIN, EPERM, ENOMEM, E2BIG};
  const bool is_about_rules = std::ranges::find(kOfTheWhole, error.code) == kOfTheWhole.end();
  const TableState& state = *step.table;
  if (step.phase != Phase::Guard && is_about_rules)
    return explain_refusal(kernel_, ruleset_, wanted(state), state.family, text_options(), error);
  const std::string what = step.phase == Phase::Guard ? "keep new connections out meanwhile, " : "load ";
  return base::Error(error).within(what + describe(state.family, state.name));
}

void Transaction::roll_back(base::Error& error) {
  tell("putting everything back");
  std::vector<std::string> problems;
  for (TableState& state : states_) {
    state.edited.reset();
    state.behind.reset();
  }
  for (const Step& step : steps_ | std::views::reverse) {
    if (!step.is_done) continue;
    const auto done = kernel_.restore(*step.before);
    if (!done) problems.push_back(done.error().message);
  }
  for (std::string& problem : sets_.undo()) problems.push_back(std::move(problem));
  for (std::string& problem : settings_.undo()) problems.push_back(std::move(problem));
  for (const std::string& problem : problems) error.message += "; not all could be put back: " + problem;
}

const ir::Table& Transaction::wanted(const TableState& state) const {
  return ruleset_.rules(state.family).table(state.name);
}

backend::TextOptions Transaction::text_options() const {
  return {.comments = !tags_.valid(), .sets = &sets_.indices(), .tags = tags_.valid() ? &tags_.get().tags : nullptr};
}

void Transaction::tell(const std::string& message) const {
  if (options_.progress) options_.progress(message);
}

}  // namespace vuurmuur::apply
