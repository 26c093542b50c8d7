// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apply/foreign_rules.h"
#include "apply/kernel_set.h"
#include "apply/kernel_table.h"
#include "apply/live_connection.h"
#include "apply/nft_probe.h"
#include "apply/nft_tables.h"
#include "apply/routing.h"
#include "apply/table_visitor.h"
#include "apply/tracked_connection.h"
#include "backend/set_type.h"
#include "base/file_system.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "ir/ruleset.h"
#include "net/address.h"

namespace vuurmuur::apply {

/// Told what is being done or waited for; may be empty.
using Progress = std::function<void(std::string_view)>;

/// How long to wait for another program; nothing: for as long as it takes.
using Patience = std::optional<std::chrono::milliseconds>;

/// A match or a target as the kernel's modules name them.
struct Extension {
  bool is_target = false;
  std::string name;
  std::uint8_t revision = 0;
  bool operator==(const Extension&) const = default;
};

/// The kernel of the network namespace that the calling thread is in, behind an interface so that tests can fail any
/// step of it. By several threads at once may be called: open_table(), visit_table(), and everything of tables that are
/// different ones.
class Kernel {
 public:
  virtual ~Kernel() = default;

  /// The lock that all iptables programs share; held until the descriptor is closed. Error code ETIMEDOUT: another
  /// program did not let go of it in time.
  [[nodiscard]] virtual base::Result<base::UniqueFd> lock(const Patience& patience, const Progress& progress) = 0;

  /// Whether the kernel has the family at all (IPv6 can be left out or switched off).
  [[nodiscard]] virtual bool has_family(net::Family family) = 0;
  /// False when the table is known not to be there; reading one makes it and hooks it into every packet's way.
  [[nodiscard]] virtual bool may_have_table(net::Family family, ir::TableName table) = 0;
  [[nodiscard]] virtual base::Result<std::unique_ptr<KernelTable>> open_table(net::Family family,
                                                                              ir::TableName table) = 0;
  /// Tells the visitor what a table holds; the cheapest way to look at all of it.
  [[nodiscard]] virtual base::Result<void> visit_table(net::Family family, ir::TableName table, TableVisitor& visitor) {
    const auto opened = VM_TRY(open_table(family, table));
    walk(*opened, visitor);
    return {};
  }
  /// The same as open_table(), begun now where the kernel can read several at once; a kernel that cannot reads it when
  /// it is asked for.
  [[nodiscard]] virtual std::future<base::Result<std::unique_ptr<KernelTable>>> start_open_table(net::Family family,
                                                                                                 ir::TableName table) {
    return std::async(std::launch::deferred, [this, family, table] { return open_table(family, table); });
  }
  /// A number that stays the same while nobody adds or removes rules of a table (their size and that of their number),
  /// without reading them. Error code ENOENT: there is no such table.
  [[nodiscard]] virtual base::Result<std::uint64_t> table_size(net::Family family, ir::TableName table) = 0;
  /// Makes a table what it was, rules and counters.
  [[nodiscard]] virtual base::Result<void> restore(const TableSnapshot& snapshot) = 0;
  [[nodiscard]] virtual bool supports(net::Family family, const Extension& extension) = 0;

  /// The sets of ip_set, whoever made them; none when the kernel has not got ip_set.
  [[nodiscard]] virtual base::Result<std::vector<KernelSet>> sets() = 0;
  /// Whether ip_set has a type, in the revision that elements with counters need.
  [[nodiscard]] virtual bool has_set_type(net::Family family, const backend::SetType& type) = 0;
  /// Makes a set in the form of backend::in_kernel_form() with its elements, as a whole or not at all; gives its index.
  /// One of that name is exchanged, under the same index.
  [[nodiscard]] virtual std::expected<std::uint16_t, SetRefusal> create_set(const ir::Set& set,
                                                                            const SetDetails& details) = 0;
  /// Error code EBUSY: rules or other sets use it.
  [[nodiscard]] virtual base::Result<void> destroy_set(const std::string& name) = 0;
  [[nodiscard]] virtual base::Result<std::vector<SetMember>> read_set(const std::string& name) = 0;
  /// Gives elements that a set has other comments, and other counters when `with_counters`.
  [[nodiscard]] virtual base::Result<void> update_set(const std::string& name, std::span<const SetMember> members,
                                                      bool with_counters) = 0;

  /// Changes a timed set: adds elements or gives those that are there another time, and takes others away if they are
  /// there. Error code ENOENT: there is no such set.
  [[nodiscard]] virtual base::Result<void> change_timed_set(const std::string& name,
                                                            std::span<const TimedElement> added,
                                                            std::span<const net::Prefix> removed) = 0;

