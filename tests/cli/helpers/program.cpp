// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/program.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>

#include "base/unique_fd.h"
#include "helpers/tree.h"

namespace vuurmuur::test {
namespace {

/// What the program remembers is that of the test, not of the machine.
std::string state_directory() {
  static const TemporaryDirectory directory;
  return directory.path().string();
}

/// In the child: becomes the program.
[[noreturn]] void become(const Call& call, const std::string& state) {
  ::setenv("VUURMUUR_STATE_DIR", state.c_str(), 1);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (const int capability : call.without_capabilities) ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  ::unsetenv("NO_COLOR");
  ::setenv("TERM", "xterm", 1);
  for (const auto& [name, value] : call.environment) ::setenv(name.c_str(), value.c_str(), 1);
  const char* program = call.program.empty() ? VM_PROGRAM : call.program.c_str();
  std::vector<char*> words{const_cast<char*>(program)};
  for (const std::string& word : call.arguments) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execv(program, words.data());
  ::_exit(127);
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) throw std::runtime_error("waitpid failed");
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Appends what is there; false at the end.
bool drain(int fd, std::string& text) {
  std::array<char, 65536> buffer;
  const ssize_t n = ::read(fd, buffer.data(), buffer.size());
  if (n > 0) text.append(buffer.data(), static_cast<std::size_t>(n));
  return n > 0 || (n < 0 && errno == EINTR);
}

struct Pipe {
  base::UniqueFd read, write;
  Pipe() {
    int fds[2];
    if (::pipe2(fds, O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
    read.reset(fds[0]);
    write.reset(fds[1]);
  }
};

}  // namespace

Outcome vuurmuur(const Call& call) {
  Pipe in, out, err;
  const std::string state = state_directory();
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    ::dup2(in.read.get(), STDIN_FILENO);
    ::dup2(out.write.get(), STDOUT_FILENO);
    ::dup2(err.write.get(), STDERR_FILENO);
    become(call, state);
  }
  in.read.reset();
  out.write.reset();
  err.write.reset();
  // Inputs are answers to a question: they fit in a pipe.
  if (!call.input.empty() && ::write(in.write.get(), call.input.data(), call.input.size()) < 0) {
    throw std::runtime_error("write to the program failed");
  }
  in.write.reset();
  Outcome outcome;
  bool out_open = true, err_open = true;
  while (out_open || err_open) {
    std::array<pollfd, 2> waiting{pollfd{out_open ? out.read.get() : -1, POLLIN, 0},
                                  pollfd{err_open ? err.read.get() : -1, POLLIN, 0}};
    if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
    if (waiting[0].revents != 0) out_open = drain(out.read.get(), outcome.out);
    if (waiting[1].revents != 0) err_open = drain(err.read.get(), outcome.err);
  }
  outcome.status = wait_for(child);
  return outcome;
}

Outcome vuurmuur(std::vector<std::string> arguments) { return vuurmuur(Call{.arguments = std::move(arguments)}); }

Outcome vuurmuur_script(const std::string& directory, std::vector<std::string> arguments,
                        std::vector<std::pair<std::string, std::string>> environment) {
  arguments.insert(arguments.begin(), {"-c", directory});
  return vuurmuur(Call{.arguments = std::move(arguments), .environment = std::move(environment), .program = VM_SCRIPT});
}

Outcome vuurmuur_on_terminal(const Call& call) {
  const std::string state = state_directory();
  int master = -1;
  const pid_t child = ::forkpty(&master, nullptr, nullptr, nullptr);
  if (child < 0) throw std::runtime_error("forkpty failed");
  if (child == 0) become(call, state);
  const base::UniqueFd terminal(master);
  Outcome outcome;
  std::string input = call.input;
  do {
    if (input.empty() || outcome.out.find(call.prompt) == std::string::npos) continue;
    if (::write(master, input.data(), input.size()) < 0) throw std::runtime_error("write to the terminal failed");
    input.clear();
  } while (drain(master, outcome.out));
  outcome.status = wait_for(child);
  return outcome;
}

}  // namespace vuurmuur::test
