// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apply/kernel.h"
#include "apply/rule_engine.h"
#include "base/result.h"
#include "ir/marks.h"
#include "ir/ruleset.h"

namespace vuurmuur::apply {

struct NftMemory;

/// How long a load waits for another program that holds the xtables lock when nothing else is wished, and the longest
/// that the daemon waits for anybody: longer than any iptables program works on a table that it was asked to change
/// once, and short enough for a machine that starts.
inline constexpr std::chrono::seconds kLockPatience{30};

/// Rules of both families in xtables up to which they carry comments when nothing else is wished. Of more nobody reads
/// a list, while more than half of what the kernel has to copy for one are comments.
inline constexpr std::size_t kMostCommentedRules = 10'000;

/// The lock that all iptables programs share, until the last who has it lets go.
using XtablesLock = std::shared_ptr<const base::UniqueFd>;

struct Options {
  Backend backend = Backend::Xtables;
  /// The families whose rules are loaded. Those of others stay as they are: they are in force already, by a load of the
  /// caller's, and what others have changed there since is left alone. All are loaded where rules of ours are in the
  /// other engine.
  std::vector<net::Family> families{net::kFamilies.begin(), net::kFamilies.end()};
  /// Whether rules carry their origin as a comment. Left open, those of nf_tables do, and those of xtables unless there
  /// are more than kMostCommentedRules of them. Rules of xtables without comments carry tags.
  std::optional<bool> comments{};
  /// Where the kernel settings of before the first apply are kept until clear restores them, and what rules with tags
  /// are called (RuleLabels). Lost at a reboot, as they are.
  std::string state_directory = "/run/vuurmuur";
  /// How long to wait for another program that holds the xtables lock.
  Patience lock_patience = kLockPatience;
  /// The lock, where the caller has it already.
  XtablesLock lock = nullptr;
  /// Whether elements of sets that are there may be others than their names tell, because another program changed them:
  /// then they are put right.
  bool checks_sets = false;
  /// What the last load left in nf_tables, for this one and from it; may be null.
  NftMemory* nft_memory = nullptr;
  /// Told what is being done and for what it waits, for people; may be empty. Called by the thread that applies.
  std::function<void(std::string_view)> progress;
  /// Tables of xtables that are to have at least so many rules are worked on beside each other, by threads; for fewer a
  /// thread is not worth its making.
  std::size_t worth_thread = 4000;
};

struct Report {
  /// Things the user should know although all went well ("chain FORWARD: a rule that is not Vuurmuur's accepts
  /// everything before ours").
  std::vector<std::string> warnings;
  std::size_t rules = 0;              ///< of ours now in the kernel, both families
  std::size_t ended_connections = 0;  ///< live connections of blocked addresses that were ended
};

/// Loads a ruleset into the engine that the options say: into xtables every table in one commit, in an order that
/// treats each connection by one generation of rules; into nf_tables everything in one. When rules of ours are in the
/// other engine, they go as soon as the new ones are in force. On failure everything is as it was before and the error
/// names the rule and the line of the configuration that the kernel refused, as far as that can be found out. Chains,
/// jumps and counters of others stay.
[[nodiscard]] base::Result<Report> apply(Kernel& kernel, const ir::Ruleset& ruleset, const Options& options = {});

/// The lock as the options say: the caller's, or taken. Error code ETIMEDOUT: another program has it.
[[nodiscard]] base::Result<XtablesLock> take_lock(Kernel& kernel, const Options& options);

/// Takes all of ours out of both engines of the kernel: own chains, the jumps to them, policies back to ACCEPT, kernel
/// settings back to what they were. Chains of others and the user's hook chains stay.
[[nodiscard]] base::Result<Report> clear(Kernel& kernel, const Options& options = {});

struct ListedRule {
  std::uint64_t packets = 0, bytes = 0;
  /// As iptables-save or nft prints it, without "-A CHAIN ", its comment and its counter.
  std::string text;
  std::string origin;  ///< text of its comment match; empty when there is none
};

struct ListedChain {
  std::string name;
  std::string policy;                    ///< "ACCEPT" or "DROP" for a built-in chain, else empty
  std::uint64_t packets = 0, bytes = 0;  ///< that met the policy
  bool own = false;                      ///< ours by its name
  std::vector<ListedRule> rules;
};

struct ListedTable {
  Backend engine = Backend::Xtables;
  net::Family family = net::Family::Ipv4;
  ir::TableName table = ir::TableName::Filter;
  std::vector<ListedChain> chains;
};

/// What the kernel holds now, tables in the order IPv4 raw, mangle, nat, filter, then IPv6, those of xtables before
/// ours of nf_tables; tables that it does not have loaded are left out as far as that can be seen without loading them.
[[nodiscard]] base::Result<std::vector<ListedTable>> list(Kernel& kernel, const std::string& state_directory);

/// The ways of queueing that live connections use: for every queue number in the mark of a live connection the NFQUEUE
/// target that the kernel's current rules have for it, or a plain one when there is none.
[[nodiscard]] base::Result<std::vector<ir::NfqueueTarget>> live_queues(Kernel& kernel, const ir::MarkLayout& layout);

}  // namespace vuurmuur::apply
