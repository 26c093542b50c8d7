// SPDX-License-Identifier: GPL-2.0-or-later
#include "lab/namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "lab/error.h"
#include "lab/run.h"

namespace vuurmuur::lab {
namespace {

void write_file(const std::string& path, const std::string& text) {
  const base::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) throw LabError::from_errno("open '" + path + "'");
  if (::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    throw LabError::from_errno("write '" + text + "' to '" + path + "'");
}

base::UniqueFd open_current_namespace() {
  base::UniqueFd fd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!fd) throw LabError::from_errno("open the network namespace");
  return fd;
}

void switch_to(int fd) {
  if (::setns(fd, CLONE_NEWNET) != 0) throw LabError::from_errno("enter a network namespace");
}

}  // namespace

LabError LabError::from_errno(const std::string& doing) { return LabError(doing + ": " + std::strerror(errno)); }

void bind_to_one_processor() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) throw LabError::from_errno("read the processor affinity");
  int skip = ::getpid() % CPU_COUNT(&allowed);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed) || skip-- > 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    if (::sched_setaffinity(0, sizeof one, &one) != 0) throw LabError::from_errno("set the processor affinity");
    return;
  }
}

namespace {

/// unshare(2), which takes a user namespace only from a process of one thread. One that was joined may still be on its
/// way out: join returns when its memory is free, which the kernel says before it counts it out.
int unshare_alone(int flags) {
  constexpr int kTries = 500;
  for (int tries = 0;; ++tries) {
    if (::unshare(flags) == 0) return 0;
    if (errno != EINVAL || tries == kTries) return -1;
    ::usleep(1000);
  }
}

}  // namespace

void enter_laboratory() {
  static bool entered = false;
  if (entered) return;
  const bool stays_root = ::geteuid() == 0 && std::getenv("VUURMUUR_LAB_AS_ROOT") != nullptr;
  const std::string uid = std::to_string(::getuid()), gid = std::to_string(::getgid());
  if (unshare_alone((stays_root ? 0 : CLONE_NEWUSER) | CLONE_NEWNET | CLONE_NEWNS) != 0)
    throw LabError::from_errno("make user, network and mount namespaces");
  if (!stays_root) {
    write_file("/proc/self/setgroups", "deny");
    write_file("/proc/self/uid_map", "0 " + uid + " 1");
    write_file("/proc/self/gid_map", "0 " + gid + " 1");
  }
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    throw LabError::from_errno("make mounts private");
  if (::mount("tmpfs", "/run", "tmpfs", 0, nullptr) != 0) throw LabError::from_errno("mount a private /run");
  bind_to_one_processor();
  entered = true;
}

NetNamespace::NetNamespace() {
  const base::UniqueFd before = open_current_namespace();
  if (::unshare(CLONE_NEWNET) != 0) throw LabError::from_errno("make a network namespace");
  fd_ = open_current_namespace();
  ip("link set lo up");
  switch_to(before.get());
}

Inside::Inside(const NetNamespace& where) : before_(open_current_namespace()) { switch_to(where.fd()); }

Inside::~Inside() {
  // A thread that cannot go home would act in the wrong place from here on.
  if (::setns(before_.get(), CLONE_NEWNET) != 0) ::_exit(99);
}

void write_setting(const std::string& path, const std::string& value) { write_file("/proc/sys/" + path, value); }

}  // namespace vuurmuur::lab
