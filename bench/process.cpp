// SPDX-License-Identifier: GPL-2.0-or-later
#include "process.h"

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/strings.h"
#include "base/unique_fd.h"
#include "lab/error.h"
#include "lab/namespace.h"

extern char** environ;

namespace vuurmuur::bench {
namespace {

constexpr const char* kErrorFile = "/run/vuurmuur-bench.err";

/// The end of what a program wrote to standard error, without a line end.
std::string complaint() {
  std::ifstream file(kErrorFile);
  std::string text(std::istreambuf_iterator<char>(file), {});
  while (text.ends_with('\n')) text.pop_back();
  constexpr std::size_t kEnough = 400;
  return text.size() > kEnough ? "…" + text.substr(text.size() - kEnough) : text;
}

/// Starts a program; what it writes goes to `output`.
base::Result<pid_t> start(const std::vector<std::string>& command, const std::string& input, int output) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input.empty() ? "/dev/null" : input.c_str(), O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, kErrorFile, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, words[0], &actions, nullptr, words.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return base::system_error("start " + command[0], failed);
  return child;
}

/// What it cost, but for the time that passed.
base::Result<Cost> wait_for(pid_t child, const std::vector<std::string>& command) {
  int status = 0;
  rusage usage{};
  while (::wait4(child, &status, 0, &usage) < 0)
    if (errno != EINTR) return base::system_error("wait for " + command[0], errno);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return base::failure(base::join(command, " ") + " failed: " + complaint());
  const auto milliseconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return Cost{.processor_ms = milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime),
              .peak_megabytes = static_cast<double>(usage.ru_maxrss) / 1024.0};
}

}  // namespace

bool in_child(const std::string& name, const std::function<base::Result<void>()>& work) {
  std::fflush(stdout);
  const pid_t child = ::fork();
  if (child == 0) {
    std::string problem;
    try {
      if (const auto done = work(); !done) problem = done.error().message;
    } catch (const std::exception& error) {  // the laboratory throws
      problem = error.what();
    }
    std::fflush(stdout);
    if (!problem.empty()) std::fprintf(stderr, "%s: %s\n", name.c_str(), problem.c_str());
    ::_exit(problem.empty() ? 0 : 1);
  }
  int status = 0;
  while (child > 0 && ::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return false;
  if (child > 0 && WIFSIGNALED(status))
    std::fprintf(stderr, "%s: ended by signal %d\n", name.c_str(), WTERMSIG(status));
  return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

base::Result<void> enter_namespaces() {
  try {
    lab::enter_laboratory();
  } catch (const lab::LabError& error) {
    return base::failure(error.what());
  }
  return {};
}

base::Result<void> enter_namespaces_as_root() {
  if (::geteuid() != 0) return enter_namespaces();
  if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return base::system_error("make namespaces", errno);
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return base::system_error("make mounts private", errno);
  if (::mount("tmpfs", "/run", "tmpfs", 0, nullptr) != 0) return base::system_error("mount a private /run", errno);
  try {
    lab::bind_to_one_processor();
  } catch (const lab::LabError& error) {
    return base::failure(error.what());
  }
  return {};
}

base::Result<void> use_all_processors() {
  cpu_set_t all;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) CPU_SET(cpu, &all);  // the kernel leaves those that may not be used
  if (::sched_setaffinity(0, sizeof all, &all) != 0) return base::system_error("use all processors", errno);
  return {};
}

base::Result<void> fresh_network() {
  if (::unshare(CLONE_NEWNET) != 0) return base::system_error("make a network namespace", errno);
  ::usleep(400000);
  return {};
}

base::Result<Cost> run_program(const std::vector<std::string>& command, const std::string& input) {
  const base::UniqueFd nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  Stopwatch watch;
  const pid_t child = VM_TRY(start(command, input, nowhere.get()));
  Cost cost = VM_TRY(wait_for(child, command));
  cost.wall_ms = watch.lap();
  return cost;
}

base::Result<void> read_program(const std::vector<std::string>& command,
                                const std::function<void(std::string_view)>& take) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return base::system_error("make a pipe", errno);
  base::UniqueFd from(ends[0]), into(ends[1]);
  const pid_t child = VM_TRY(start(command, {}, into.get()));
  into.reset();
  std::string text;
  std::array<char, 65536> piece;
  for (ssize_t got = 0; (got = ::read(from.get(), piece.data(), piece.size())) != 0;) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) break;  // and the program ends by itself when its pipe does
    text.append(piece.data(), static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
      take(std::string_view(text).substr(begin, end - begin));
    text.erase(0, begin);
  }
  from.reset();
  static_cast<void>(VM_TRY(wait_for(child, command)));
  return {};
}

std::optional<std::string> find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  const std::string directories = std::string(path != nullptr ? path : "") + ":/usr/sbin:/sbin:/usr/bin";
  for (const std::string_view directory : base::split(directories, ':')) {
    std::string candidate = std::string(directory) + "/" + name;
    if (!directory.empty() && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return std::nullopt;
}

base::Result<void> write_file(const std::string& path, const std::string& text) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  std::ofstream file(path, std::ios::binary);
  file << text << std::flush;
  if (!file.good()) return base::failure("cannot write " + path);
  return {};
}

base::Result<void> write_tree(const base::MemoryFileSystem& tree, const std::string& directory) {
  constexpr std::string_view kRoot = "/tree";
  for (const auto& [path, text] : tree.files) VM_TRY_VOID(write_file(directory + path.substr(kRoot.size()), text));
  return {};
}

double Meter::processor_now() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

Cost Meter::lap() {
  const double before = std::exchange(processor_ms_, processor_now());
  return {.wall_ms = watch_.lap(), .processor_ms = processor_ms_ - before};
}

void Costs::add(const Cost& cost) {
  milliseconds.add(cost.wall_ms);
  processor.add(cost.processor_ms);
  megabytes.add(cost.peak_megabytes);
}

double peak_megabytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

}  // namespace vuurmuur::bench
