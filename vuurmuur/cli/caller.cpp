// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/caller.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "base/file_system.h"
#include "base/strings.h"
#include "cli/terminal.h"

namespace vuurmuur::cli {
namespace {

constexpr std::string_view kVariable = "SSH_CONNECTION=";
/// More ancestors than any session has.
constexpr int kMostAncestors = 64;

/// The address of the client in "192.0.2.7 51234 198.51.100.1 22" (ssh(1)).
std::string client_of(std::string_view connection) { return std::string(connection.substr(0, connection.find(' '))); }

std::optional<std::string> connection_in(const std::string& environment) {
  for (const std::string_view variable : base::split(environment, '\0'))
    if (variable.starts_with(kVariable)) return client_of(variable.substr(kVariable.size()));
  return std::nullopt;
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

std::string from_where() {
  if (const char* own = std::getenv("SSH_CONNECTION"); own != nullptr) return client_of(own);
  pid_t pid = ::getppid();
  for (int i = 0; pid > 1 && i < kMostAncestors; ++i, pid = parent_of(pid)) {
    const auto environment = base::RealFileSystem().read_file(fmt::format("/proc/{}/environ", pid));
    if (!environment) break;
    if (auto found = connection_in(*environment)) return *found;
  }
  return {};
}

std::string user_of(uid_t uid) {
  if (const char* person = std::getenv("SUDO_USER"); uid == 0 && person != nullptr && *person != '\0') return person;
  const passwd* entry = ::getpwuid(uid);
  return entry == nullptr ? fmt::format("uid {}", uid) : entry->pw_name;
}

}  // namespace

history::Actor caller() { return {.uid = ::getuid(), .user = user_of(::getuid()), .from = from_where()}; }

bool is_remote_terminal(const history::Actor& caller) { return !caller.from.empty() && is_terminal(STDIN_FILENO); }

}  // namespace vuurmuur::cli
