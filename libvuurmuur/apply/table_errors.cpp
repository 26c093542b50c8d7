// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/table_errors.h"

#include <cerrno>
#include <string_view>

#include "apply/kernel_table.h"

namespace vuurmuur::apply {
namespace {

constexpr std::string_view kNeedsPermission =
    "no permission: changing or reading the firewall needs CAP_NET_ADMIN (root has it)";

/// "read table filter (IPv4): reason", with the errno kept.
std::unexpected<base::Error> read_error(net::Family family, ir::TableName table, std::string_view reason, int code) {
  return std::unexpected(
      base::Error{.message = "read " + describe(family, table) + ": " + std::string(reason), .code = code});
}

/// XT_MAX_TABLE_SIZE without the kernel's own head in front of the entries, which is less than a page.
constexpr std::size_t kMaxTableSize = 512UL * 1024 * 1024 - 4096;

}  // namespace

std::string describe(net::Family family, ir::TableName table) {
  return "table " + std::string(to_string(table)) + (family == net::Family::Ipv4 ? " (IPv4)" : " (IPv6)");
}

std::string plain_reason(int code) {
  switch (code) {
    case EPERM:
    case EACCES: return std::string(kNeedsPermission);
    case EAGAIN: return "another program keeps changing the table";
    case ELOOP: return "the chains jump in a loop";
    case ENOENT: return "a match, target or helper is missing in this kernel";
    case ENOMEM: return "the kernel has no memory for it";
    default: return base::system_error({}, code).error().message.substr(2);
  }
}

std::unexpected<base::Error> open_error(net::Family family, ir::TableName table, int code) {
  const bool is_ipv4 = family == net::Family::Ipv4;
  switch (code) {
    case ENOPROTOOPT:
      return read_error(family, table,
                        is_ipv4 ? "this kernel has no ip_tables (module ip_tables is missing or not loaded)"
                                : "this kernel has no ip6_tables (module ip6_tables is missing or not loaded)",
                        code);
    case EAFNOSUPPORT: return read_error(family, table, "this kernel has no IPv6", code);
    case ENOENT: return read_error(family, table, "this kernel has no such table", code);
    default: return read_error(family, table, plain_reason(code), code);
  }
}

base::Result<void> check_table_size(net::Family family, ir::TableName table, std::size_t entries, std::size_t bytes) {
  if (bytes <= kMaxTableSize) return {};
  return std::unexpected(base::Error{.message = describe(family, table) + " would have " + std::to_string(entries) +
                                                " entries of " + std::to_string(bytes / 1'000'000) +
                                                " MB together; the kernel takes at most " +
                                                std::to_string(kMaxTableSize / 1'000'000) + " MB for a table",
                                     .code = E2BIG});
}

}  // namespace vuurmuur::apply
