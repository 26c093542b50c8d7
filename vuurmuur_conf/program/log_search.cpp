// SPDX-License-Identifier: GPL-2.0-or-later
#include "program/log_search.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <iostream>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "cli/run.h"
#include "ipc/varlink.h"

namespace vuurmuur::conf {
namespace {

/// Of "vuurmuur log": nothing fits.
constexpr int kFoundNothing = 1;
/// Read at once; others have their turn in between.
constexpr std::size_t kPiece = 64 * 1024;

std::vector<std::string> words_of(const app::SearchLog& wish, const LogSearch::Places& places) {
  std::vector<std::string> words{"log", "--json", "--colour=never", "--file=" + places.log_directory,
                                 "--state-dir=" + places.state_directory};
  if (!wish.since.empty()) words.push_back("--since=" + wish.since);
  words.emplace_back("--");
  for (const std::string_view word : base::split(wish.filter, ' '))
    if (!word.empty()) words.emplace_back(word);
  return words;
}

/// The last line of what a program says of errors, without "vuurmuur: error: ".
std::string problem_of(const std::string& said) {
  std::string problem;
  for (const std::string_view line : base::split(said, '\n'))
    if (!base::trim(line).empty() && !line.starts_with("try '")) problem = line;
  constexpr std::string_view kOwn = "vuurmuur: error: ";
  return problem.starts_with(kOwn) ? problem.substr(kOwn.size()) : problem;
}

}  // namespace

LogSearch::LogSearch(base::PollLoop& loop, const app::SearchLog& wish, const Places& places, Tell tell)
    : loop_(loop), request_(wish.request), tell_(std::move(tell)) {
  std::array<int, 2> out{-1, -1}, err{-1, -1};
  if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0) {
    finish(std::strerror(errno));
    return;
  }
  found_.reset(out[0]);
  errors_.reset(err[0]);
  const base::UniqueFd out_end(out[1]), err_end(err[1]);
  const std::vector<std::string> words = words_of(wish, places);
  process_ = ::fork();
  if (process_ == 0) {
    // The terminal is not its: neither what it writes nor the signals that are for the screen.
    const base::UniqueFd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    ::dup2(nothing.get(), STDIN_FILENO);
    ::dup2(out_end.get(), STDOUT_FILENO);
    ::dup2(err_end.get(), STDERR_FILENO);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const int status = cli::run(words);
    std::cout.flush();
    ::_exit(status);
  }
  if (process_ < 0) {
    finish(std::strerror(errno));
    return;
  }
  ::fcntl(found_.get(), F_SETFL, O_NONBLOCK);
  ::fcntl(errors_.get(), F_SETFL, O_NONBLOCK);
  loop_.watch(found_.get(), POLLIN, [this](short) { on_found(); });
  // Else it would stand still when it has much to say.
  loop_.watch(errors_.get(), POLLIN, [this](short) { read_errors(); });
}

LogSearch::~LogSearch() {
  for (const base::UniqueFd* fd : {&found_, &errors_})
    if (*fd) loop_.forget(fd->get());
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

void LogSearch::read_errors() {
  std::array<char, 4096> piece;
  const ssize_t size = ::read(errors_.get(), piece.data(), piece.size());
  if (size > 0) {
    said_.append(piece.data(), static_cast<std::size_t>(size));
  } else if (size == 0) {
    loop_.forget(errors_.get());
    errors_.reset();
  }
}

void LogSearch::on_found() {
  std::vector<char> piece(kPiece);
  const ssize_t size = ::read(found_.get(), piece.data(), piece.size());
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0) return on_end();
  app::LogFound found{.request = request_, .entries = {}, .problem = {}};
  line_.append(piece.data(), static_cast<std::size_t>(size));
  std::size_t begin = 0;
  for (std::size_t end; (end = line_.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const auto entry = ipc::Json::parse(line_.begin() + static_cast<std::ptrdiff_t>(begin),
                                        line_.begin() + static_cast<std::ptrdiff_t>(end), nullptr, /*allow_exceptions=*/false);
    if (entry.is_object()) found.entries.push_back(app::log_entry_from(entry));
  }
  line_.erase(0, begin);
  if (!found.entries.empty()) tell_(found);
}

void LogSearch::on_end() {
  loop_.forget(found_.get());
  found_.reset();
  int status = 0;
  ::waitpid(std::exchange(process_, -1), &status, 0);
  while (errors_) {
    const std::size_t before = said_.size();
    read_errors();
    if (errors_ && said_.size() == before) break;
  }
  const bool is_good = WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == kFoundNothing);
  const std::string problem = is_good ? std::string() : problem_of(said_);
  finish(is_good || !problem.empty() ? problem : "the search ended with an error");
}

void LogSearch::finish(std::string problem) {
  tell_({.request = request_, .entries = {}, .is_done = true, .problem = std::move(problem)});
}

}  // namespace vuurmuur::conf
