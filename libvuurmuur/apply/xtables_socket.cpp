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

#include "apply/table_errors.h"

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

int set_option(int fd, net::Family family, int option, const std::vector<std::byte>& buffer) {
  const auto length = static_cast<socklen_t>(buffer.size());
  return ::setsockopt(fd, level_of(family), option, buffer.data(), length) == 0 ? 0 : errno;
}

template <std::size_t N>
void copy_name(char (&to)[N], std::string_view name) {
  std::memset(to, 0, N);
  std::memcpy(to, name.data(), std::min(name.size(), N - 1));
}

int read_info(int fd, net::Family family, ir::TableName table, ipt_getinfo& info) {
  info = {};
  copy_name(info.name, to_string(table));
  return get_option(fd, family, IPT_SO_GET_INFO, &info, sizeof info);
}

/// The counters in the entries, in their order.
std::vector<xt_counters> counters_in(const TableSnapshot& snapshot) {
  std::vector<xt_counters> counters;
  const bool is_ipv4 = snapshot.family == net::Family::Ipv4;
  const std::size_t counters_at = is_ipv4 ? offsetof(ipt_entry, counters) : offsetof(ip6t_entry, counters);
  const std::size_t next_at = is_ipv4 ? offsetof(ipt_entry, next_offset) : offsetof(ip6t_entry, next_offset);
  for (std::size_t at = 0; at < snapshot.entries.size();) {
    xt_counters value;
    std::uint16_t next = 0;
    std::memcpy(&value, snapshot.entries.data() + at + counters_at, sizeof value);
    std::memcpy(&next, snapshot.entries.data() + at + next_at, sizeof next);
    counters.push_back(value);
    at += next;
  }
  return counters;
}

int replace_table(int fd, const TableSnapshot& snapshot) {
  ipt_getinfo before;
  std::memcpy(&before, snapshot.info.data(), sizeof before);
  ipt_getinfo now;
  if (const int code = read_info(fd, snapshot.family, snapshot.table, now); code != 0) return code;
  // The kernel hands out the counters of the table that goes; nobody wants them here.
  std::vector<xt_counters> discarded(now.num_entries);
  ipt_replace head{};
  copy_name(head.name, to_string(snapshot.table));
  head.valid_hooks = before.valid_hooks;
  head.num_entries = before.num_entries;
  head.size = before.size;
  std::memcpy(head.hook_entry, before.hook_entry, sizeof head.hook_entry);
  std::memcpy(head.underflow, before.underflow, sizeof head.underflow);
  head.num_counters = now.num_entries;
  head.counters = discarded.data();
  std::vector<std::byte> request(sizeof head + snapshot.entries.size());
  std::memcpy(request.data(), &head, sizeof head);
  std::memcpy(request.data() + sizeof head, snapshot.entries.data(), snapshot.entries.size());
  return set_option(fd, snapshot.family, IPT_SO_SET_REPLACE, request);
}

int add_counters(int fd, const TableSnapshot& snapshot) {
  const std::vector<xt_counters> counters = counters_in(snapshot);
  xt_counters_info head{};
  copy_name(head.name, to_string(snapshot.table));
  head.num_counters = static_cast<unsigned>(counters.size());
  std::vector<std::byte> request(sizeof head + counters.size() * sizeof(xt_counters));
  std::memcpy(request.data(), &head, sizeof head);
  std::memcpy(request.data() + sizeof head, counters.data(), counters.size() * sizeof(xt_counters));
  return set_option(fd, snapshot.family, IPT_SO_SET_ADD_COUNTERS, request);
}

}  // namespace

base::Result<TableSnapshot> read_snapshot(net::Family family, ir::TableName table) {
  const base::UniqueFd fd = raw_socket(family);
  if (!fd) return open_error(family, table, errno);
  int code = 0;
  for (int tries = 0; tries < kReadTries; ++tries) {
    ipt_getinfo info;
    code = read_info(fd.get(), family, table, info);
    if (code != 0) break;
    std::vector<std::byte> request(kGetEntriesHeader + info.size);
    ipt_get_entries head{};
    copy_name(head.name, to_string(table));
    head.size = info.size;
    std::memcpy(request.data(), &head, kGetEntriesHeader);
    code = get_option(fd.get(), family, IPT_SO_GET_ENTRIES, request.data(), request.size());
    if (code == EAGAIN) continue;  // changed between the two questions
    if (code != 0) break;
    const auto* info_bytes = reinterpret_cast<const std::byte*>(&info);
    request.erase(request.begin(), request.begin() + kGetEntriesHeader);
    return TableSnapshot{.family = family,
                         .table = table,
                         .info = std::vector<std::byte>(info_bytes, info_bytes + sizeof info),
                         .entries = std::move(request)};
  }
  return open_error(family, table, code);
}

base::Result<void> write_snapshot(const TableSnapshot& snapshot) {
  const base::UniqueFd fd = raw_socket(snapshot.family);
  if (!fd) return open_error(snapshot.family, snapshot.table, errno);
  int code = EAGAIN;
  for (int tries = 0; tries < kReadTries && code == EAGAIN; ++tries) code = replace_table(fd.get(), snapshot);
  if (code == 0) code = add_counters(fd.get(), snapshot);
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
