// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/daemon.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <syslog.h>
#include <systemd/sd-daemon.h>

#include <fmt/format.h>

#include <array>
#include <cerrno>

#include "apply/xtables_lock.h"
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

/// What the log says of an apply that SIGHUP asked for.
std::string text_of_reload(const ipc::Reply& reply) {
  if (reply.error.empty())
    return fmt::format("generation {} is in force: {} rules", reply.parameters.at("applied").at("generation").dump(),
                       reply.parameters.at("applied").at("rules").dump());
  return "not reloaded: " + reply.parameters.value("message", reply.error);
}

}  // namespace

Daemon::Daemon(base::FileSystem& files, Settings settings)
    : files_(files),
      settings_(std::move(settings)),
      service_(files, settings_),
      lock_wait_(loop_, apply::xtables_lock_path()),
      server_(loop_,
              [this](const ipc::Peer& peer, const ipc::Call& call, ipc::ClientId client) {
                return answer({.peer = peer, .client = client, .takes_more = call.more}, call,
                              [this, client, oneway = call.oneway](const ipc::Reply& reply) {
                                if (!oneway) server_.tell(client, reply);
                              });
              },
              {.too_long = refusal("the answer is longer than what the socket carries; with VUURMUUR_SOCKET=none root "
                                   "does without it")}),
      sampler_(loop_, server_, settings_.load.state_directory),
      connection_sampler_(loop_, server_),
      feed_(server_),
      traffic_log_(loop_, server_),
      queue_watch_(
          loop_, [this](const control::QueueEvent& event) { tell_queue(event); },
          [this](const std::vector<std::uint16_t>& left_out) { surroundings_.leave_out(left_out); }),
      connection_watch_(loop_, {.event =
                                    [this](const control::ConnectionEvent& event) {
                                      connection_log_.take(event);
                                      volumes_.count(event);
                                    },
                                .note = [this](std::string_view note) { connection_log_.note(note); },
                                .turn_ended = [this] { connection_log_.finish_turn(); }}),
      volumes_(loop_, files_, settings_.state_directory, settings_.load.state_directory),
      drift_(loop_, files_, settings_, lock_wait_),
      surroundings_(loop_, files_, settings_.state_directory,
                    [this](history::Number generation, const sema::Policy& policy, control::PlanMemo& memo) {
                      return load_again(generation, policy, memo);
                    }) {
  // Whoever waits does not make others wait.
  settings_.load.lock_patience = std::chrono::milliseconds(0);
  settings_.load.nft_memory = &nft_memory_;
  drift_.when_repaired([this] { surroundings_.loaded_by_others(); });
}

base::Result<void> Daemon::start(const std::string& path) {
  service_.set_watched(sampler_, connection_sampler_, feed_, traffic_log_, queue_watch_, lock_wait_);
  service_.set_volumes(volumes_);
  settings_.on_step = [this](const control::StateEvent& event) { feed_.tell(event); };
  settings_.on_loading = [this] {
    if (!feed_.has_clients()) return;
    if (const auto journal = history::Store(files_, settings_.state_directory).read_journal()) feed_.take(*journal);
  };
  VM_TRY_VOID(loop_.take_signals({SIGTERM, SIGINT, SIGHUP, SIGUSR1}, [this](int signal) { on_signal(signal); }));
  VM_TRY_VOID(files_.make_directories(settings_.state_directory));
  // First: where another daemon answers, the rules are its to load. Who asks meanwhile waits in the socket.
  VM_TRY_VOID(listen(path));
  // Guards that it starts are nobody's to wait for.
  ::signal(SIGCHLD, SIG_IGN);
  // Without nf_tables nothing is changed there.
  static_cast<void>(drift_.listen());
  restore();
  return {};
}

base::Result<void> Daemon::listen(const std::string& path) {
  if (::sd_listen_fds(/*unset_environment=*/1) > 0) return server_.listen(base::UniqueFd(SD_LISTEN_FDS_START));
  if (const std::size_t slash = path.rfind('/'); slash != std::string::npos && slash != 0)
    VM_TRY_VOID(files_.make_directories(path.substr(0, slash)));
  auto listens = server_.listen(path);
  if (!listens && listens.error().code == EADDRINUSE)
    return std::unexpected(base::Error{
        .message =
            fmt::format("another daemon answers at '{}': this one did nothing, and the rules are as they were", path),
        .code = EADDRINUSE});
  return listens;
}

base::Result<void> Daemon::run() {
  if (::sd_watchdog_enabled(/*unset_environment=*/0, &watchdog_microseconds_) > 0) pat_watchdog();
  is_running_ = true;
  tell_ready();
  auto ended = loop_.run();
  if (is_watching_) volumes_.look();
  return ended;
}

void Daemon::tell_ready() {
  if (is_running_ && is_watching_) ::sd_notify(/*unset_environment=*/0, "READY=1\nSTATUS=The firewall is watched.");
}

