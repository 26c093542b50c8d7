// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/own_connection.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>

#include "apply/connection_review.h"
#include "base/file_system.h"
#include "base/strings.h"

namespace vuurmuur::control {
namespace {

constexpr std::string_view kVariable = "SSH_CONNECTION=";
/// More ancestors than any session has.
constexpr int kMostAncestors = 64;

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (const std::string_view word : base::split(text, ' '))
    if (!word.empty()) words.push_back(word);
  return words;
}

std::string connection_in(std::string_view environment) {
  for (const std::string_view variable : base::split(environment, '\0'))
    if (variable.starts_with(kVariable)) return std::string(variable.substr(kVariable.size()));
  return {};
}

/// The parent of a process: the fourth field of /proc/PID/stat (proc(5)), counted behind the name, which may hold
/// anything.
pid_t parent_of(pid_t pid) {
  const auto stat = base::RealFileSystem().read_file(fmt::format("/proc/{}/stat", pid));
  if (!stat) return 0;
  const std::size_t end = stat->rfind(')');
  if (end == std::string::npos || end + 4 >= stat->size()) return 0;
  return static_cast<pid_t>(std::strtol(stat->c_str() + end + 4, nullptr, 10));
}

/// Visits the processes above this one, the nearest first, until `visit` gives true.
void climb(const std::function<bool(pid_t)>& visit) {
  pid_t pid = ::getppid();
  for (int i = 0; pid > 1 && i < kMostAncestors; ++i, pid = parent_of(pid))
    if (visit(pid)) return;
}

/// Inodes of the sockets that a process holds; none when it may not be looked at.
std::vector<std::uint64_t> sockets_of(pid_t pid) {
  constexpr std::string_view kSocket = "socket:[";
  const std::string path = fmt::format("/proc/{}/fd", pid);
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()),
                                                      [](DIR* open) { return ::closedir(open); });
  std::vector<std::uint64_t> inodes;
  if (!directory) return inodes;
  while (const dirent* entry = ::readdir(directory.get())) {
    std::array<char, 64> target;
    const ssize_t size = ::readlinkat(::dirfd(directory.get()), entry->d_name, target.data(), target.size());
    if (size <= 0) continue;
    std::string_view text(target.data(), static_cast<std::size_t>(size));
    if (!text.starts_with(kSocket) || !text.ends_with(']')) continue;
    text = text.substr(kSocket.size(), text.size() - kSocket.size() - 1);
    if (const auto inode = base::parse_number<std::uint64_t>(text)) inodes.push_back(*inode);
  }
  return inodes;
}

net::Address unmapped(const net::Address& address) {
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (address.family != net::Family::Ipv6 || !std::equal(kMapped.begin(), kMapped.end(), address.bytes.begin()))
    return address;
  net::Address ipv4;
  std::copy_n(address.bytes.begin() + 12, 4, ipv4.bytes.begin());
  return ipv4;
}

struct End {
  net::Address address;
  std::uint16_t port = 0;
};

/// "0100007F:0016": 32-bit words of the address in the byte order of the machine.
std::optional<End> end_from_proc(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon != 8 && colon != 32) return std::nullopt;
  End end{.address = {.family = colon == 8 ? net::Family::Ipv4 : net::Family::Ipv6}};
  for (std::size_t i = 0; i < colon; i += 8) {
    const auto word = base::parse_number<std::uint32_t>(text.substr(i, 8), 16);
    if (!word) return std::nullopt;
    std::memcpy(end.address.bytes.data() + i / 2, &*word, sizeof *word);
  }
  const auto port = base::parse_number<std::uint16_t>(text.substr(colon + 1), 16);
  if (!port) return std::nullopt;
  end.address = unmapped(end.address);
  end.port = *port;
  return end;
}

/// sshd writes a link-local address with its device: "fe80::1%eth0".
std::optional<End> end_from_words(std::string_view address, std::string_view port) {
  const auto parsed = net::Address::parse(address.substr(0, address.find('%')));
  const auto number = base::parse_number<std::uint16_t>(port);
  if (!parsed || !number) return std::nullopt;
  return End{.address = unmapped(*parsed), .port = *number};
}

