// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/transaction.h"

#include <algorithm>
#include <cerrno>
#include <ranges>

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

}  // namespace

Transaction::Transaction(Kernel& kernel, const ir::Ruleset& ruleset, const Options& options, Purpose purpose)
    : kernel_(kernel),
      ruleset_(ruleset),
      options_(options),
      purpose_(purpose),
      sets_(kernel, ruleset, {.comments = options.comments}),
      settings_(kernel, options.state_directory) {
  const bool has_ipv6 = kernel.has_family(net::Family::Ipv6);
  if (!has_ipv6 && std::ranges::any_of(ruleset.ipv6.tables, [](const ir::Table& table) { return !table.is_empty(); }))
    warnings_.push_back("this kernel has no IPv6; its rules were left out");
  for (const ir::TableName name : ir::kTables)
    for (const net::Family family : kFamilyOrder)
      if (family == net::Family::Ipv4 || has_ipv6) states_.emplace_back().family = family, states_.back().name = name;
}

base::Result<void> Transaction::run() {
  auto done = make_sets();
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

base::Result<void> Transaction::make_sets() {
  const bool has_ipv6 = std::ranges::any_of(states_, [](const TableState& s) { return s.family == net::Family::Ipv6; });
  return sets_.create(has_ipv6);
}

base::Result<void> Transaction::prepare_all() {
  for (TableState& state : states_) {
    if (!VM_TRY(open_if_concerned(state))) continue;
    if (state.name == ir::TableName::Filter && purpose_ == Purpose::Apply) {
      const bool others_change = std::ranges::any_of(states_, [&](const TableState& other) {
        return other.family == state.family && other.name != ir::TableName::Filter && other.is_changed;
      });
      state.is_guarded = others_change || !has_own_chain(*state.edited) || has_guard(*state.edited, state.family);
    }
    // Behind a guard the content is edited later, when the guard is there to be removed with it.
    if (state.is_guarded) state.is_changed = true;
    VM_TRY_VOID(edit(state, state.is_guarded ? Step::Guard : Step::Content));
  }
  for (TableState& state : states_)
    if (state.is_changed) state.before = VM_TRY(state.edited->before());
  return {};
}

base::Result<void> Transaction::commit_all() {
  VM_TRY_VOID(settings_.write(ruleset_.sysctls, /*after_rules=*/false, warnings_));
  for (TableState& state : states_)
    if (state.is_guarded) VM_TRY_VOID(commit(state, Step::Guard));
  for (TableState& state : states_)
    if (state.is_changed) VM_TRY_VOID(commit(state, Step::Content));
  return settings_.write(ruleset_.sysctls, /*after_rules=*/true, warnings_);
}

/// Reads a table if something of ours is or shall be in it; false when there is nothing to do.
base::Result<bool> Transaction::open_if_concerned(TableState& state) {
  const bool is_wanted = !wanted(state).is_empty();
  if (!is_wanted && !kernel_.may_have_table(state.family, state.name)) return false;
  auto opened = kernel_.open_table(state.family, state.name);
  if (!opened && !is_wanted && means_no_such_table(opened.error())) return false;
  state.edited = VM_TRY(std::move(opened));
  if (is_wanted || (purpose_ == Purpose::Clear && state.name == ir::TableName::Filter)) return true;
  if (has_own_chain(*state.edited) || has_guard(*state.edited, state.family)) return true;
  state.edited.reset();
  return false;
}

base::Result<void> Transaction::edit(TableState& state, Step step) {
  if (!state.edited) state.edited = VM_TRY(kernel_.open_table(state.family, state.name));
  if (step == Step::Guard) return insert_guard(*state.edited, state.family);
  auto outcome = edit_table(*state.edited, ruleset_, wanted(state), state.family, text_options());
  if (!outcome) return std::unexpected(std::move(outcome.error()).within("load " + describe(state.family, state.name)));
  state.is_changed |= outcome->changed;
  state.warnings = std::move(outcome->warnings);
  return {};
}

base::Result<void> Transaction::commit(TableState& state, Step step) {
  tell("loading " + describe(state.family, state.name));
  const bool is_first = !state.has_guard_committed;
  base::Error last;
  for (int tries = 0; tries < kCommitTries; ++tries) {
    if (!state.edited) {
      VM_TRY_VOID(edit(state, step));
      // What the other program did is to survive a later rollback; a table with our guard in it is not taken again.
      if (is_first && tries > 0) state.before = VM_TRY(state.edited->before());
    }
    const auto done = state.edited->commit();
    state.edited.reset();
    if (done) {
      if (!done->empty()) state.warnings.push_back(*done);
      (step == Step::Guard ? state.has_guard_committed : state.has_content_committed) = true;
      return {};
    }
    last = done.error();
    if (last.code != EAGAIN) break;
  }
  return std::unexpected(refusal(state, step, last));
}

base::Error Transaction::refusal(const TableState& state, Step step, const base::Error& error) {
  const bool is_about_rules = error.code != EAGAIN && error.code != EPERM && error.code != ENOMEM;
  if (step == Step::Content && is_about_rules)
    return explain_refusal(kernel_, ruleset_, wanted(state), state.family, text_options(), error);
  const std::string what = step == Step::Guard ? "keep new connections out meanwhile, " : "load ";
  return base::Error(error).within(what + describe(state.family, state.name));
}

void Transaction::roll_back(base::Error& error) {
  tell("putting everything back");
  std::vector<std::string> problems;
  for (TableState& state : states_) state.edited.reset();
  for (TableState& state : states_)
    if (state.name == ir::TableName::Filter && state.has_content_committed) close_the_door(state);
  const auto restore = [&](TableState& state) {
    if (!state.has_guard_committed && !state.has_content_committed) return;
    const auto done = kernel_.restore(*state.before);
    if (!done) problems.push_back(done.error().message);
  };
  const auto is_filter = [](const TableState& state) { return state.name == ir::TableName::Filter; };
  for (TableState& state : states_ | std::views::reverse)
    if (!is_filter(state)) restore(state);
  for (TableState& state : states_)
    if (is_filter(state)) restore(state);
  for (std::string& problem : sets_.undo()) problems.push_back(std::move(problem));
  for (std::string& problem : settings_.undo()) problems.push_back(std::move(problem));
  for (const std::string& problem : problems) error.message += "; not all could be put back: " + problem;
}

/// New connections are kept out while the tables in front of a filter that is already the new one go back. That it
/// fails is no reason not to go back.
void Transaction::close_the_door(TableState& filter) {
  const bool others_changed = std::ranges::any_of(states_, [&](const TableState& other) {
    return other.family == filter.family && other.name != ir::TableName::Filter && other.has_content_committed;
  });
  if (others_changed && edit(filter, Step::Guard)) static_cast<void>(filter.edited->commit());
  filter.edited.reset();
}

const ir::Table& Transaction::wanted(const TableState& state) const {
  return ruleset_.rules(state.family).table(state.name);
}

backend::TextOptions Transaction::text_options() const {
  return {.comments = options_.comments, .sets = &sets_.indices()};
}

void Transaction::tell(const std::string& message) const {
  if (options_.progress) options_.progress(message);
}

}  // namespace vuurmuur::apply
