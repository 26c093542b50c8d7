// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/xtables_socket.h"

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "apply/entry_layout.h"
#include "apply/table_errors.h"
#include "base/zeroed.h"

extern "C" char** environ;

namespace vuurmuur::apply {
namespace {

// The two families have the same structures and option numbers, at different levels.
static_assert(sizeof(ipt_getinfo) == sizeof(ip6t_getinfo) && sizeof(ipt_replace) == sizeof(ip6t_replace));
static_assert(sizeof(ipt_get_entries) == sizeof(ip6t_get_entries));
static_assert(IPT_SO_GET_INFO == IP6T_SO_GET_INFO && IPT_SO_GET_ENTRIES == IP6T_SO_GET_ENTRIES);
static_assert(IPT_SO_SET_REPLACE == IP6T_SO_SET_REPLACE && IPT_SO_SET_ADD_COUNTERS == IP6T_SO_SET_ADD_COUNTERS);

/// The header of struct ipt_get_entries without its flexible array.
constexpr std::size_t kGetEntriesHeader = offsetof(ipt_get_entries, entrytable);
constexpr int kReadTries = 10;

int level_of(net::Family family) { return family == net::Family::Ipv4 ? int{IPPROTO_IP} : int{IPPROTO_IPV6}; }

base::UniqueFd raw_socket(net::Family family) {
  const int domain = family == net::Family::Ipv4 ? AF_INET : AF_INET6;
  return base::UniqueFd(::socket(domain, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
}

/// getsockopt of a whole buffer; 0 or the errno.
int get_option(int fd, net::Family family, int option, void* buffer, std::size_t size) {
  auto length = static_cast<socklen_t>(size);
  return ::getsockopt(fd, level_of(family), option, buffer, &length) == 0 ? 0 : errno;
}

int set_option(int fd, net::Family family, int option, std::span<const std::byte> buffer) {
  const auto length = static_cast<socklen_t>(buffer.size());
  return ::setsockopt(fd, level_of(family), option, buffer.data(), length) == 0 ? 0 : errno;
}

template <std::size_t N>
void copy_name(char (&to)[N], std::string_view name) {
  std::memset(to, 0, N);
  std::memcpy(to, name.data(), std::min(name.size(), N - 1));
}

/// The counters in the entries, in their order.
std::vector<xt_counters> counters_in(const TableSnapshot& snapshot) {
  std::vector<xt_counters> counters;
  const EntryLayout layout = layout_of(snapshot.family);
  for (std::size_t at = 0; at < snapshot.size;) {
    const std::byte* entry = snapshot.entries.get() + at;
    counters.push_back(load<xt_counters>(entry + layout.counters));
    at += load<std::uint16_t>(entry + layout.next_offset);
  }
  return counters;
}

}  // namespace

base::Result<TableSocket> TableSocket::open(net::Family family, ir::TableName table) {
  base::UniqueFd fd = raw_socket(family);
  if (!fd) return open_error(family, table, errno);
  return TableSocket(family, table, std::move(fd));
}

int TableSocket::read_info(ipt_getinfo& info) const {
  info = {};
  copy_name(info.name, to_string(table_));
  return get_option(fd_.get(), family_, IPT_SO_GET_INFO, &info, sizeof info);
}

base::Result<TableSnapshot> TableSocket::read() const {
  int code = 0;
  for (int tries = 0; tries < kReadTries; ++tries) {
    ipt_getinfo info;
    code = read_info(info);
    if (code != 0) break;
    // The kernel writes a name of a match or target only up to its NUL.
    const std::shared_ptr<std::byte[]> buffer = base::zeroed(kGetEntriesHeader + info.size);
    if (!buffer) return open_error(family_, table_, ENOMEM);
    ipt_get_entries head{};
    copy_name(head.name, to_string(table_));
    head.size = info.size;
    std::memcpy(buffer.get(), &head, kGetEntriesHeader);
    code = get_option(fd_.get(), family_, IPT_SO_GET_ENTRIES, buffer.get(), kGetEntriesHeader + info.size);
    if (code == EAGAIN) continue;  // changed between the two questions
    if (code != 0) break;
    const auto* info_bytes = reinterpret_cast<const std::byte*>(&info);
    return TableSnapshot{.family = family_,
                         .table = table_,
                         .info = std::vector<std::byte>(info_bytes, info_bytes + sizeof info),
                         .entries = {buffer, buffer.get() + kGetEntriesHeader},
                         .size = info.size};
  }
  return open_error(family_, table_, code);
}

int TableSocket::replace(std::span<std::byte> request, std::span<xt_counters> old_counters) const {
  auto head = load<ipt_replace>(request.data());
  copy_name(head.name, to_string(table_));
  head.num_counters = static_cast<unsigned>(old_counters.size());
  head.counters = old_counters.data();
  store(request.data(), head);
  return set_option(fd_.get(), family_, IPT_SO_SET_REPLACE, request);
}

int TableSocket::add_counters(std::span<const xt_counters> counters) const {
  xt_counters_info head{};
  copy_name(head.name, to_string(table_));
  head.num_counters = static_cast<unsigned>(counters.size());
  std::vector<std::byte> request(sizeof head + counters.size_bytes());
  std::memcpy(request.data(), &head, sizeof head);
  if (!counters.empty()) std::memcpy(request.data() + sizeof head, counters.data(), counters.size_bytes());
  return set_option(fd_.get(), family_, IPT_SO_SET_ADD_COUNTERS, request);
}

base::Result<TableSnapshot> read_snapshot(net::Family family, ir::TableName table) {
  const TableSocket socket = VM_TRY(TableSocket::open(family, table));
  return socket.read();
}

std::vector<std::byte> replace_request(const TableSnapshot& snapshot) {
  const auto info = load<ipt_getinfo>(snapshot.info.data());
  ipt_replace head{};
  head.valid_hooks = info.valid_hooks;
  head.num_entries = info.num_entries;
  head.size = info.size;
  std::memcpy(head.hook_entry, info.hook_entry, sizeof head.hook_entry);
  std::memcpy(head.underflow, info.underflow, sizeof head.underflow);
  std::vector<std::byte> request(sizeof head + snapshot.size);
  store(request.data(), head);
  std::memcpy(request.data() + sizeof head, snapshot.entries.get(), snapshot.size);
  return request;
}

base::Result<void> write_snapshot(const TableSnapshot& snapshot) {
  const TableSocket socket = VM_TRY(TableSocket::open(snapshot.family, snapshot.table));
  std::vector<std::byte> request = replace_request(snapshot);
  int code = EAGAIN;
  for (int tries = 0; tries < kReadTries && code == EAGAIN; ++tries) {
    ipt_getinfo now;
    code = socket.read_info(now);
    if (code != 0) break;
    // The kernel hands out the counters of the table that goes; nobody wants them here.
    std::vector<xt_counters> discarded(now.num_entries);
    code = socket.replace(request, discarded);
  }
  if (code == 0) code = socket.add_counters(counters_in(snapshot));
  if (code == 0) return {};
  return std::unexpected(base::Error{
      .message = "put " + describe(snapshot.family, snapshot.table) + " back: " + plain_reason(code), .code = code});
}

bool has_extension(net::Family family, const Extension& extension) {
  const base::UniqueFd fd = raw_socket(family);
  if (!fd) return false;
  xt_get_revision question{};
  copy_name(question.name, extension.name);
  question.revision = extension.revision;
  const bool is_ipv4 = family == net::Family::Ipv4;
  const int match_option = is_ipv4 ? IPT_SO_GET_REVISION_MATCH : IP6T_SO_GET_REVISION_MATCH;
  const int target_option = is_ipv4 ? IPT_SO_GET_REVISION_TARGET : IP6T_SO_GET_REVISION_TARGET;
  return get_option(fd.get(), family, extension.is_target ? target_option : match_option, &question, sizeof question) ==
         0;
}

bool has_sockets(net::Family family) { return raw_socket(family) || errno != EAFNOSUPPORT; }

void load_tables_module(net::Family family) {
  // Nothing in the kernel loads ip_tables by itself when its options are asked for (nf_sockopt.c), so this runs the
  // program that the kernel itself would run.
  std::array<char, 9> program{"modprobe"};
  std::array<char, 3> quiet{"-q"};
  std::string module = family == net::Family::Ipv4 ? "ip_tables" : "ip6_tables";
  const std::array<char*, 4> arguments{program.data(), quiet.data(), module.data(), nullptr};
  pid_t child = 0;
  if (::posix_spawn(&child, "/sbin/modprobe", nullptr, nullptr, arguments.data(), environ) != 0) return;
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) continue;
}

}  // namespace vuurmuur::apply
