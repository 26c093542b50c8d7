// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "apply/blob_table.h"
#include "apply/capacity.h"
#include "apply/conntrack.h"
#include "apply/conntrack_table.h"
#include "apply/ipset.h"
#include "apply/iptc_table.h"
#include "apply/kernel.h"
#include "apply/kernel_log.h"
#include "apply/nft_listing.h"
#include "apply/queue_statistics.h"
#include "apply/route_socket.h"
#include "apply/scratch_namespace.h"
#include "apply/xtables_lock.h"
#include "apply/xtables_socket.h"
#include "base/strings.h"

namespace vuurmuur::apply {
namespace {

/// The first `limit` bytes of a file of /proc.
base::Result<std::string> read_proc(const std::string& path) {
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return base::system_error("read '" + path + "'", errno);
  std::array<char, 4096> buffer{};
  const ssize_t size = ::read(fd.get(), buffer.data(), buffer.size());
  if (size < 0) return base::system_error("read '" + path + "'", errno);
  return std::string(buffer.data(), static_cast<std::size_t>(size));
}

std::size_t packets_in_queues() {
  std::size_t waiting = 0;
  if (const auto queues = read_queue_statistics())
    for (const QueueStatistics& queue : *queues) waiting += queue.waiting;
  return waiting;
}

class RealKernel final : public Kernel {
 public:
  explicit RealKernel(TableWriter writer) : writer_(writer) {}

  base::Result<base::UniqueFd> lock(const Patience& patience, const Progress& progress) override {
    return take_xtables_lock(xtables_lock_path(), patience, progress);
  }

  bool has_family(net::Family family) override { return has_sockets(family); }

  bool may_have_table(net::Family family, ir::TableName table) override {
    const bool is_ipv4 = family == net::Family::Ipv4;
    const auto names = read_proc(std::string("/proc/thread-self/net/") + (is_ipv4 ? "ip" : "ip6") + "_tables_names");
    if (!names) return names.error().code != ENOENT;
    for (const std::string_view name : base::split(*names, '\n'))
      if (name == to_string(table)) return true;
    return false;
  }

  base::Result<std::unique_ptr<KernelTable>> open_table(net::Family family, ir::TableName table) override {
    const auto open = writer_ == TableWriter::Own ? open_blob_table : open_iptc_table;
    auto opened = open(family, table);
    if (opened || opened.error().code != ENOPROTOOPT) return opened;
    load_tables_module(family);
    return open(family, table);
  }

  base::Result<void> visit_table(net::Family family, ir::TableName table, TableVisitor& visitor) override {
    if (writer_ != TableWriter::Own) return Kernel::visit_table(family, table, visitor);
    return walk(VM_TRY(read_snapshot(family, table)), visitor);
  }

  std::future<base::Result<std::unique_ptr<KernelTable>>> start_open_table(net::Family family,
                                                                           ir::TableName table) override {
    return std::async(std::launch::async, [this, family, table] { return open_table(family, table); });
  }

  base::Result<std::uint64_t> table_size(net::Family family, ir::TableName table) override {
    const TableSocket socket = VM_TRY(TableSocket::open(family, table));
    ipt_getinfo info{};
    if (const int code = socket.read_info(info); code != 0)
      return base::system_error("ask for the size of " + describe(family, table), code);
    return std::uint64_t{info.num_entries} << 32 | info.size;
  }

  base::Result<void> restore(const TableSnapshot& snapshot) override { return write_snapshot(snapshot); }
  bool supports(net::Family family, const Extension& extension) override { return has_extension(family, extension); }

  base::Result<std::vector<KernelSet>> sets() override { return list_ipsets(); }
  bool has_set_type(net::Family family, const backend::SetType& type) override { return has_ipset_type(family, type); }
  std::expected<std::uint16_t, SetRefusal> create_set(const ir::Set& set, const SetDetails& details) override {
    return create_ipset(set, details);
  }
  base::Result<void> destroy_set(const std::string& name) override { return destroy_ipset(name); }
  base::Result<std::vector<SetMember>> read_set(const std::string& name) override { return read_ipset(name); }
  base::Result<void> update_set(const std::string& name, std::span<const SetMember> members,
                                bool with_counters) override {
    return update_ipset(name, members, with_counters);
  }
  base::Result<void> change_timed_set(const std::string& name, std::span<const TimedElement> added,
                                      std::span<const net::Prefix> removed) override {
    return change_timed_ipset(name, added, removed);
  }

