// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backend/nft_message.h"
#include "backend/nft_program.h"

namespace vuurmuur::backend::nft {

/// What a counter has counted.
struct Counted {
  std::uint64_t packets = 0, bytes = 0;
  bool operator==(const Counted&) const = default;
};

/// What the kernel has in our table of a family, as listings found it. Names of things that are not ours may be in it:
/// they are left alone.
struct Existing {
  struct Chain {
    std::string name;
    bool is_base = false;
    std::optional<std::uint64_t> print{};  ///< of its rules, where they are known (nft_prints.h)
  };
  struct Object {
    std::string name;
    std::uint32_t type = 0;  ///< NFT_OBJECT_COUNTER or NFT_OBJECT_CT_HELPER of linux/netfilter/nf_tables.h
    std::string label{};     ///< of a counter: its comment
    Counted counted{};
  };
  bool has_table = false;
  std::vector<Chain> chains;
  std::vector<std::string> sets;  ///< without anonymous ones
  bool are_sets_doubtful = false; ///< their elements may be others than their names tell: they are filled anew
  std::vector<Object> objects;
};

/// What a message of a batch is about, for faults that the kernel reports by sequence number.
struct Subject {
  enum class Kind : std::uint8_t {
    Batch,  ///< its beginning or end
    Table,
    Counter,   ///< Program::counters[index]
    Helper,    ///< Program::helpers[index]
    Set,       ///< Program::sets[index] and its elements
    Chain,     ///< Program::chains[index]
    Rule,      ///< Program::chains[index].rules[rule]
    OldRules,  ///< what stood in Existing::chains[index]
    OldChain,  ///< Existing::chains[index]
    OldSet,    ///< Existing::sets[index]
    OldObject  ///< Existing::objects[index]
  };
  Kind kind = Kind::Batch;
  net::Family family = net::Family::Ipv4;
  Index index = 0, rule = 0;
  bool operator==(const Subject&) const = default;
};

/// What is done with elements of a set that is in force.
enum class ElementChange : std::uint8_t {
  Add,     ///< EEXIST when one is there
  Remove,  ///< ENOENT when one is not
};

/// The netlink messages of one transaction, for NETLINK_NETFILTER. The kernel does all of it or nothing. None of them
/// asks for an acknowledgement: it answers only with errors, by sequence number.
class Batch {
 public:
  /// `generation`: the number of the ruleset that Existing was read from (NFT_MSG_GETGEN); the kernel refuses with
  /// ERESTART when it is another by now.
  explicit Batch(std::optional<std::uint32_t> generation = {});
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  /// Appends what makes of the existing table of a family the program's:
  /// - the table, counters, helpers, sets with elements and chains that are not there; what is there stays as it is (a
  ///   name tells a set's content; counters keep their values), but base chains get the program's policy; a counter
  ///   whose rule only got another number begins with what the old one has (nft_heirs.h);
  /// - its rules, in exchange for all that are in chains of ours; chains of others are not touched;
  /// - chains, sets, counters and helpers of ours that the program does not have are deleted; base chains stay, without
  /// rules
  ///   and with policy accept.
  /// An empty program for a family without a table appends nothing. Chains whose print is that of the existing ones are
  /// left as they are; `prints`: chain_prints(), or none.
  void add_program(const Program& program, const Existing& existing = {},
                   std::span<const std::optional<std::uint64_t>> prints = {});

  /// Appends what makes the table of a family, and the sets of a program without their elements, when they are missing;
  /// nothing else of the program.
  void make_sets(const Program& program);
  /// Appends what leaves the sets of a program, which are there, without elements.
  void empty_sets(const Program& program);
  /// Appends the elements of a program's sets as changes of those that are there.
  void change_elements(const Program& program, ElementChange change);

  /// Appends the deletion of the family's whole table, base chains and users' own rules included.
  void delete_table(net::Family family);

  /// Whether nothing was appended.
  [[nodiscard]] bool is_empty() const { return subjects_.size() == 1; }

  /// The messages with NFNL_MSG_BATCH_BEGIN before and NFNL_MSG_BATCH_END behind them; nothing can be appended any
  /// more.
  [[nodiscard]] std::span<const std::byte> finish();

  /// By sequence number, from 0 for the beginning of the batch.
  [[nodiscard]] const std::vector<Subject>& subjects() const { return subjects_; }

 private:
  class Family;

  MessageBuffer bytes_;
  MessageWriter out_{bytes_};
  std::vector<Subject> subjects_;
  bool is_finished_ = false;
};

}  // namespace vuurmuur::backend::nft
