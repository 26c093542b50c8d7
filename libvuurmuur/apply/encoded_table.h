// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "backend/entry_buffer.h"
#include "backend/iptables_save.h"
#include "ir/ruleset.h"

namespace vuurmuur::apply {

/// The rules of a chain as kernel entries, one behind the other.
class EncodedChain {
 public:
  EncodedChain(backend::EntryBlock block, std::span<const std::uint32_t> ends)
      : block_(std::move(block)), ends_(ends) {}

  [[nodiscard]] std::size_t size() const { return ends_.size(); }
  [[nodiscard]] std::span<const std::byte> operator[](std::size_t index) const {
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
    return block_.bytes.subspan(begin, ends_[index] - begin);
  }
  /// All of them, to be given away.
  [[nodiscard]] const backend::EntryBlock& block() const { return block_; }

 private:
  backend::EntryBlock block_;
  std::span<const std::uint32_t> ends_;  ///< of each entry, counted from the first one's beginning
};

/// The rules of all chains of ours and of what the built-in chains hold of ours. Chains of ours stand in the order in
/// which the kernel's table has them, with the room between them that it needs there, and with some before and behind:
/// a table that is new can so become the request where it stands (see TableImage).
class EncodedTable {
 public:
  EncodedTable(const ir::Ruleset& ruleset, const ir::Table& table, net::Family family,
               const backend::TextOptions& options);

  /// `chain`: of the table that was encoded, ours or built-in. Each can be given away once.
  [[nodiscard]] EncodedChain chain(ir::ChainId chain) const;
  /// Chains of ours in the order in which the kernel's table has them: by name.
  [[nodiscard]] std::span<const ir::ChainId> own_chains() const { return own_chains_; }

 private:
  struct Place {
    backend::EntryBlock block;
    std::size_t begin = 0, end = 0;  ///< in ends_
  };

  std::vector<Place> places_;  ///< by the chain's number
  std::vector<std::uint32_t> ends_;
  std::vector<ir::ChainId> own_chains_;
};

}  // namespace vuurmuur::apply
