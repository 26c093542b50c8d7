// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apply/counters.h"
#include "base/result.h"
#include "ir/ruleset.h"
#include "net/address.h"

namespace vuurmuur::apply {

/// What a built-in chain does with packets that no rule decided.
struct Policy {
  bool drop = false;
  Counters counters;
};

/// One table of one family, read from the kernel and changed in memory; nothing is in force before commit(). Entries
/// are struct ipt_entry or ip6t_entry; given to append and insert they name their target or chain as
/// backend::encode_entry() writes it, and the counters in them are the rule's first counters.
class KernelTable {
 public:
  virtual ~KernelTable() = default;

  /// All chains, the built-in ones first.
  [[nodiscard]] virtual std::vector<std::string> chains() = 0;
  /// Of a built-in chain; nothing for others.
  [[nodiscard]] virtual std::optional<Policy> policy(const std::string& chain) = 0;
  /// The entries of a chain one after the other, null at the end. Only one walk at a time; a change of the chain ends
  /// it and makes its entries invalid.
  [[nodiscard]] virtual const void* first_rule(const std::string& chain) = 0;
  [[nodiscard]] virtual const void* next_rule(const void* entry) = 0;
  /// The target or chain of an entry of this table; empty when it has none.
  [[nodiscard]] virtual std::string_view target_of(const void* entry) = 0;
  /// How many rules jump to a chain.
  [[nodiscard]] virtual unsigned references(const std::string& chain) = 0;

  [[nodiscard]] virtual base::Result<void> create_chain(const std::string& chain) = 0;
  /// Of an empty chain that nothing jumps to.
  [[nodiscard]] virtual base::Result<void> delete_chain(const std::string& chain) = 0;
  [[nodiscard]] virtual base::Result<void> flush(const std::string& chain) = 0;
  [[nodiscard]] virtual base::Result<void> append(const std::string& chain, std::span<const std::byte> entry) = 0;
  /// Before the rule that is at `position`, counted from 0; at the end when it is their number.
  [[nodiscard]] virtual base::Result<void> insert(const std::string& chain, std::span<const std::byte> entry,
                                                  unsigned position) = 0;
  [[nodiscard]] virtual base::Result<void> erase(const std::string& chain, unsigned position) = 0;
  [[nodiscard]] virtual base::Result<void> set_policy(const std::string& chain, const Policy& policy) = 0;

  /// Puts the table in force as a whole, or fails with the kernel's errno and changes nothing. EAGAIN: somebody changed
  /// the table since it was read. A table that was not changed is not written. The last call on a table.
  [[nodiscard]] virtual base::Result<void> commit() = 0;
};

/// "table filter (IPv4)".
[[nodiscard]] std::string describe(net::Family family, ir::TableName table);

/// Whether a chain is one of ours by its name.
[[nodiscard]] inline bool is_own_chain(std::string_view name) { return name.starts_with(ir::kOwnPrefix); }

}  // namespace vuurmuur::apply
