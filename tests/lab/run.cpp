// SPDX-License-Identifier: GPL-2.0-or-later
#include "lab/run.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/strings.h"
#include "base/unique_fd.h"
#include "lab/error.h"

namespace vuurmuur::lab {
namespace {

[[noreturn]] void become(const std::vector<std::string>& command, int channel) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(channel, 0);
  ::dup2(channel, 1);
  ::dup2(channel, 2);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

/// Feeds the input and collects the output at the same time, so that neither side waits for the other for ever.
std::string talk(int fd, std::string_view input) {
  std::string output;
  bool writing = true;
  while (true) {
    if (writing && input.empty()) {
      ::shutdown(fd, SHUT_WR);
      writing = false;
    }
    pollfd waiting{fd, static_cast<short>(POLLIN | (writing ? POLLOUT : 0)), 0};
    if (::poll(&waiting, 1, -1) < 0 && errno != EINTR) throw LabError::from_errno("wait for a program");
    if (waiting.revents & (POLLIN | POLLHUP)) {
      std::array<char, 65536> buffer;
      const ssize_t n = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (n == 0) return output;
      if (n > 0) output.append(buffer.data(), static_cast<std::size_t>(n));
      if (n < 0 && errno != EAGAIN && errno != EINTR) return output;
    }
    if (writing && waiting.revents & POLLOUT) {
      const ssize_t n = ::send(fd, input.data(), input.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0) input.remove_prefix(static_cast<std::size_t>(n));
      if (n < 0 && errno != EAGAIN && errno != EINTR) input = {};
    }
  }
}

}  // namespace

Finished run(const std::vector<std::string>& command, std::string_view input) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) throw LabError::from_errno("socketpair");
  base::UniqueFd ours(ends[0]), theirs(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) throw LabError::from_errno("fork");
  if (child == 0) become(command, theirs.get());
  theirs.reset();
  Finished result;
  result.output = talk(ours.get(), input);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) throw LabError::from_errno("wait for '" + command[0] + "'");
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

std::string run_ok(const std::vector<std::string>& command, std::string_view input) {
  Finished finished = run(command, input);
  if (finished.status != 0)
    throw LabError("'" + base::join(command, " ") + "' ended with " + std::to_string(finished.status) + ": " +
                   finished.output);
  return std::move(finished.output);
}

void ip(std::string_view lines) { run_ok({"ip", "-batch", "-"}, lines); }

}  // namespace vuurmuur::lab