  /// What netfilter has said in the kernel's log since this was asked last; nothing when the log cannot be read.
  [[nodiscard]] virtual std::vector<std::string> new_log_messages() = 0;

  /// Runs the work in a new network namespace, which is gone afterwards; the caller stays in its own. Fails, without
  /// having run the work, when none can be made.
  [[nodiscard]] virtual base::Result<void> in_scratch_namespace(const std::function<void()>& work) = 0;

  /// The bytes that programs and kernel can still have (MemAvailable of proc_meminfo(5)); nothing when that is not
  /// known.
  [[nodiscard]] virtual std::optional<std::uint64_t> available_memory() = 0;

  /// A kernel setting by its path below /proc/sys, without the end of line. Error code ENOENT when there is none.
  [[nodiscard]] virtual base::Result<std::string> read_setting(const std::string& path) = 0;
  [[nodiscard]] virtual base::Result<void> write_setting(const std::string& path, std::string_view value) = 0;

  /// Where the state directory is.
  [[nodiscard]] virtual base::FileSystem& files() = 0;

  /// Tries what nf_tables can do; in a scratch namespace, for what it loads stays there.
  [[nodiscard]] virtual base::Result<void> try_nft(NftAbility ability) = 0;
  /// Whether nf_tables has a chain of ours, of either family.
  [[nodiscard]] virtual base::Result<bool> has_nft_chains() = 0;
  /// The number of the ruleset that nf_tables has in force; every change, by whomever, makes it another one.
  [[nodiscard]] virtual base::Result<std::uint32_t> nft_generation() = 0;
  /// Our table of a family.
  [[nodiscard]] virtual base::Result<NftTable> read_nft_table(net::Family family, NftParts parts) = 0;
  /// Puts a transaction (backend::nft::Batch) in force, as a whole or not at all. ERESTART: its
  /// generation is over.
  [[nodiscard]] virtual std::expected<void, NftRefusal> commit_nft(std::span<const std::byte> transaction) = 0;
  [[nodiscard]] virtual base::Result<std::vector<NftCounter>> nft_counters(net::Family family) = 0;
  /// The ways of queueing in our table of a family.
  [[nodiscard]] virtual base::Result<std::vector<ir::NfqueueTarget>> nft_queues(net::Family family) = 0;
  /// Our table of a family as nft prints it; empty when there is none.
  [[nodiscard]] virtual base::Result<std::string> print_nft_table(net::Family family) = 0;
  /// How many packets wait in queues (NFQUEUE) for a verdict.
  [[nodiscard]] virtual std::size_t waiting_packets() = 0;
  /// What others have in nf_tables; nothing when the kernel has no nf_tables.
  [[nodiscard]] virtual base::Result<ForeignRules> nft_rules_of_others() = 0;

  /// The different marks of live connections of both families for which (mark & mask) == value.
  [[nodiscard]] virtual base::Result<std::vector<std::uint32_t>> connection_marks(std::uint32_t value,
                                                                                  std::uint32_t mask) = 0;
  /// Ends the live connections that have one of the addresses at either end, before or behind NAT; how many.
  [[nodiscard]] virtual base::Result<std::size_t> end_connections(std::span<const net::Prefix> addresses) = 0;
  /// All live connections of both families.
  [[nodiscard]] virtual base::Result<std::vector<LiveConnection>> connections() = 0;
  /// The same one by one, with all that is told of them, until `visit` gives false: see apply::list_connections(). A
  /// kernel without it tells what connections() does.
  [[nodiscard]] virtual base::Result<void> list_connections(
      const ConnectionSelection& selection, const std::function<bool(const TrackedConnection&)>& visit) {
    static_cast<void>(selection);
    for (LiveConnection& connection : VM_TRY(connections()))
      if (!visit({.connection = std::move(connection)})) break;
    return {};
  }
  /// Ends live connections or changes their marks; for each 0 or the errno with which it was refused, ENOENT when it
  /// has ended by itself.
  [[nodiscard]] virtual base::Result<std::vector<int>> change_connections(
      std::span<const ConnectionChange> changes) = 0;

  [[nodiscard]] virtual base::Result<RoutingFacts> routing_facts() = 0;
  /// The route to each address, for packets of which nothing else is known.
  [[nodiscard]] virtual base::Result<std::vector<Route>> find_routes(std::span<const net::Address> destinations) = 0;
};

/// What reads and writes tables.
enum class TableWriter : std::uint8_t {
  Own,      ///< blob_table.h
  Libiptc,  ///< iptc_table.h; for tests, which hold one against the other
};

/// The real one: raw sockets of the tables, netlink, /proc/sys.
[[nodiscard]] std::unique_ptr<Kernel> make_kernel(TableWriter writer = TableWriter::Own);

}  // namespace vuurmuur::apply
