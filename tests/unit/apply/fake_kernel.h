// SPDX-License-Identifier: GPL-2.0-or-later
// A kernel in memory: holds tables as libiptc shows them, tells every step it is asked for, and can fail any of them.
// Tables may be opened, asked and committed by threads; each step is one piece.
#pragma once
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apply/kernel.h"
#include "base/memory_file_system.h"
#include "fake_nft.h"

namespace vuurmuur::apply::test {

/// An entry as libiptc gives it back: verdicts and jumps have no name in it, but are named beside it.
struct FakeRule {
  std::vector<std::byte> entry;
  std::string target;
};

struct FakeChain {
  std::string name;
  std::optional<Policy> policy;  ///< of a built-in chain
  std::vector<FakeRule> rules;
};

struct FakeTable {
  std::vector<FakeChain> chains;
  unsigned version = 0;  ///< how often it was written

  [[nodiscard]] FakeChain* find(const std::string& name);
  /// An encoded entry as the table holds it.
  [[nodiscard]] FakeRule taken_over(net::Family family, std::span<const std::byte> encoded);
};

/// A set as create_set() was given it, by its index in FakeKernel::sets_by_index.
struct FakeSet {
  std::string name;
  std::vector<SetMember> members;
};

class FakeKernel final : public Kernel {
 public:
  using Key = std::pair<net::Family, ir::TableName>;

  std::map<Key, FakeTable> tables;
  std::map<std::uint16_t, FakeSet> sets_by_index;
  std::map<std::string, std::string> settings;
  base::MemoryFileSystem file_system;
  std::vector<std::uint32_t> marks;  ///< of live connections
  std::vector<net::Prefix> ended;    ///< what end_connections was asked for
  std::vector<LiveConnection> live;  ///< the table of conntrack; changes are done to it
  /// The errno with which a connection's change is refused, by its id.
  std::map<std::uint32_t, int> refused_changes;
  RoutingFacts routing;
  std::function<Route(const net::Address&)> route_to;  ///< none when it is empty
  ForeignRules nft_others;                             ///< what others have in nf_tables
  FakeNft nft;
  /// The errno with which an engine refuses everything; 0 when it is there.
  int no_xtables = 0, no_nft = 0, no_nft_queue = 0;
  std::vector<Extension> missing;  ///< what the kernel does not support
  std::vector<std::string_view> missing_set_types;
  unsigned asked_set_types = 0;  ///< how often the kernel was asked whether it has a type
  std::string refused_text;      ///< a commit with a rule whose text has this in it gives EINVAL
  /// What the kernel writes into its log about a commit with `refused_text`.
  std::vector<std::string> complaints;
  std::optional<std::uint64_t> memory;  ///< what available_memory() gives
  bool has_ipv6 = true;
  bool has_scratch = true;

  std::vector<std::string> steps;                     ///< what was asked for, in order
  std::function<int(const std::string& step)> fault;  ///< the errno for a step; 0 lets it happen

  /// The names of the sets.
  [[nodiscard]] std::vector<std::string> set_names() const;
  /// The tables that exist, without our counting of writes, as text: one line a chain or rule, with counters.
  [[nodiscard]] std::string text() const;
  /// The same of one table.
  [[nodiscard]] std::string text(net::Family family, ir::TableName table) const;
  /// A rule of somebody else at the end of a chain, which is made when missing.
  void add_foreign(net::Family family, ir::TableName table, const std::string& chain, const std::string& target,
                   Counters counters = {}, const std::string& in_interface = {});
  FakeTable& table(net::Family family, ir::TableName table);

  base::Result<base::UniqueFd> lock(const Patience& patience, const Progress& progress) override;
  bool has_family(net::Family family) override;
  bool may_have_table(net::Family family, ir::TableName table) override;
  base::Result<std::unique_ptr<KernelTable>> open_table(net::Family family, ir::TableName table) override;
  base::Result<std::uint64_t> table_size(net::Family family, ir::TableName table) override;
  base::Result<void> restore(const TableSnapshot& snapshot) override;
  bool supports(net::Family family, const Extension& extension) override;
  base::Result<std::vector<KernelSet>> sets() override;
  bool has_set_type(net::Family family, const backend::SetType& type) override;
  std::expected<std::uint16_t, SetRefusal> create_set(const ir::Set& set, const SetDetails& details) override;
  base::Result<void> destroy_set(const std::string& name) override;
  base::Result<std::vector<SetMember>> read_set(const std::string& name) override;
  base::Result<void> update_set(const std::string& name, std::span<const SetMember> members,
                                bool with_counters) override;
  base::Result<void> change_timed_set(const std::string& name, std::span<const TimedElement> added,
                                      std::span<const net::Prefix> removed) override;
  std::vector<std::string> new_log_messages() override {
    const std::lock_guard guard(mutex_);
    return std::exchange(log_, {});
  }
  base::Result<void> in_scratch_namespace(const std::function<void()>& work) override;
  std::optional<std::uint64_t> available_memory() override { return memory; }
  base::Result<std::string> read_setting(const std::string& path) override;
  base::Result<void> write_setting(const std::string& path, std::string_view value) override;
  base::FileSystem& files() override;
  base::Result<void> try_nft(NftAbility ability) override;
  base::Result<bool> has_nft_chains() override;
  base::Result<std::uint32_t> nft_generation() override;
  base::Result<NftTable> read_nft_table(net::Family family, NftParts parts) override;
  std::expected<void, NftRefusal> commit_nft(std::span<const std::byte> transaction) override;
  base::Result<std::vector<NftCounter>> nft_counters(net::Family family) override;
  base::Result<std::vector<ir::NfqueueTarget>> nft_queues(net::Family family) override;
  base::Result<std::string> print_nft_table(net::Family family) override;
  std::size_t waiting_packets() override { return nft.waiting; }
  base::Result<ForeignRules> nft_rules_of_others() override;
  base::Result<std::vector<std::uint32_t>> connection_marks(std::uint32_t value, std::uint32_t mask) override;
  base::Result<std::size_t> end_connections(std::span<const net::Prefix> addresses) override;
  base::Result<std::vector<LiveConnection>> connections() override;
  base::Result<std::vector<int>> change_connections(std::span<const ConnectionChange> changes) override;
  base::Result<RoutingFacts> routing_facts() override;
  base::Result<std::vector<Route>> find_routes(std::span<const net::Address> destinations) override;

  /// Told by a table that is committed.
  base::Result<void> commit(const Key& key, const FakeTable& changed);
  /// The same for one whose state of before is asked for.
  base::Result<TableSnapshot> snapshot(const Key& key, const FakeTable& read);

 private:
  base::Result<void> step(const std::string& what);
  std::unexpected<base::Error> complain();
  [[nodiscard]] FakeSet* find_set(const std::string& name);
  /// How many rules of all tables ask a set.
  [[nodiscard]] unsigned references(std::uint16_t index) const;

  std::mutex mutex_;  ///< held in the steps of tables
  std::vector<FakeTable> snapshots_;
  std::vector<std::string> log_;
};

/// "filter6", "raw4".
[[nodiscard]] std::string short_name(net::Family family, ir::TableName table);

}  // namespace vuurmuur::apply::test
