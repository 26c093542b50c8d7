// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/manager.h"

#include <fmt/format.h>

#include <utility>

#include "apply/engine_support.h"
#include "apply/rule_counters.h"
#include "backend/iptables_save.h"
#include "backend/nft_text.h"
#include "base/memory_file_system.h"
#include "compile/baseline.h"
#include "control/comparison.h"
#include "control/counters_json.h"

namespace vuurmuur::control {
namespace {

using history::Journal;
using history::Recovery;

/// The xtables lock for all loads while it lives.
class Locked {
 public:
  Locked(apply::Options& load, apply::XtablesLock lock)
      : load_(load), before_(std::exchange(load.lock, std::move(lock))) {}
  ~Locked() { end(); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;
  void end() { load_.lock = before_; }

 private:
  apply::Options& load_;
  apply::XtablesLock before_;
};

}  // namespace

std::optional<model::Backend> engine_named(std::string_view name) {
  if (name == apply::to_string(apply::Backend::Xtables)) return model::Backend::Xtables;
  if (name == apply::to_string(apply::Backend::Nft)) return model::Backend::Nft;
  return std::nullopt;
}

std::string text_of(const ir::Ruleset& ruleset, std::string_view engine) {
  const bool is_nft = engine == apply::to_string(apply::Backend::Nft);
  std::string text;
  for (const net::Family family : net::kFamilies)
    text += is_nft ? backend::nft::text(backend::nft::make_program(ruleset, family))
                   : backend::iptables_save(ruleset, family);
  return text;
}

std::string name_of(std::optional<history::Number> generation) {
  return generation ? fmt::format("generation {}", *generation) : std::string("an open firewall");
}

base::Result<std::unique_ptr<CheckedPolicy>> read_generation(const history::Store& store,
                                                             const history::Generation& generation,
                                                             const NameSource& names) {
  base::MemoryFileSystem files;
  for (auto& [path, content] : VM_TRY(store.read_configuration(generation.number)))
    files.files[generation.directory + "/" + path] = content;
  auto checked =
      check_tree(files, generation.directory, names ? names : known_names_in(store.files(), store.directory()));
  if (checked->sink.has_errors())
    return base::failure(fmt::format("generation {}: this version of the program finds errors in its configuration: {}",
                                     generation.number, checked->sink.all().front().message));
  return checked;
}

history::Event Manager::event(const history::Actor& who, std::string detail) const {
  return {.time = clock_.wall_seconds(), .who = who, .detail = std::move(detail)};
}

base::Result<Applied> Manager::apply(const Request& request) {
  static_cast<void>(VM_TRY(recover(request.who)));
  // What cannot be loaded now is not begun. Nobody comes in between until all is done, or all is as it was.
  Locked locked(load_, VM_TRY(apply::take_lock(kernel_, load_)));
  Journal journal = VM_TRY(store_.read_journal());
  Journal original = journal;
  const std::optional<history::Pending> waiting = std::exchange(journal.pending, std::nullopt);
  std::vector<std::string> warnings = request.plan.choice.warnings;
  keep_counters(journal, warnings);

  const apply::Backend backend = request.plan.choice.backend;
  VM_TRY_VOID(store_.write_configuration(journal.next, request.configuration));
  history::Generation& generation =
      history::begin(journal, request.directory, std::string(apply::to_string(backend)), event(request.who));
  generation.comment = request.comment;
  const history::Generation* copied = request.copy_of ? journal.find(*request.copy_of) : nullptr;
  generation.comments = copied != nullptr ? copied->comments : load_.comments;
  generation.copy_of = request.copy_of;
  Applied applied{.generation = generation.number, .goes_back_to = journal.confirmed};
  if (waiting) applied.replaced = waiting->generation;
  if (auto written = store_.write_journal(journal); !written) {
    // A file can be in its place although its directory could not be synced: what it says must not be what was not
    // done.
    static_cast<void>(store_.write_journal(original));
    return std::unexpected(std::move(written.error()));
  }
  Journal applying = journal;

  auto report = load(request.plan.ruleset, options_for(backend, generation));
  if (!report) {
    history::dismiss(journal, event(request.who, report.error().message));
    journal.pending = waiting;
    if (const auto written = store_.write_journal(journal); !written)
      report.error().message += "; and the journal cannot say so: " + written.error().message;
    return std::unexpected(std::move(report.error()));
  }
  if (request.confirm) {
    applied.deadline = clock_.now();
    applied.deadline->nanoseconds += std::chrono::nanoseconds(*request.confirm).count();
  }
  history::applied(journal, applied.deadline, event(request.who));
  journal.is_cleared = false;
  if (waiting) {
    history::Event replaced = event(request.who, fmt::format("generation {} took its place", applied.generation));
    replaced.what = history::What::RolledBack;
    journal.find(waiting->generation)->events.push_back(std::move(replaced));
  }
  if (const auto written = store_.write_journal(journal); !written) {
    // In force, but the next start would take it back: rather now, while somebody looks. The file on disk may be the
    // new one all the same, so it is written once more.
    auto back = load_confirmed(applying);
    history::dismiss(applying, event(request.who, written.error().message));
    static_cast<void>(store_.write_journal(applying));
    return std::unexpected(base::Error{
        .message = written.error().message + (back ? "; the rules of before are in force again"
                                                   : "; going back failed as well: " + back.error().message),
        .code = written.error().code});
  }
  locked.end();
  if (request.on_in_force) request.on_in_force();
  // What people read later. That it is missing does not undo what is in force.
  const auto rules = history::Store::packed_rules(text_of(request.plan.ruleset, apply::to_string(backend)));
  if (const auto written = store_.write_rules(applied.generation, rules); !written)
    warnings.push_back("the history has no text of the rules: " + written.error().message);
  // What ends does not come back, so only when nothing can undo the rules any more.
  if (request.connections != apply::LiveConnections::Keep)
    applied.connections = apply::review_connections(
        kernel_, request.plan.ruleset, backend, request.connections == apply::LiveConnections::Enforce, load_.progress);
  applied.report = std::move(*report);
  applied.report.warnings.insert(applied.report.warnings.begin(), warnings.begin(), warnings.end());
  return applied;
}

base::Result<history::Number> Manager::confirm(const history::Actor& who) {
  static_cast<void>(VM_TRY(recover(who)));
  Journal journal = VM_TRY(store_.read_journal());
  if (!journal.pending) return base::failure("no generation waits to be confirmed");
  const history::Number number = journal.pending->generation;
  history::confirm(journal, event(who));
  VM_TRY_VOID(store_.write_journal(journal));
  return number;
}

base::Result<WentBack> Manager::take_back(const history::Actor& who, const std::string& reason) {
  Journal journal = VM_TRY(store_.read_journal());
  if (!journal.pending) return base::failure("no generation waits to be confirmed");
  return go_back(journal, who, reason);
}

base::Result<apply::Report> Manager::clear(const history::Actor& who) {
  Journal journal = VM_TRY(store_.read_journal());
  apply::Report report = VM_TRY(apply::clear(kernel_, load_));
  if (const auto number = in_force(journal)) {
    // Whoever watches has no turn before this is said, and does not take it for a change by somebody else.
    if (journal.pending) history::dismiss(journal, event(who, "the firewall was cleared"));
    journal.is_cleared = true;
    history::Event cleared = event(who);
    cleared.what = history::What::Cleared;
    history::happened(*journal.find(*number), std::move(cleared));
    VM_TRY_VOID(store_.write_journal(journal));
  }
  return report;
}

base::Result<void> Manager::drifted(const history::Actor& by, const std::string& detail, bool repair,
                                    const history::Actor& who, TimedSets sets) {
  Journal journal = VM_TRY(store_.read_journal());
  const auto number = in_force(journal);
  if (!number) return base::failure("no generation is in force");
  history::Generation& generation = *journal.find(*number);
  if (const history::Event* before = generation.drift(); before == nullptr || before->detail != detail) {
    history::Event drift = event(by, detail);
    drift.what = history::What::Drifted;
    history::happened(generation, std::move(drift));
    VM_TRY_VOID(store_.write_journal(journal));
  }
  if (!repair) return {};
  const apply::Report report = VM_TRY(load(generation, sets));
  history::Event repaired = event(who, fmt::format("{} rules", report.rules));
  repaired.what = history::What::Repaired;
  history::happened(generation, std::move(repaired));
  return store_.write_journal(journal);
}

base::Result<apply::Report> Manager::follow(history::Number generation, const sema::Policy& policy, PlanMemo& memo) {
  const Journal journal = VM_TRY(store_.read_journal());
  if (journal.is_cleared || in_force(journal) != generation)
    return base::failure(fmt::format("generation {} is not in force", generation));
  const history::Generation& followed = *journal.find(generation);
  const auto engine = backend_wish(engine_named(followed.backend).value_or(model::Backend::Auto));
  // One that an older program wrote does not say where it is.
  if (!engine) {
    memo.loaded = apply::Options().families;
    return load(policy, followed);
  }
  const ir::Ruleset& ruleset = *VM_TRY(plan_again(kernel_, policy, *engine, memo));
  apply::Options options = options_for(*engine, followed);
  options.families = memo.unloaded;
  auto report = load(ruleset, std::move(options));
  if (report) memo.loaded = std::exchange(memo.unloaded, {});
  return report;
}

base::Result<void> Manager::drift_is_over(const history::Actor& who) {
  Journal journal = VM_TRY(store_.read_journal());
  const auto number = in_force(journal);
  history::Generation* generation = number ? journal.find(*number) : nullptr;
  if (generation == nullptr || generation->drift() == nullptr) return {};
  history::Event over = event(who, "the rules are as before again");
  over.what = history::What::Repaired;
  history::happened(*generation, std::move(over));
  return store_.write_journal(journal);
}

base::Result<std::optional<WentBack>> Manager::recover(const history::Actor& who) {
  Journal journal = VM_TRY(store_.read_journal());
  const Recovery found = history::recovery(journal, clock_.now());
  if (found.kind != Recovery::Kind::GoBack) return std::nullopt;
  return std::optional(VM_TRY(go_back(journal, who, found.reason)));
}

base::Result<WentBack> Manager::restore(const history::Actor& who) {
  if (auto back = VM_TRY(recover(who))) return std::move(*back);
  Journal journal = VM_TRY(store_.read_journal());
  if (!journal.confirmed) return base::failure("no generation was ever confirmed");
  WentBack result{.from = {}, .to = journal.confirmed, .reason = {}, .report = {}};
  // A generation that waits is in force, and its deadline holds.
  if (journal.pending) return result;
  result.report = VM_TRY(load_confirmed(journal));
  if (std::exchange(journal.is_cleared, false)) VM_TRY_VOID(store_.write_journal(journal));
  return result;
}

base::Result<apply::Report> Manager::load_baseline(const std::vector<net::Prefix>& management) {
  const ir::Ruleset ruleset = compile::baseline(management);
  const apply::Circumstances around = VM_TRY(apply::look_around(kernel_));
  const apply::BackendChoice choice =
      VM_TRY(apply::choose_backend(std::nullopt, around, apply::needs_of(ruleset), /*force=*/true));
  return load(ruleset, options_for(choice.backend));
}

base::Result<apply::Report> Manager::load_confirmed(const Journal& journal) {
  if (!journal.confirmed) return apply::clear(kernel_, load_);
  return load(*journal.find(*journal.confirmed));
}

base::Result<apply::Report> Manager::load(const history::Generation& generation, TimedSets sets) {
  const auto checked = VM_TRY(read_generation(store_, generation));
  return load(checked->policy, generation, sets);
}

base::Result<apply::Report> Manager::load(const sema::Policy& policy, const history::Generation& generation,
                                          TimedSets sets) {
  // It stood beside the rules of others before.
  const Plan plan = VM_TRY(make_plan(kernel_, policy, {.backend = engine_named(generation.backend), .force = true}));
  return load(plan.ruleset, options_for(plan.choice.backend, generation), sets);
}

apply::Options Manager::options_for(apply::Backend backend) const {
  apply::Options options = load_;
  options.backend = backend;
  return options;
}

apply::Options Manager::options_for(apply::Backend backend, const history::Generation& generation) const {
  apply::Options options = options_for(backend);
  options.comments = generation.comments;
  return options;
}

base::Result<apply::Report> Manager::load(const ir::Ruleset& ruleset, apply::Options options, TimedSets sets) {
  const apply::Backend backend = options.backend;
  options.lock = VM_TRY(apply::take_lock(kernel_, load_));
  options.checks_sets = sets == TimedSets::Refill;
  const auto prepared = beside_ != nullptr ? beside_->prepare(ruleset, backend, sets) : base::Result<void>();
  auto loaded = apply::apply(kernel_, ruleset, options);
  if (!loaded) {
    const auto abandoned = beside_ != nullptr ? beside_->abandon(ruleset, backend) : base::Result<void>();
    if (!abandoned) loaded.error().message += "; sets are left in the kernel: " + abandoned.error().message;
    return loaded;
  }
  apply::Report report = std::move(*loaded);
  if (!prepared) report.warnings.push_back(prepared.error().message);
  return report;
}

base::Result<WentBack> Manager::go_back(Journal& journal, const history::Actor& who, const std::string& reason) {
  WentBack result{.from = journal.pending->generation, .to = journal.confirmed, .reason = reason, .report = {}};
  auto report = load_confirmed(journal);
  if (!report) {
    const std::string target =
        result.to ? fmt::format("go back to generation {}", *result.to) : std::string("go back to an open firewall");
    return std::unexpected(std::move(report.error()).within(target));
  }
  result.report = std::move(*report);
  history::dismiss(journal, event(who, reason));
  journal.is_cleared = false;
  VM_TRY_VOID(store_.write_journal(journal));
  return result;
}

/// What the rules of the generation in force have counted, before others take their place.
void Manager::keep_counters(const Journal& journal, std::vector<std::string>& warnings) {
  if (!journal.confirmed) return;
  const auto counters = apply::read_counters(kernel_, load_.state_directory);
  const auto kept =
      counters ? store_.write_counters(*journal.confirmed, to_json(*counters)) : std::unexpected(counters.error());
  if (!kept) warnings.push_back("the history has no counters: " + kept.error().message);
}

}  // namespace vuurmuur::control
