// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/killer.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <set>
#include <stdexcept>

namespace vuurmuur::test {
namespace {

[[noreturn]] void become_traced(const std::vector<std::string>& arguments, const std::string& state_directory,
                                const char* path) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::setenv("VUURMUUR_STATE_DIR", state_directory.c_str(), 1);
  // The leak check is a tracer itself, and fails under another one.
  ::setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
  const int nowhere = ::open("/dev/null", O_RDWR);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nowhere, fd);
  std::vector<char*> words{const_cast<char*>(path)};
  for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  ::raise(SIGSTOP);
  ::execv(path, words.data());
  ::_exit(127);
}

bool is_syscall_stop(int status) { return WIFSTOPPED(status) && WSTOPSIG(status) == (SIGTRAP | 0x80); }

}  // namespace

KilledRun run_and_kill(const std::vector<std::string>& arguments, const std::string& state_directory, std::size_t nth,
                       const std::string& path) {
  const pid_t program = ::fork();
  if (program < 0) throw std::runtime_error("fork failed");
  if (program == 0) become_traced(arguments, state_directory, path.empty() ? VM_PROGRAM : path.c_str());
  int status = 0;
  if (::waitpid(program, &status, 0) != program || !WIFSTOPPED(status)) throw std::runtime_error("nothing to trace");
  // A process that the program starts (PTRACE_O_TRACEFORK is not set) is not part of it.
  const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (::ptrace(PTRACE_SETOPTIONS, program, nullptr, options) != 0) throw std::runtime_error("ptrace failed");
  ::ptrace(PTRACE_SYSCALL, program, nullptr, nullptr);

  KilledRun run;
  bool has_begun = false;
  std::set<pid_t> in_call;  // threads that stopped on entry and not yet on exit
  for (;;) {
    const pid_t thread = ::waitpid(-1, &status, __WALL);
    if (thread < 0) {
      if (errno == EINTR) continue;
      throw std::runtime_error("waitpid failed");
    }
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      if (thread != program) continue;
      run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      return run;
    }
    int signal = 0;
    if (is_syscall_stop(status)) {
      const bool is_entry = in_call.insert(thread).second;
      if (!is_entry) in_call.erase(thread);
      if (is_entry && has_begun && ++run.syscalls == nth && !run.is_killed) {
        ::kill(program, SIGKILL);
        run.is_killed = true;
      }
    } else if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8)) {
      has_begun = true;
    } else if (status >> 16 == 0 && WSTOPSIG(status) != SIGSTOP) {
      signal = WSTOPSIG(status);
    }
    ::ptrace(PTRACE_SYSCALL, thread, nullptr, signal);
  }
}

}  // namespace vuurmuur::test
