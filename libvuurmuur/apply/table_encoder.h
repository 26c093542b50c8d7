// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
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

/// Encodes the chains of ours of a table, and what the built-in ones hold of ours. A chain is encoded when it is asked
/// for, so that who makes use of it finds it in the processor's cache: a large table is many times what fits there.
/// Chains of ours that are asked for in the order in which the kernel's table has them stand as they have to stand
/// there, with the room between them that it needs, and with some before and behind: a table that is new can so become
/// the request where it stands (see TableImage).
class TableEncoder {
 public:
  /// What is given is referred to.
  TableEncoder(const ir::Ruleset& ruleset, const ir::Table& table, net::Family family, backend::TextOptions options);

  /// `chain`: of the table, ours or built-in. Each once; what is given is valid as long as the encoder.
  [[nodiscard]] EncodedChain encode(ir::ChainId chain);
  /// Chains of ours in the order in which the kernel's table has them: by name.
  [[nodiscard]] std::span<const ir::ChainId> own_chains() const { return own_chains_; }

 private:
  const ir::Ruleset& ruleset_;
  const ir::Table& table_;
  net::Family family_;
  backend::TextOptions options_;
  std::vector<ir::ChainId> own_chains_;
  std::size_t turn_ = 0;                 ///< the place in it of the next one, as long as they are asked for in order
  std::size_t between_;                  ///< bytes between two chains of ours: a RETURN and a name
  backend::EntryBuffer own_, built_in_;  ///< of both kinds of chains
  std::vector<std::uint32_t> ends_;      ///< of all entries; has room for all, so it stays where it is
};

}  // namespace vuurmuur::apply