void Daemon::pat_watchdog() {
  ::sd_notify(/*unset_environment=*/0, "WATCHDOG=1");
  loop_.call_after(std::chrono::microseconds(watchdog_microseconds_ / 2), [this] { pat_watchdog(); });
}

apply::Options Daemon::load_with(apply::XtablesLock lock) const {
  apply::Options load = settings_.load;
  load.lock = std::move(lock);
  return load;
}

std::optional<ipc::Reply> Daemon::answer(Caller caller, const ipc::Call& call, OnReply late) {
  const auto patience = service_.lock_patience(caller, call);
  // Who comes later does not come first.
  if (!patience || patience->count() == 0 || !lock_wait_.is_waiting()) {
    ipc::Reply reply = service_.handle(caller, call);
    if (!patience || patience->count() == 0 || !is_locked_out(reply)) return reply;
  }
  wait_for_lock(caller, call, *patience, std::move(late));
  return std::nullopt;
}

void Daemon::wait_for_lock(const Caller& caller, const ipc::Call& call, std::chrono::seconds patience, OnReply late) {
  Parameters parameters(call.parameters);
  const std::string what =
      fmt::format("{} by {}", call.method.substr(call.method.rfind('.') + 1), read_actor(caller.peer, parameters).user);
  lock_wait_.wait(what, patience, [this, caller, call, late](base::Result<apply::XtablesLock> lock) {
    // Whoever hung up does not wish it any more.
    if (caller.client && !server_.is_there(*caller.client)) return;
    if (!lock) {
      tell_step("refused", caller, call, lock.error().message);
      return late(refusal(lock.error()));
    }
    Caller has_lock = caller;
    has_lock.lock = std::move(*lock);
    late(service_.handle(has_lock, call));
  });
  tell_step("waiting", caller, call, lock_wait_.text().value_or(""));
}

void Daemon::tell_step(const char* what, const Caller& caller, const ipc::Call& call, std::string detail) {
  Parameters parameters(call.parameters);
  feed_.tell({.what = what,
              .generation = {},
              .time = control::SystemClock().wall_seconds(),
              .who = read_actor(caller.peer, parameters),
              .detail = std::move(detail)});
}

void Daemon::restore() {
  if (try_to_restore(nullptr)) return begin_watching();
  ::syslog(LOG_NOTICE, "another program has the xtables lock; the rules that are in force stay until it lets go of it");
  lock_wait_.wait("the start of the daemon", apply::kLockPatience, [this](base::Result<apply::XtablesLock> lock) {
    if (!lock)
      ::syslog(LOG_ERR, "%s", lock.error().message.c_str());
    else
      static_cast<void>(try_to_restore(std::move(*lock)));
    begin_watching();
  });
}

/// False when another program has the xtables lock.
bool Daemon::try_to_restore(apply::XtablesLock lock) {
  const auto complain = [](const base::Error& error) { ::syslog(LOG_ERR, "%s", error.message.c_str()); };
  const auto session =
      control::Session::open(files_, settings_.state_directory, load_with(std::move(lock)), history::Wait::Yes);
  if (!session) return complain(session.error()), true;
  const auto journal = (*session)->store().read_journal();
  if (journal && !journal->confirmed && !journal->pending) {
    ::syslog(LOG_NOTICE, "nothing was applied yet: the kernel is left as it is");
    return true;
  }
  const auto back = (*session)->manager().restore(kDaemon);
  if (!back && back.error().code == ETIMEDOUT) return false;
  if (!back) return complain(back.error()), true;
  if (back->from)
    ::syslog(LOG_WARNING, "%s was taken back: %s", control::name_of(back->from).c_str(), back->reason.c_str());
  ::syslog(LOG_NOTICE, "%s is in force", control::name_of(back->to).c_str());
  return true;
}

