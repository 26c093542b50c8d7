// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "apply/apply.h"
#include "apply/set_store.h"
#include "apply/settings.h"
#include "backend/origin_tag.h"

namespace vuurmuur::apply {

/// Tags that are made while other things are done.
using RuleTags = std::shared_future<backend::OriginTags>;

/// Brings the tables of both families and the kernel settings from what they are to what a ruleset says, or leaves
/// everything as it was. The caller holds the xtables lock.
///
/// Each table is one commit, and what happens to a packet is the work of several, so the order of commits is such that
/// in every state between two of them each connection is treated by one generation of rules as a whole
/// (doc/decisions/0013-a-reload-nobody-notices.md): sets and settings that come first; raw with what both generations
/// drop; mangle; filter with both, nat with the new rules and a tag that tells filter which generation saw the
/// connection; filter with the new rules alone, nat without the tag, raw without the old rules; the other settings;
/// sets that no rule asks any more go. What does not change, or changes alone, is one commit or none. IPv6 before IPv4,
/// or beside it where both are large: a packet is of one family, so that what holds between two commits holds in each
/// family by itself, and the kernel works on both at once.
///
/// When nothing of ours stands in filter yet, or a transaction was killed, a guard (guard.h) comes first instead.
///
/// On failure the commits are taken back from the last to the first, through the same states.
class Transaction {
 public:
  enum class Purpose {
    Apply,
    TakeOver,  ///< rules of ours are in force in nf_tables, so that nothing has to be kept out meanwhile; no guard
    Clear,     ///< the ruleset is empty; filter gets its policies back even when nothing of ours is there; no guard
  };
  /// `tags`: what rules carry instead of comments; not valid when they carry comments.
  Transaction(Kernel& kernel, const ir::Ruleset& ruleset, const Options& options, Purpose purpose, RuleTags tags = {});

  /// Once.
  [[nodiscard]] base::Result<void> run();

  /// After a run() that took over: takes it back, because of that error, and says in it what was not possible.
  void undo(base::Error& error) { roll_back(error); }

  /// After run().
  [[nodiscard]] std::vector<std::string> warnings() const;

 private:
  /// What a commit does to a table.
  enum class Phase : std::uint8_t {
    Guard,     ///< filter: new connections are kept out
    Together,  ///< raw, filter: the new generation stands beside the old one
    Tagged,    ///< nat: the new content, and it tells
    Content,
  };

  /// How it is with one table.
  struct TableState {
    net::Family family = net::Family::Ipv4;
    ir::TableName name = ir::TableName::Filter;
    std::future<base::Result<std::unique_ptr<KernelTable>>> opening{};  ///< begun for a large one
    std::unique_ptr<KernelTable> edited{};                              ///< read and changed in memory, not committed
    std::unique_ptr<KernelTable> behind{};                              ///< the same for the commit after that
    bool is_changed = false;                                            ///< whether its content is not what is wanted
    bool is_unsettled = false;  ///< nothing of ours was in it, or something of a killed transaction
    bool can_hold_two = true;   ///< see can_add_generation()
    std::vector<std::string> warnings{};
  };

  struct Step {
    TableState* table = nullptr;
    Phase phase = Phase::Content;
    int rank = 0;  ///< steps are done in its order
    std::optional<TableSnapshot> before{};
    bool is_done = false;
    bool is_refused = false;  ///< by the kernel, not by what had to be done before it was asked
  };

  [[nodiscard]] base::Result<void> prepare_all();
  [[nodiscard]] base::Result<void> commit_all();
  void roll_back(base::Error& error);

  [[nodiscard]] bool has_family(net::Family family) const;
  [[nodiscard]] bool is_unsettled(net::Family family);
  [[nodiscard]] TableState& state(net::Family family, ir::TableName name);
  void start_opening(TableState& state);
  [[nodiscard]] base::Result<bool> open_if_concerned(TableState& state);
  void plan(net::Family family);
  [[nodiscard]] base::Result<void> edit(TableState& state, Phase phase);
  [[nodiscard]] base::Result<void> edit_contents();
  [[nodiscard]] base::Result<void> begin_behind_guard(TableState& state);
  [[nodiscard]] std::launch way_of(const TableState& state) const;
  [[nodiscard]] base::Result<void> edit_content(TableState& state, const ir::Table& content);
  [[nodiscard]] base::Result<void> commit_together(std::span<Step> steps);
  [[nodiscard]] std::size_t together(std::span<const Step> steps) const;
  [[nodiscard]] base::Result<std::string> commit(Step& step);
  [[nodiscard]] base::Error refusal(const Step& step, const base::Error& error);
  [[nodiscard]] const ir::Table& wanted(const TableState& state) const;
  [[nodiscard]] backend::TextOptions text_options() const;
  void tell(const std::string& message) const;

  Kernel& kernel_;
  const ir::Ruleset& ruleset_;
  const Options& options_;
  Purpose purpose_;
  RuleTags tags_;
  SetStore sets_;
  Settings settings_;
  std::vector<TableState> states_;  ///< raw, mangle, nat, filter
  std::vector<Step> steps_;         ///< in the order of their commits
  std::vector<std::string> warnings_;
};

}  // namespace vuurmuur::apply
