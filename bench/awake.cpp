// SPDX-License-Identifier: GPL-2.0-or-later
#include "awake.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

namespace vuurmuur::bench {
namespace {

[[noreturn]] void stay_awake(int processor) {
  using namespace std::chrono_literals;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(processor, &one);
  // A session has a share of its own, which is to be the smallest as well (sched(7), "The autogroup feature").
  ::setsid();
  if (std::ofstream share("/proc/self/autogroup"); share) share << 19;
  const sched_param none{};
  if (::sched_setaffinity(0, sizeof one, &one) != 0 || ::sched_setscheduler(0, SCHED_IDLE, &none) != 0) ::_exit(1);
  for (;;) {
    const auto until = std::chrono::steady_clock::now() + 30us;
    while (std::chrono::steady_clock::now() < until) {
    }
    std::this_thread::sleep_for(5us);
  }
}

}  // namespace

Awake::Awake() {
  cpu_set_t all;
  if (::sched_getaffinity(0, sizeof all, &all) != 0) return;
  for (int processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (!CPU_ISSET(processor, &all)) continue;
    const pid_t process = ::fork();
    if (process == 0) stay_awake(processor);
    if (process > 0) processes_.push_back(process);
  }
}

Awake::~Awake() {
  for (const pid_t process : processes_) ::kill(process, SIGKILL);
  for (const pid_t process : processes_) ::waitpid(process, nullptr, 0);
}

}  // namespace vuurmuur::bench
