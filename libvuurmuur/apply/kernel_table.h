// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apply/counters.h"
#include "backend/entry_buffer.h"
#include "base/result.h"
#include "ir/ruleset.h"
#include "net/address.h"

namespace vuurmuur::apply {

/// What a built-in chain does with packets that no rule decided.
struct Policy {
  bool drop = false;
  Counters counters;
};

/// A table exactly as the kernel gave it, counters included; only the Kernel that made it can read it. Copies share
/// the entries.
struct TableSnapshot {
  net::Family family = net::Family::Ipv4;
  ir::TableName table = ir::TableName::Filter;
  std::vector<std::byte> info;                 ///< struct ipt_getinfo, which ip6t_getinfo equals
  std::shared_ptr<const std::byte[]> entries;  ///< what IPT_SO_GET_ENTRIES gave
  std::size_t size = 0;                        ///< of the entries, in bytes

  [[nodiscard]] std::span<const std::byte> bytes() const { return {entries.get(), size}; }
};

/// One rule of what a chain is to hold: either one that it has and keeps, or a new one.
class RulePlan {
 public:
  /// The rule that stands at that position now, bit for bit, with what it counts until the commit.
  static RulePlan keep(std::uint32_t position) { return {position, Kind::Kept}; }
  /// The next of the new entries, which begins to count at zero.
  static RulePlan add() { return {0, Kind::New}; }
  /// The next of the new entries; it goes on counting where the rule at that position, which it takes the place of,
  /// ends. No two rules may go on from the same one.
  static RulePlan add_continuing(std::uint32_t position) { return {position, Kind::Continuing}; }

  [[nodiscard]] bool is_kept() const { return kind_ == Kind::Kept; }
  /// Of the rule that is kept or whose counters go on; nothing for one that begins at zero.
  [[nodiscard]] std::optional<std::uint32_t> position() const {
    return kind_ == Kind::New ? std::nullopt : std::optional(position_);
  }

 private:
  enum class Kind : std::uint8_t { Kept, New, Continuing };
  RulePlan(std::uint32_t position, Kind kind) : position_(position), kind_(kind) {}

  std::uint32_t position_;
  Kind kind_;
};

/// One table of one family, read from the kernel and changed in memory; nothing is in force before commit(). Entries
/// are struct ipt_entry or ip6t_entry.
class KernelTable {
 public:
  virtual ~KernelTable() = default;

  /// All chains, the built-in ones first.
  [[nodiscard]] virtual std::vector<std::string> chains() = 0;
  /// Of a built-in chain; nothing for others.
  [[nodiscard]] virtual std::optional<Policy> policy(const std::string& chain) = 0;
  /// The entries of a chain one after the other, null at the end. Only one walk at a time; a change of the chain ends
  /// it and makes its entries invalid. Their counters are those at the time of reading.
  [[nodiscard]] virtual const void* first_rule(const std::string& chain) = 0;
  [[nodiscard]] virtual const void* next_rule(const void* entry) = 0;
  /// The target or chain of an entry of this table; empty when it has none.
  [[nodiscard]] virtual std::string_view target_of(const void* entry) = 0;
  /// How many rules jump to a chain.
  [[nodiscard]] virtual unsigned references(const std::string& chain) = 0;

  [[nodiscard]] virtual base::Result<void> create_chain(const std::string& chain) = 0;
  /// Of an empty chain that nothing jumps to.
  [[nodiscard]] virtual base::Result<void> delete_chain(const std::string& chain) = 0;
  /// Makes a chain hold these rules and no others. `entries` has the new ones one behind the other, each naming its
  /// target or chain as backend::encode_entry() writes it; chains that they jump to are there already. The counters in
  /// them are not looked at. They may be written to, and so may the room around them that holds nothing. Rules that are
  /// kept come in the order in which they stand.
  [[nodiscard]] virtual base::Result<void> set_rules(const std::string& chain, backend::EntryBlock entries,
                                                     std::span<const RulePlan> plan) = 0;
  /// What a built-in chain does at its end; it goes on counting.
  [[nodiscard]] virtual base::Result<void> set_policy(const std::string& chain, bool drop) = 0;

  /// The table as it was read. Before commit().
  [[nodiscard]] virtual base::Result<TableSnapshot> before() = 0;

  /// The table as it will be when this one, which is not changed any more, has been committed: to be changed and
  /// committed then. Null where that cannot be told.
  [[nodiscard]] virtual base::Result<std::unique_ptr<KernelTable>> behind() { return std::unique_ptr<KernelTable>(); }

  /// Puts the table in force as a whole, or fails with the kernel's errno and changes nothing. EAGAIN: somebody changed
  /// the table since it was read. A table that was not changed is not written. The last call on a table.
  ///
  /// What a rule counts while the tables are exchanged is added to the rule that goes on from it; gives a warning, else
  /// empty text, when the kernel took the rules but not the counters of before.
  [[nodiscard]] virtual base::Result<std::string> commit() = 0;
};

/// "table filter (IPv4)".
[[nodiscard]] std::string describe(net::Family family, ir::TableName table);

/// Whether a chain is one of ours by its name.
[[nodiscard]] inline bool is_own_chain(std::string_view name) { return name.starts_with(ir::kOwnPrefix); }

}  // namespace vuurmuur::apply