void Daemon::begin_watching() {
  is_watching_ = true;
  if (const auto begun = surroundings_.begin(); !begun) ::syslog(LOG_ERR, "%s", begun.error().message.c_str());
  watch_journal();
  volumes_.begin();
  look_at_journal();
  tell_ready();
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
  const auto journal = history::Store(files_, settings_.state_directory).read_journal();
  if (!journal) {
    // Once: a person has to mend it, and looks at the log for other things as well.
    if (std::exchange(journal_fault_, journal.error().message) != journal.error().message)
      ::syslog(LOG_ERR, "%s", journal_fault_.c_str());
    return recover_soon();
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
  recover(nullptr);
}

void Daemon::recover_soon() {
  deadline_ = loop_.call_after(kNextTry, [this] { look_at_journal(); });
}

void Daemon::recover(apply::XtablesLock lock) {
  if (recovers_later_) return;
  const auto session =
      control::Session::open(files_, settings_.state_directory, load_with(std::move(lock)), history::Wait::No);
  if (!session) return recover_soon();
  const auto back = (*session)->manager().recover(kDaemon);
  if (!back && back.error().code == ETIMEDOUT) {
    recovers_later_ = true;
    return lock_wait_.wait("what goes back", apply::kLockPatience, [this](base::Result<apply::XtablesLock> free) {
      recovers_later_ = false;
      if (free) return recover(std::move(*free));
      ::syslog(LOG_ERR, "%s", free.error().message.c_str());
      look_at_journal();
    });
  }
  if (!back) {
    ::syslog(LOG_ERR, "%s", back.error().message.c_str());
    return recover_soon();
  }
  if (*back)
    ::syslog(LOG_WARNING, "%s was taken back: %s; %s is in force", control::name_of((*back)->from).c_str(),
             (*back)->reason.c_str(), control::name_of((*back)->to).c_str());
}

/// What is being applied is followed when it is in force.
void Daemon::follow_surroundings(const history::Journal& journal) {
  if (journal.pending && !journal.pending->deadline) return;
  const auto number = journal.is_cleared ? std::nullopt : control::in_force(journal);
  const history::Generation* const generation = number ? journal.find(*number) : nullptr;
  if (surroundings_.follow(generation)) follow_policy(generation);
  volumes_.follow(generation, surroundings_.policy());
}

/// What is in force is another policy, or the same in other surroundings.
void Daemon::follow_policy(const history::Generation* generation) {
  const control::CheckedPolicy* const checked = surroundings_.policy();
  traffic_log_.follow(checked);
  queue_watch_.follow(checked == nullptr ? nullptr : &checked->policy);
  connection_log_.follow(checked == nullptr ? nullptr : checked->policy.settings);
  connection_watch_.follow(checked, generation == nullptr ? std::string_view() : generation->backend,
                           connection_log_.wants_events());
}

void Daemon::tell_queue(const control::QueueEvent& event) {
  using enum control::QueueEvent::What;
  const bool is_good = event.what == Attended || event.what == Well || event.what == TakenIn || event.what == Was;
  ::syslog(is_good ? LOG_NOTICE : LOG_WARNING, "%s", event.detail.c_str());
  feed_.tell({.what = std::string(to_string(event.what)),
              .generation = {},
              .time = control::SystemClock().wall_seconds(),
              .who = kDaemon,
              .detail = event.detail});
}

/// The surroundings changed.
SurroundingsWatch::Tried Daemon::load_again(history::Number generation, const sema::Policy& policy,
                                            control::PlanMemo& memo) {
  using enum SurroundingsWatch::Tried;
  if (follows_later_) return Waiting;
  const auto session =
      control::Session::open(files_, settings_.state_directory, load_with(lock_to_follow_), history::Wait::No);
  if (!session) return NotYet;
  const auto journal = (*session)->store().read_journal();
  if (!journal) return NotYet;
  if (journal->pending && !journal->pending->deadline) return NotYet;
  // Another one is in force by now: what is watched will be that one soon.
  if (journal->is_cleared || control::in_force(*journal) != generation) return NotYet;
  const auto report = (*session)->manager().follow(generation, policy, memo);
  if (!report && report.error().code == ETIMEDOUT) {
    follows_later_ = true;
    lock_wait_.wait("what follows devices, addresses and names", apply::kLockPatience,
                    [this](base::Result<apply::XtablesLock> lock) {
                      follows_later_ = false;
                      if (lock) lock_to_follow_ = std::move(*lock);
                      surroundings_.look();
                      lock_to_follow_.reset();
                    });
    return Waiting;
  }
  if (!report) {
    ::syslog(LOG_ERR, "devices, addresses, names or programs behind queues changed, and the rules do not: %s",
             report.error().message.c_str());
    return Yes;
  }
  ::syslog(LOG_NOTICE, "devices, addresses, names or programs behind queues changed, and the rules with them");
  follow_policy(journal->find(generation));
  drift_.go_on(*journal, memo.loaded);
  return Yes;
}

void Daemon::on_signal(int signal) {
  if (signal == SIGUSR1) {
    traffic_log_.reopen();
    return connection_log_.reopen();
  }
  if (signal != SIGHUP) {
    ::sd_notify(/*unset_environment=*/0, "STOPPING=1");
    ::syslog(LOG_NOTICE, "stopping; the rules stay in force");
    return loop_.stop();
  }
  ::sd_notify(/*unset_environment=*/0, "RELOADING=1");
  const auto done = [](const ipc::Reply& reply) {
    ::syslog(LOG_NOTICE, "%s", text_of_reload(reply).c_str());
    ::sd_notify(/*unset_environment=*/0, "READY=1");
  };
  const ipc::Call apply{.method = fmt::format("{}.Apply", kManager), .parameters = {{"comment", "SIGHUP"}}};
  if (const auto reply = answer({.peer = {.pid = 0, .uid = 0, .groups = {}}}, apply, done)) done(*reply);
}

}  // namespace vuurmuur::daemon