  std::vector<std::string> new_log_messages() override { return log_.new_messages(); }

  base::Result<void> in_scratch_namespace(const std::function<void()>& work) override {
    return run_in_scratch_namespace(work);
  }

  std::optional<std::uint64_t> available_memory() override {
    const auto text = read_proc("/proc/meminfo");
    if (!text) return std::nullopt;
    return available_in(*text);
  }

  base::Result<std::string> read_setting(const std::string& path) override {
    std::string value = VM_TRY(read_proc("/proc/sys/" + path));
    while (!value.empty() && value.back() == '\n') value.pop_back();
    return value;
  }

  base::Result<void> write_setting(const std::string& path, std::string_view value) override {
    const std::string full_path = "/proc/sys/" + path;
    const base::UniqueFd fd(::open(full_path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd) return base::system_error("write '" + full_path + "'", errno);
    // One write: the kernel takes each as a value of its own.
    const std::string line = std::string(value) + "\n";
    if (::write(fd.get(), line.data(), line.size()) < 0)
      return base::system_error("write " + std::string(value) + " to '" + full_path + "'", errno);
    return {};
  }

  base::FileSystem& files() override { return files_; }

  base::Result<void> try_nft(NftAbility ability) override { return apply::try_nft(ability); }
  base::Result<bool> has_nft_chains() override { return has_own_nft_chains(); }
  base::Result<std::uint32_t> nft_generation() override {
    NftSocket socket = VM_TRY(NftSocket::open());
    return socket.generation();
  }
  base::Result<NftTable> read_nft_table(net::Family family, NftParts parts) override {
    return read_own_nft_table(family, parts);
  }
  std::expected<void, NftRefusal> commit_nft(std::span<const std::byte> transaction) override {
    auto socket = NftSocket::open();
    if (!socket) return std::unexpected(NftRefusal{.error = socket.error(), .faults = {}});
    return socket->commit(transaction);
  }
  base::Result<std::vector<NftCounter>> nft_counters(net::Family family) override {
    return read_own_nft_counters(family);
  }
  base::Result<std::vector<ir::NfqueueTarget>> nft_queues(net::Family family) override {
    return read_own_nft_queues(family);
  }
  base::Result<std::string> print_nft_table(net::Family family) override { return print_own_nft_table(family); }
  std::size_t waiting_packets() override { return packets_in_queues(); }
  base::Result<ForeignRules> nft_rules_of_others() override { return foreign_nft_rules(); }

  base::Result<std::vector<std::uint32_t>> connection_marks(std::uint32_t value, std::uint32_t mask) override {
    return marks_of_connections(value, mask);
  }
  base::Result<std::size_t> end_connections(std::span<const net::Prefix> addresses) override {
    return end_connections_of(addresses);
  }
  base::Result<std::vector<LiveConnection>> connections() override { return read_connections(); }
  base::Result<void> list_connections(const ConnectionSelection& selection,
                                      const std::function<bool(const TrackedConnection&)>& visit) override {
    return apply::list_connections(selection, visit);
  }
  base::Result<std::vector<int>> change_connections(std::span<const ConnectionChange> changes) override {
    return apply::change_connections(changes);
  }
  base::Result<RoutingFacts> routing_facts() override { return read_routing_facts(); }
  base::Result<std::vector<Route>> find_routes(std::span<const net::Address> destinations) override {
    return apply::find_routes(destinations);
  }

 private:
  TableWriter writer_;
  base::RealFileSystem files_;
  KernelLog log_;
};

}  // namespace

std::unique_ptr<Kernel> make_kernel(TableWriter writer) { return std::make_unique<RealKernel>(writer); }

}  // namespace vuurmuur::apply
