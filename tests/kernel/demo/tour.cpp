// SPDX-License-Identifier: GPL-2.0-or-later
#include "tour.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "lab/error.h"
#include "lab/run.h"
#include "sample.h"

namespace vuurmuur::demo {
namespace {

constexpr const char* kSocket = "/run/vuurmuur/tour";

/// A program in the firewall's namespace, with this terminal or without it.
pid_t start(const std::vector<std::string>& words, bool has_terminal) {
  const pid_t pid = ::fork();
  if (pid < 0) throw lab::LabError::from_errno("start a program");
  if (pid > 0) return pid;
  if (!has_terminal) {
    const int nowhere = ::open("/dev/null", O_RDWR);
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nowhere, fd);
  }
  ::setenv("VUURMUUR_SOCKET", kSocket, 1);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

void wait_for_end(pid_t pid) {
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) continue;
}

}  // namespace

void offer_tour(Network& network) {
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) return;
  fmt::print("\nEnter opens this firewall in vuurmuur_conf, q and Enter leaves: ");
  std::fflush(stdout);
  const int answer = std::getchar();
  if (answer != '\n') return;
  const SampleCopy sample;
  const lab::Inside there(network.machine("firewall").where);
  const std::string state = "--state-dir=/run/vuurmuur";
  lab::run_ok({VM_PROGRAM, "apply", state, sample.directory()});
  const pid_t daemon =
      start({VM_PROGRAM, "daemon", fmt::format("--socket={}", kSocket), state, sample.directory()}, false);
  wait_for_end(start({VM_CONF, state, sample.directory()}, true));
  ::kill(daemon, SIGTERM);
  wait_for_end(daemon);
}

}  // namespace vuurmuur::demo
