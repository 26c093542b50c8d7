// SPDX-License-Identifier: GPL-2.0-or-later
#include "load.h"

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>

#include "apply/apply.h"
#include "backend/iptables_save.h"

extern char** environ;

namespace vuurmuur::bench {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

bool write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text << std::flush;
  return file.good();
}

base::Result<void> fresh_network() {
  if (::unshare(CLONE_NEWNET) != 0) return base::system_error("make a network namespace", errno);
  return {};
}

base::Result<void> restore(const char* program, const std::string& path) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, path.c_str(), O_RDONLY, 0);
  std::string name = program;
  char* arguments[] = {name.data(), nullptr};
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, program, &actions, nullptr, arguments, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return base::system_error(std::string("start ") + program, failed);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return base::failure(std::string(program) + " failed");
  return {};
}

}  // namespace

base::Result<void> enter_namespaces() {
  const auto user = ::getuid(), group = ::getgid();
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) != 0) return base::system_error("make namespaces", errno);
  write_text("/proc/self/setgroups", "deny");
  if (!write_text("/proc/self/uid_map", "0 " + std::to_string(user) + " 1") ||
      !write_text("/proc/self/gid_map", "0 " + std::to_string(group) + " 1"))
    return base::failure("cannot map the user into the namespace");
  if (::mount("tmpfs", "/run", "tmpfs", 0, nullptr) != 0) return base::system_error("mount /run", errno);
  return {};
}

base::Result<LoadTimes> measure_load(const ir::Ruleset& ruleset) {
  LoadTimes times;
  VM_TRY_VOID(fresh_network());
  {
    const auto kernel = apply::make_kernel();
    const auto begin = Clock::now();
    const auto report = apply::apply(*kernel, ruleset);
    times.apply = milliseconds_since(begin);
    if (!report) return std::unexpected(report.error());
  }
  VM_TRY_VOID(fresh_network());
  if (!write_text("/run/v4", backend::iptables_save(ruleset, net::Family::Ipv4)) ||
      !write_text("/run/v6", backend::iptables_save(ruleset, net::Family::Ipv6)))
    return base::failure("cannot write below /run");
  const auto begin = Clock::now();
  VM_TRY_VOID(restore("iptables-legacy-restore", "/run/v4"));
  VM_TRY_VOID(restore("ip6tables-legacy-restore", "/run/v6"));
  times.restore = milliseconds_since(begin);
  return times;
}

}  // namespace vuurmuur::bench
