// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/caller.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

#include "cli/terminal.h"
#include "control/own_connection.h"

namespace vuurmuur::cli {
namespace {

/// The address of the client in "192.0.2.7 51234 198.51.100.1 22" (ssh(1)).
std::string client_of(const std::string& connection) { return connection.substr(0, connection.find(' ')); }

std::string user_of(uid_t uid) {
  if (const char* person = std::getenv("SUDO_USER"); uid == 0 && person != nullptr && *person != '\0') return person;
  const passwd* entry = ::getpwuid(uid);
  return entry == nullptr ? fmt::format("uid {}", uid) : entry->pw_name;
}

}  // namespace

history::Actor caller() {
  return {.uid = ::getuid(), .user = user_of(::getuid()), .from = client_of(control::ssh_connection())};
}

bool is_remote_terminal(const history::Actor& caller) { return !caller.from.empty() && is_terminal(STDIN_FILENO); }

}  // namespace vuurmuur::cli
