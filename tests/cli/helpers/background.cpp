// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/background.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace vuurmuur::test {

BackgroundProgram::BackgroundProgram(const std::vector<std::string>& arguments, const std::string& state_directory,
                                     const std::string& output, bool keeps_errors)
    : pid_(::fork()) {
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ != 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::setenv("VUURMUUR_STATE_DIR", state_directory.c_str(), 1);
  const int nowhere = ::open("/dev/null", O_RDWR);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nowhere, fd);
  ::dup2(::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), STDOUT_FILENO);
  if (keeps_errors) ::dup2(STDOUT_FILENO, STDERR_FILENO);
  std::vector<char*> words{const_cast<char*>(VM_PROGRAM)};
  for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execv(VM_PROGRAM, words.data());
  ::_exit(127);
}

BackgroundProgram::~BackgroundProgram() {
  if (pid_ > 0) end(SIGKILL);
}

void BackgroundProgram::signal(int number) const { ::kill(pid_, number); }

int BackgroundProgram::end(int number) {
  signal(number);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace vuurmuur::test
