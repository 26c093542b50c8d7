// SPDX-License-Identifier: GPL-2.0-or-later
// nf_tables in memory: takes transactions as the kernel gets them, and keeps names and numbers of what they make.
#pragma once
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "apply/nft_tables.h"

namespace vuurmuur::apply::test {

struct FakeNftChain {
  bool is_base = false;
  bool drops = false;  ///< policy of a base chain
  std::size_t rules = 0;
  std::string content{};  ///< the messages that made them, as far as they tell what is in the rules
  bool operator==(const FakeNftChain&) const = default;
};

struct FakeNftTable {
  std::map<std::string, FakeNftChain> chains;
  std::map<std::string, std::size_t> sets;       ///< with the number of their elements
  std::map<std::string, std::uint32_t> objects;  ///< with their types
  bool operator==(const FakeNftTable&) const = default;
};

class FakeNft {
 public:
  std::map<net::Family, FakeNftTable> tables;
  std::uint32_t generation = 1;
  std::map<net::Family, std::vector<ir::NfqueueTarget>> queues;  ///< ways of queueing in the rules
  std::map<net::Family, std::vector<NftCounter>> counters;
  std::map<net::Family, std::string> printed;
  std::size_t waiting = 0;  ///< packets in queues
  std::size_t rules_written = 0;  ///< by all transactions
  /// A message about something of that name is refused with this errno: a chain, the chain of a rule, a set, an object.
  std::string refused_name;
  int refused_code = 0;

  [[nodiscard]] NftTable read(net::Family family) const;
  [[nodiscard]] std::expected<void, NftRefusal> commit(std::span<const std::byte> transaction);
  /// A line for each table, chain, set and object.
  [[nodiscard]] std::string text() const;
};

}  // namespace vuurmuur::apply::test
