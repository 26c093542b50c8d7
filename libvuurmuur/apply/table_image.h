// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <linux/netfilter_ipv4/ip_tables.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "apply/counter_heirs.h"
#include "apply/kernel_table.h"

namespace vuurmuur::apply {

/// What one table is to become, ready for the kernel.
struct TableRequest {
  std::shared_ptr<std::byte[]> bytes;  ///< struct ipt_replace (ip6t_replace is the same) with its entries
  std::size_t size = 0;                ///< of it, in bytes
  /// For each new entry the number of the entry of the old table whose counters go on in it, or kFromZero.
  std::vector<std::uint32_t> old_entries;

  static constexpr std::uint32_t kFromZero = UINT32_MAX;
};

/// What the kernel gives as the table when a request has been put in force over what was there before it, as long as no
/// packet is counted. Shares the entries of the request.
[[nodiscard]] TableSnapshot snapshot_after(const TableSnapshot& before, const TableRequest& request);

/// A kernel table taken apart into chains and rules, changed, and put together again. Works on bytes alone; nothing
/// here asks the kernel.
///
/// In the kernel a table is one run of entries: each built-in chain's rules and its policy, then each user chain's name
/// (an entry with the target ERROR), rules and final RETURN, and an ERROR at the end. Jumps are offsets into the run.
/// Here rules stay where they were read or encoded and are known by pointers; only request() copies them and gives the
/// jumps their new offsets. Chains are written in the order of iptables: built-in ones by hook, others by name. Where
/// entries that were given stand already as the request needs them (TableEncoder), it is made around them, not copied.
class TableImage {
 public:
  /// Takes a snapshot apart. Fails when it has a form that no iptables program gives a table (a jump into the middle
  /// of a chain, a chain without an end), which would not survive being put together again.
  [[nodiscard]] static base::Result<TableImage> read(TableSnapshot snapshot);

  // As in KernelTable:
  [[nodiscard]] std::vector<std::string> chains() const;
  [[nodiscard]] std::optional<Policy> policy(std::string_view chain) const;
  /// The numbers of a chain's rules, for rule(): from the first up to, without it, the second. Until the next change.
  [[nodiscard]] std::pair<std::uint32_t, std::uint32_t> rules_of(std::string_view chain) const;
  [[nodiscard]] const std::byte* rule(std::uint32_t number) const { return rules_[number].entry; }
  [[nodiscard]] std::string_view target_of(const std::byte* entry) const;
  [[nodiscard]] unsigned references(std::string_view chain) const;
  [[nodiscard]] base::Result<void> create_chain(const std::string& chain);
  [[nodiscard]] base::Result<void> delete_chain(const std::string& chain);
  [[nodiscard]] base::Result<void> set_rules(const std::string& chain, backend::EntryBlock entries,
                                             std::span<const RulePlan> plan);
  [[nodiscard]] base::Result<void> set_policy(const std::string& chain, bool drop);

  [[nodiscard]] const TableSnapshot& before() const { return snapshot_; }
  [[nodiscard]] bool is_changed() const { return is_changed_; }
  /// Fails when the table would be larger than the kernel takes.
  [[nodiscard]] base::Result<TableRequest> request() const;
  /// Old entries without a rule in their place, and the new ones of the request that count on for them as well.
  [[nodiscard]] std::vector<CounterHeir> heirs() const;

 private:
  /// Where a rule's target leads to: the number of a chain, or one of these. In an entry that was given it stands in
  /// place of the verdict; in one that was read an offset does.
  using Destination = std::int32_t;
  static constexpr Destination kNextRule = INT32_MAX;  ///< no target: the packet goes on
  static constexpr Destination kNowhere = -1;          ///< a verdict or a module, not touched

  struct Rule {
    std::byte* entry;         ///< one that was read is not written to
    std::uint32_t old_entry;  ///< as TableRequest::old_entries
    Destination leads_to;
    std::uint32_t size;  ///< of the entry, in bytes
  };

  struct Chain {
    std::string name;
    std::optional<unsigned> hook;         ///< of a built-in chain
    std::uint32_t begin = 0, end = 0;     ///< of its rules in rules_
    std::byte* bytes = nullptr;           ///< of its entries where all of them were given in one piece
    bool drop = false;                    ///< the policy
    Counters policy_counters;             ///< as read
    std::uint32_t old_head = UINT32_MAX;  ///< the entry with its name
    std::uint32_t old_end = UINT32_MAX;   ///< its policy or final RETURN
    unsigned references = 0;
    bool is_deleted = false;
  };

  class Reader;
  class Writer;
  static constexpr std::uint32_t kFromZero = TableRequest::kFromZero;

  explicit TableImage(TableSnapshot snapshot);
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view chain) const;
  [[nodiscard]] base::Result<std::uint32_t> existing(const std::string& chain, std::string_view doing) const;
  [[nodiscard]] std::vector<std::uint32_t> chains_in_order() const;
  /// The block that was given with an entry.
  [[nodiscard]] const backend::EntryBlock* block_of(const std::byte* entry) const;
  /// Whether an entry was read, not given.
  [[nodiscard]] bool is_old(const std::byte* entry) const;
  /// Of an entry that was read; nothing when it leads into the middle of a chain.
  [[nodiscard]] std::optional<Destination> destination_of_old(const std::byte* entry) const;
  /// What a target's name means in this table: a verdict, a chain, no target; or, without a verdict, a module.
  struct Meaning {
    std::optional<std::int32_t> verdict;
    Destination leads_to = kNowhere;
  };
  [[nodiscard]] Meaning meaning_of(std::string_view target) const;
  /// Gives an entry that names its target the kernel's form, with the destination as its verdict.
  [[nodiscard]] base::Result<Destination> resolve(std::byte* entry);
  /// For NumberedRule::does.
  [[nodiscard]] std::string_view deed_of(const Rule& rule) const;
  void count_references(const Chain& chain, int change);
  std::uint32_t add_chain(std::string name);

  TableSnapshot snapshot_;
  ipt_getinfo info_;
  std::deque<Chain> chains_;  ///< in a deque, whose elements stay where they are: names are viewed
  std::unordered_map<std::string_view, std::uint32_t> by_name_;
  std::vector<Rule> rules_;                 ///< a chain's rules stand together; those of before a change stay unused
  std::vector<backend::EntryBlock> added_;  ///< the entries that were given, which rules_ points into
  std::vector<std::pair<std::uint32_t, std::uint32_t>> starts_;  ///< offset of a chain's first entry, chain; ascending
  /// The name that was asked for last, as it stands in an entry: neighbours often have the same target.
  std::array<char, XT_EXTENSION_MAXNAMELEN> last_target_{};
  std::optional<Meaning> last_meaning_;  ///< of it, until chains come or go
  bool is_changed_ = false;
};

}  // namespace vuurmuur::apply
