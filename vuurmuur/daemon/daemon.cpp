// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/daemon.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <syslog.h>
#include <systemd/sd-daemon.h>

#include <array>
#include <cerrno>

#include "base/heap.h"
#include "control/comparison.h"
#include "control/session.h"
#include "daemon/replies.h"

namespace vuurmuur::daemon {
namespace {

/// When the journal could not be looked at: how long until the next try.
constexpr std::chrono::seconds kNextTry{1};

/// How long after a load its memory is given back: what follows it at once can still use it.
constexpr std::chrono::seconds kQuietAfterLoad{1};

}  // namespace

Daemon::Daemon(base::FileSystem& files, Settings settings)
    : files_(files),
      settings_(std::move(settings)),
      service_(files, settings_),
      server_(loop_,
              [this](const ipc::Peer& peer, const ipc::Call& call, ipc::ClientId client) {
                return service_.handle({.peer = peer, .client = client, .takes_more = call.more}, call);
              },
              {.too_long = refusal("the answer is longer than what the socket carries; with VUURMUUR_SOCKET=none root "
                                   "does without it")}),
      sampler_(loop_, server_),
      feed_(server_),
      drift_(loop_, files_, settings_),
      surroundings_(loop_, files_, settings_.state_directory,
                    [this](history::Number generation, const sema::Policy& policy) {
                      return load_again(generation, policy);
                    }) {}

base::Result<void> Daemon::start(const std::string& path) {
  service_.set_watched(sampler_, feed_);
  settings_.on_step = [this](const control::StateEvent& event) { feed_.tell(event); };
  settings_.on_loading = [this] {
    if (!feed_.has_clients()) return;
    if (const auto journal = history::Store(files_, settings_.state_directory).read_journal()) feed_.take(*journal);
  };
  VM_TRY_VOID(loop_.take_signals({SIGTERM, SIGINT, SIGHUP}, [this](int signal) { on_signal(signal); }));
  VM_TRY_VOID(files_.make_directories(settings_.state_directory));
  // First: where another daemon answers, the rules are its to load. Who asks meanwhile waits in the socket.
  VM_TRY_VOID(listen(path));
  // Guards that it starts are nobody's to wait for.
  ::signal(SIGCHLD, SIG_IGN);
  restore();
  if (const auto begun = surroundings_.begin(); !begun) ::syslog(LOG_ERR, "%s", begun.error().message.c_str());
  watch_journal();
  look_at_journal();
  return {};
}

base::Result<void> Daemon::listen(const std::string& path) {
  if (::sd_listen_fds(/*unset_environment=*/1) > 0) return server_.listen(base::UniqueFd(SD_LISTEN_FDS_START));
  if (const std::size_t slash = path.rfind('/'); slash != std::string::npos && slash != 0)
    VM_TRY_VOID(files_.make_directories(path.substr(0, slash)));
  auto listens = server_.listen(path);
  if (!listens && listens.error().code == EADDRINUSE)
    return std::unexpected(base::Error{
        .message = fmt::format("another daemon answers at '{}': this one did nothing, and the rules are as they were", path),
        .code = EADDRINUSE});
  return listens;
}

base::Result<void> Daemon::run() {
  if (::sd_watchdog_enabled(/*unset_environment=*/0, &watchdog_microseconds_) > 0) pat_watchdog();
  ::sd_notify(/*unset_environment=*/0, "READY=1\nSTATUS=The firewall is watched.");
  return loop_.run();
}

void Daemon::pat_watchdog() {
  ::sd_notify(/*unset_environment=*/0, "WATCHDOG=1");
  loop_.call_after(std::chrono::microseconds(watchdog_microseconds_ / 2), [this] { pat_watchdog(); });
}

void Daemon::restore() {
  const auto session = control::Session::open(files_, settings_.state_directory, settings_.load, history::Wait::Yes);
  if (!session) return ::syslog(LOG_ERR, "%s", session.error().message.c_str());
  const auto journal = (*session)->store().read_journal();
  if (journal && !journal->confirmed && !journal->pending)
    return ::syslog(LOG_NOTICE, "nothing was applied yet: the kernel is left as it is");
  const auto back = (*session)->manager().restore(kDaemon);
  if (!back) return ::syslog(LOG_ERR, "%s", back.error().message.c_str());
  if (back->from)
    ::syslog(LOG_WARNING, "%s was taken back: %s", control::name_of(back->from).c_str(), back->reason.c_str());
  ::syslog(LOG_NOTICE, "%s is in force", control::name_of(back->to).c_str());
}

/// Other processes apply, confirm and go back as well: the deadline is that of the journal, whoever wrote it.
void Daemon::watch_journal() {
  journal_watch_.reset(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!journal_watch_) return;
  ::inotify_add_watch(journal_watch_.get(), settings_.state_directory.c_str(), IN_MOVED_TO);
  loop_.watch(journal_watch_.get(), POLLIN, [this](short) {
    std::array<char, 4096> events;
    while (::read(journal_watch_.get(), events.data(), events.size()) > 0) {
    }
    look_at_journal();
  });
}

/// A load leaves the heap in pieces, in which the next one finds no room; so the daemon would grow from load to load.
void Daemon::give_memory_back_soon() {
  if (will_give_memory_back_) return;
  will_give_memory_back_ = true;
  loop_.call_after(kQuietAfterLoad, [this] {
    will_give_memory_back_ = false;
    base::give_memory_back();
  });
}

void Daemon::look_at_journal() {
  give_memory_back_soon();
  if (deadline_) loop_.cancel(*deadline_);
  deadline_.reset();
  const auto again = [this] { deadline_ = loop_.call_after(kNextTry, [this] { look_at_journal(); }); };
  const auto journal = history::Store(files_, settings_.state_directory).read_journal();
  if (!journal) {
    // Once: a person has to mend it, and looks at the log for other things as well.
    if (std::exchange(journal_fault_, journal.error().message) != journal.error().message)
      ::syslog(LOG_ERR, "%s", journal_fault_.c_str());
    return again();
  }
  journal_fault_.clear();
  feed_.take(*journal);
  drift_.follow(*journal);
  follow_surroundings(*journal);
  if (!journal->pending) return;
  const control::SystemClock clock;
  const history::Recovery found = history::recovery(*journal, clock.now());
  if (found.kind == history::Recovery::Kind::Wait) {
    deadline_ = loop_.call_at(journal->pending->deadline->nanoseconds, [this] { look_at_journal(); });
    return;
  }
  // Without a deadline it is being applied just now, by whoever has the turn, or by somebody who died.
  const auto session = control::Session::open(files_, settings_.state_directory, settings_.load, history::Wait::No);
  if (!session) return again();
  const auto back = (*session)->manager().recover(kDaemon);
  if (!back) {
    ::syslog(LOG_ERR, "%s", back.error().message.c_str());
    return again();
  }
  if (*back)
    ::syslog(LOG_WARNING, "%s was taken back: %s; %s is in force", control::name_of((*back)->from).c_str(),
             (*back)->reason.c_str(), control::name_of((*back)->to).c_str());
}

/// What is being applied is followed when it is in force.
void Daemon::follow_surroundings(const history::Journal& journal) {
  if (journal.pending && !journal.pending->deadline) return;
  const auto number = journal.is_cleared ? std::nullopt : control::in_force(journal);
  surroundings_.follow(number ? journal.find(*number) : nullptr);
}

/// The surroundings changed. False when somebody else has the turn.
bool Daemon::load_again(history::Number generation, const sema::Policy& policy) {
  const auto session = control::Session::open(files_, settings_.state_directory, settings_.load, history::Wait::No);
  if (!session) return false;
  const auto journal = (*session)->store().read_journal();
  if (!journal) return false;
  if (journal->pending && !journal->pending->deadline) return false;
  // Another one is in force by now: what is watched will be that one soon.
  if (journal->is_cleared || control::in_force(*journal) != generation) return false;
  const auto report = (*session)->manager().follow(generation, policy);
  if (!report) {
    ::syslog(LOG_ERR, "devices, addresses or names changed, and the rules do not: %s", report.error().message.c_str());
    return true;
  }
  ::syslog(LOG_NOTICE, "devices, addresses or names changed, and the rules with them");
  drift_.begin_anew(*journal);
  return true;
}

void Daemon::on_signal(int signal) {
  if (signal != SIGHUP) {
    ::sd_notify(/*unset_environment=*/0, "STOPPING=1");
    ::syslog(LOG_NOTICE, "stopping; the rules stay in force");
    return loop_.stop();
  }
  ::sd_notify(/*unset_environment=*/0, "RELOADING=1");
  ::syslog(LOG_NOTICE, "%s", service_.reload().c_str());
  ::sd_notify(/*unset_environment=*/0, "READY=1");
}

}  // namespace vuurmuur::daemon
