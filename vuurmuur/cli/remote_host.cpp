// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/remote_host.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/unique_fd.h"

extern char** environ;

namespace vuurmuur::cli {
namespace {

/// What ssh is asked for: a connection that nobody has opened before, and an end of one that died.
constexpr std::array<const char*, 11> kSsh{"ssh",
                                           "-T",
                                           "-oControlMaster=no",
                                           "-oControlPath=none",
                                           "-oConnectTimeout=10",
                                           "-oServerAliveInterval=5",
                                           "-oServerAliveCountMax=3",
                                           "-oForwardAgent=no",
                                           "-oForwardX11=no",
                                           "-oClearAllForwardings=yes",
                                           "--"};

/// Two ends of a stream. A socket, because writing into it can fail without a signal.
struct Stream {
  base::UniqueFd ours, theirs;
};

base::Result<Stream> make_stream() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return base::system_error("make a stream", errno);
  return Stream{.ours = base::UniqueFd(ends[0]), .theirs = base::UniqueFd(ends[1])};
}

/// Starts a program with these three streams.
base::Result<pid_t> start(const char* program, const std::vector<std::string>& words, int in, int out, int err) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  std::vector<char*> pointers;
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  pid_t pid = 0;
  const int code = ::posix_spawnp(&pid, program, &actions, nullptr, pointers.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (code != 0) return base::system_error(fmt::format("run '{}'", words.front()), code);
  return pid;
}

/// Appends what there is; closes the stream at its end.
void take(base::UniqueFd& from, std::string& text) {
  std::array<char, 65536> buffer;
  const ssize_t n = ::read(from.get(), buffer.data(), buffer.size());
  if (n > 0)
    text.append(buffer.data(), static_cast<std::size_t>(n));
  else if (n == 0 || errno != EINTR)
    from.reset();
}

/// Sends what fits; closes the stream when all is sent or nobody reads any more.
void give(base::UniqueFd& to, std::string_view& text) {
  const ssize_t n = ::send(to.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n >= 0)
    text.remove_prefix(static_cast<std::size_t>(n));
  else if (errno != EINTR && errno != EAGAIN)
    text = {};
  if (text.empty()) to.reset();
}

int status_of(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return kNotReached;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

base::Result<RemoteHost::Answer> run_program(const char* program, const std::vector<std::string>& words,
                                             std::string_view input) {
  auto in = VM_TRY(make_stream()), out = VM_TRY(make_stream()), err = VM_TRY(make_stream());
  const pid_t pid = VM_TRY(start(program, words, in.theirs.get(), out.theirs.get(), err.theirs.get()));
  for (Stream* stream : {&in, &out, &err}) stream->theirs.reset();
  if (input.empty()) in.ours.reset();
  RemoteHost::Answer answer;
  while (out.ours || err.ours) {
    std::array<pollfd, 3> waiting{pollfd{in.ours.get(), POLLOUT, 0}, pollfd{out.ours.get(), POLLIN, 0},
                                  pollfd{err.ours.get(), POLLIN, 0}};
    if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
    if (waiting[0].revents != 0) give(in.ours, input);
    if (waiting[1].revents != 0) take(out.ours, answer.out);
    if (waiting[2].revents != 0) take(err.ours, answer.err);
  }
  answer.status = status_of(pid);
  return answer;
}

}  // namespace

std::string shell_word(std::string_view word) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_=./,:@%+").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::ranges::all_of(word, is_plain)) return std::string(word);
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::expected<RemoteHost, std::string> RemoteHost::named(std::string name) {
  const auto is_odd = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; };
  if (name.empty() || name.front() == '-' || std::ranges::any_of(name, is_odd))
    return std::unexpected(fmt::format("option '--to': '{}' names no machine", name));
  return RemoteHost(std::move(name));
}

base::Result<RemoteHost::Answer> RemoteHost::run(const std::vector<std::string>& words, std::string_view input) const {
  std::vector<std::string> all;
  if (name_ == kHere) {
    all.push_back("vuurmuur");
    all.insert(all.end(), words.begin(), words.end());
    return run_program("/proc/self/exe", all, input);
  }
  all.assign(kSsh.begin(), kSsh.end());
  all.push_back(name_);
  // What arrives there is one line for a shell.
  std::string line = "vuurmuur";
  for (const std::string& word : words) line += ' ' + shell_word(word);
  all.push_back(std::move(line));
  return run_program("ssh", all, input);
}

}  // namespace vuurmuur::cli
