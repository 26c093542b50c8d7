// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "apply/apply.h"
#include "apply/connection_review.h"
#include "base/result.h"
#include "control/blocks.h"
#include "control/checked_policy.h"
#include "control/clock.h"
#include "control/plan.h"
#include "history/store.h"

namespace vuurmuur::control {

/// What is to be applied, and how.
struct Request {
  std::string directory;                    ///< of the configuration, as the user named it
  base::Result<std::string> configuration;  ///< the files that the plan was made of: Store::packed_configuration()
  const Plan& plan;
  history::Actor who;
  std::string comment;
  std::optional<history::Number> copy_of;       ///< when it is a former generation's configuration
  std::optional<std::chrono::seconds> confirm;  ///< taken back after that time unless it is confirmed
  apply::LiveConnections connections = apply::LiveConnections::Keep;
  std::function<void()> on_in_force{};  ///< called when the rules are, before what can wait is done; may be empty
};

struct Applied {
  history::Number generation = 0;
  std::optional<history::Number> replaced;  ///< the generation that waited for its confirmation
  /// When it is taken back, and what comes back then (nothing: an open firewall, as before the first).
  std::optional<history::Moment> deadline;
  std::optional<history::Number> goes_back_to;
  apply::Report report;
  /// What the rules say of connections that live; nothing when they were not asked. An error: they are in force, but
  /// connections that they would treat otherwise go on, all or some of them.
  std::optional<base::Result<apply::ConnectionReport>> connections{};
};

/// What was put in force instead of what was.
struct WentBack {
  std::optional<history::Number> from;  ///< the generation that was taken back
  std::optional<history::Number> to;    ///< the one in force; nothing: none, the firewall is open
  std::string reason;
  apply::Report report;
};

/// What has to be in the kernel beside rules.
class Beside {
 public:
  virtual ~Beside() = default;
  /// Called before a ruleset is loaded into an engine; when it fails, that is a warning.
  [[nodiscard]] virtual base::Result<void> prepare(const ir::Ruleset& ruleset, apply::Backend backend,
                                                   TimedSets those_there) = 0;
  /// The ruleset was refused: what was prepared for it alone goes.
  [[nodiscard]] virtual base::Result<void> abandon(const ir::Ruleset& ruleset, apply::Backend backend) = 0;
};

/// Brings configurations into force and back, each step in the journal before it is done, so that after a stop at any
/// moment recover() finds what there is to do. The caller has the store's turn (history::take_store_lock) for as long
/// as he uses it.
class Manager {
 public:
  /// `load` are the options of every load; the backend in it is not looked at. `beside` may be null.
  Manager(apply::Kernel& kernel, history::Store& store, const Clock& clock, apply::Options load,
          Beside* beside = nullptr)
      : kernel_(kernel), store_(store), clock_(clock), load_(std::move(load)), beside_(beside) {}

  /// Puts a configuration in force as a new generation, in place of one that waits for its confirmation if one does.
  /// When that is refused, everything is as it was.
  [[nodiscard]] base::Result<Applied> apply(const Request& request);

  /// The generation that waits is confirmed; gives its number. Fails when none waits.
  [[nodiscard]] base::Result<history::Number> confirm(const history::Actor& who);

  /// Another program changed rules of ours: notes that in the history of the generation in force and, with `repair`,
  /// loads it again, and what `sets` says.
  [[nodiscard]] base::Result<void> drifted(const history::Actor& by, const std::string& detail, bool repair,
                                           const history::Actor& who, TimedSets sets = TimedSets::Keep);
  /// Loads the generation in force again, which means something else by now (surroundings.h): this policy. `memo` is that of
  /// the last time with this generation. Fails when it is another one that is in force.
  [[nodiscard]] base::Result<apply::Report> follow(history::Number generation, const sema::Policy& policy,
                                                   PlanMemo& memo);

  /// What drifted is as it shall be again, without our doing.
  [[nodiscard]] base::Result<void> drift_is_over(const history::Actor& who);

  /// Takes the generation that waits back. Fails when none waits.
  [[nodiscard]] base::Result<WentBack> take_back(const history::Actor& who, const std::string& reason);

  /// Takes all of ours out of the kernel; a generation that waits is taken back. The confirmed one comes back with the
  /// next restore().
  [[nodiscard]] base::Result<apply::Report> clear(const history::Actor& who);

  /// Does what the last run left to do: takes back what was being applied, or what nobody confirmed in time. Nothing
  /// when there is nothing to do.
  [[nodiscard]] base::Result<std::optional<WentBack>> recover(const history::Actor& who);

  /// recover(), and then the confirmed generation is loaded, which changes nothing when it is in force. For a machine
  /// that has just started. Fails when none was ever confirmed.
  [[nodiscard]] base::Result<WentBack> restore(const history::Actor& who);

  /// The baseline (compile::baseline) instead of any generation; the journal is not touched.
  [[nodiscard]] base::Result<apply::Report> load_baseline(const std::vector<net::Prefix>& management);

 private:
  [[nodiscard]] history::Event event(const history::Actor& who, std::string detail = {}) const;
  [[nodiscard]] base::Result<apply::Report> load(const history::Generation& generation,
                                                 TimedSets sets = TimedSets::Keep);
  [[nodiscard]] base::Result<apply::Report> load(const sema::Policy& policy, const history::Generation& generation,
                                                 TimedSets sets = TimedSets::Keep);
  [[nodiscard]] base::Result<apply::Report> load_confirmed(const history::Journal& journal);
  [[nodiscard]] base::Result<WentBack> go_back(history::Journal& journal, const history::Actor& who,
                                               const std::string& reason);
  [[nodiscard]] base::Result<apply::Report> load(const ir::Ruleset& ruleset, apply::Options options,
                                                 TimedSets sets = TimedSets::Keep);
  [[nodiscard]] apply::Options options_for(apply::Backend backend) const;
  /// As the generation was applied.
  [[nodiscard]] apply::Options options_for(apply::Backend backend, const history::Generation& generation) const;
  void keep_counters(const history::Journal& journal, std::vector<std::string>& warnings);

  apply::Kernel& kernel_;
  history::Store& store_;
  const Clock& clock_;
  apply::Options load_;
  Beside* beside_;
};

/// "generation 12", or "an open firewall" for none.
[[nodiscard]] std::string name_of(std::optional<history::Number> generation);

/// The engine that a generation names.
[[nodiscard]] std::optional<model::Backend> engine_named(std::string_view name);

/// A ruleset as text, for people, in the form of an engine: as iptables-save or as nft would print it.
[[nodiscard]] std::string text_of(const ir::Ruleset& ruleset, std::string_view engine);

/// The policy of a generation as it is in the store, read again. `names`: nothing for those that are known.
[[nodiscard]] base::Result<std::unique_ptr<CheckedPolicy>> read_generation(const history::Store& store,
                                                                           const history::Generation& generation,
                                                                           const NameSource& names = {});

}  // namespace vuurmuur::control