apply::LiveConnection connection_between(const End& from, const End& to) {
  apply::LiveConnection connection;
  connection.original = {.source = from.address, .destination = to.address};
  connection.original.source_port = from.port;
  connection.original.destination_port = to.port;
  connection.reply = {.source = to.address, .destination = from.address};
  connection.reply.source_port = to.port;
  connection.reply.destination_port = from.port;
  return connection;
}

bool is_of_this_machine(const apply::LiveConnection& connection) {
  const net::Address& from = connection.original.source;
  return from == connection.original.destination || from == *net::Address::parse("::1") ||
         (from.family == net::Family::Ipv4 && from.bytes[0] == 127);
}

std::optional<apply::LiveConnection> connection_of_session() {
  std::array<std::string, 2> tables;
  for (std::size_t i = 0; i < tables.size(); ++i)
    tables[i] = base::RealFileSystem().read_file(i == 0 ? "/proc/net/tcp" : "/proc/net/tcp6").value_or("");
  std::optional<apply::LiveConnection> result;
  climb([&](pid_t pid) {
    for (const std::uint64_t inode : sockets_of(pid)) {
      for (const std::string& table : tables) {
        const auto found = connection_from_proc(table, inode);
        if (found && !is_of_this_machine(*found)) result = found;
        if (result) return true;
      }
    }
    return false;
  });
  return result;
}

}  // namespace

std::string ssh_connection() {
  if (const char* own = std::getenv("SSH_CONNECTION"); own != nullptr) return own;
  std::string found;
  climb([&](pid_t pid) {
    const auto environment = base::RealFileSystem().read_file(fmt::format("/proc/{}/environ", pid));
    if (!environment) return true;
    found = connection_in(*environment);
    return !found.empty();
  });
  return found;
}

std::optional<apply::LiveConnection> connection_from_ssh(std::string_view text) {
  const auto words = words_of(text);
  if (words.size() != 4) return std::nullopt;
  const auto client = end_from_words(words[0], words[1]), server = end_from_words(words[2], words[3]);
  if (!client || !server || client->address.family != server->address.family) return std::nullopt;
  return connection_between(*client, *server);
}

std::string to_ssh(const apply::LiveConnection& connection) {
  const apply::ConnectionTuple& way = connection.original;
  return fmt::format("{} {} {} {}", way.source.to_string(), way.source_port, way.destination.to_string(),
                     way.destination_port);
}

std::optional<apply::LiveConnection> connection_from_proc(std::string_view table, std::uint64_t inode) {
  constexpr std::size_t kLocal = 1, kRemote = 2, kState = 3, kInode = 9;
  for (const std::string_view line : base::split(table, '\n')) {
    const auto words = words_of(line);
    if (words.size() <= kInode || base::parse_number<std::uint64_t>(words[kInode]) != inode) continue;
    if (base::parse_number<int>(words[kState], 16) != TCP_ESTABLISHED) continue;
    const auto local = end_from_proc(words[kLocal]), remote = end_from_proc(words[kRemote]);
    if (local && remote) return connection_between(*remote, *local);
  }
  return std::nullopt;
}

std::optional<apply::LiveConnection> own_connection() {
  if (const std::string ssh = ssh_connection(); !ssh.empty()) return connection_from_ssh(ssh);
  return ::isatty(STDIN_FILENO) == 1 ? connection_of_session() : std::nullopt;
}

base::Result<std::string> lockout(apply::Kernel& kernel, const ir::Ruleset& ruleset, apply::Backend backend,
                                  const apply::LiveConnection& own) {
  const apply::ReviewedConnection reviewed = VM_TRY(apply::review_connection(kernel, ruleset, backend, own));
  if (reviewed.judgement.verdict != apply::Judgement::Verdict::End) return std::string();
  std::string text = fmt::format("the new rules refuse your own connection, {}: {}", to_string(own), explain(reviewed));
  if (!reviewed.place.empty()) text += fmt::format(" ({})", reviewed.place);
  return text;
}

}  // namespace vuurmuur::control
