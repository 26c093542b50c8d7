// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/guard_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <cstring>
#include <vector>

extern char** environ;

namespace vuurmuur::cli {
namespace {

/// What posix_spawn(3) needs besides the program, freed at the end.
class SpawnSettings {
 public:
  SpawnSettings() {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawnattr_init(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  posix_spawn_file_actions_t* files() { return &files_; }
  posix_spawnattr_t* attributes() { return &attributes_; }

 private:
  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

}  // namespace

base::Result<void> start_guard(const std::string& state_directory, bool is_default_directory) {
  SpawnSettings settings;
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    ::posix_spawn_file_actions_addopen(settings.files(), fd, "/dev/null", O_RDWR, 0);
  ::posix_spawn_file_actions_addchdir_np(settings.files(), "/");
  // Signals that the daemon takes for itself are the guard's own.
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(settings.attributes(), &none);
  ::posix_spawnattr_setsigdefault(settings.attributes(), &all);
  ::posix_spawnattr_setflags(settings.attributes(),
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<std::string> words{"vuurmuur", "guard"};
  if (!is_default_directory) words.push_back("--state-dir=" + state_directory);
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_t pid = 0;
  const int code = ::posix_spawn(&pid, "/proc/self/exe", settings.files(), settings.attributes(), pointers.data(), environ);
  if (code != 0) return base::system_error("start the process that takes the rules back when nobody confirms them", code);
  return {};
}

}  // namespace vuurmuur::cli
