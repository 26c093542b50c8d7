// SPDX-License-Identifier: GPL-2.0-or-later
#include <poll.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <syslog.h>

#include <array>
#include <cerrno>
#include <ctime>

#include "base/unique_fd.h"
#include "cli/caller.h"
#include "cli/kernel_report.h"
#include "cli/session.h"
#include "cli/state_directory.h"
#include "commands/commands.h"
#include "control/clock.h"
#include "history/store.h"
#include "history/store_lock.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{kStateDirOption};

/// Between tries to go back, when one failed.
constexpr timespec kBetweenTries{.tv_sec = 1, .tv_nsec = 0};

/// Sleeps until a moment of CLOCK_BOOTTIME, which goes on while the machine is suspended, or until the journal changes.
base::Result<void> sleep_until(std::int64_t nanoseconds, const std::string& directory) {
  const base::UniqueFd timer(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC));
  if (!timer) return base::system_error("make a timer", errno);
  // Without the watch it would only live on for nothing until the deadline.
  const base::UniqueFd watch(::inotify_init1(IN_CLOEXEC));
  if (watch) ::inotify_add_watch(watch.get(), directory.c_str(), IN_MOVED_TO | IN_DELETE_SELF);
  itimerspec when{};
  when.it_value = {.tv_sec = static_cast<time_t>(nanoseconds / 1'000'000'000),
                   .tv_nsec = static_cast<long>(nanoseconds % 1'000'000'000)};
  if (::timerfd_settime(timer.get(), TFD_TIMER_ABSTIME, &when, nullptr) != 0)
    return base::system_error("set a timer", errno);
  std::array<pollfd, 2> waiting{{{timer.get(), POLLIN, 0}, {watch.get(), POLLIN, 0}}};
  while (::poll(waiting.data(), waiting.size(), -1) < 0)
    if (errno != EINTR) return base::system_error("wait for a timer", errno);
  return {};
}

/// Does what is to be done now; gives the moment to look again, or nothing when the guard is not needed any more. Takes a turn
/// only when it has something to do: for whoever comes meanwhile the turn would be another's.
base::Result<std::optional<std::int64_t>> look(Context& context, const Arguments& arguments) {
  const history::Store store(context.files, state_directory(arguments));
  history::Journal journal = VM_TRY(store.read_journal());
  if (history::recovery(journal, control::SystemClock().now()).kind == history::Recovery::Kind::GoBack) {
    const auto session = VM_TRY(open_session(context, arguments, history::Wait::Yes));
    const auto back = VM_TRY(session->manager().recover(caller()));
    if (back)
      ::syslog(LOG_WARNING, "generation %llu was taken back: %s; %s is in force",
               static_cast<unsigned long long>(back->from.value_or(0)), back->reason.c_str(), name_of(back->to).c_str());
    journal = VM_TRY(store.read_journal());
  }
  if (!journal.pending || !journal.pending->deadline) return std::nullopt;
  return journal.pending->deadline->nanoseconds;
}

ExitCode run(Context& context, const Arguments& arguments) {
  ::openlog("vuurmuur", LOG_PID, LOG_DAEMON);
  // The turn is that of the process that started us, before there is anything to guard: until it ends, however that is.
  if (const auto turn = history::take_store_lock(state_directory(arguments), history::Wait::Yes); !turn)
    ::syslog(LOG_ERR, "%s", turn.error().message.c_str());
  for (;;) {
    // Whoever removed the state directory wants no turn taken in it.
    if (!context.files.status(state_directory(arguments))) return ExitCode::Done;
    const auto next = look(context, arguments);
    if (next && !*next) return ExitCode::Done;
    if (!next) {
      ::syslog(LOG_ERR, "%s; trying again", next.error().message.c_str());
      ::nanosleep(&kBetweenTries, nullptr);
      continue;
    }
    if (const auto slept = sleep_until(**next, state_directory(arguments)); !slept) return report_refusal(context, slept.error());
  }
}

}  // namespace

constinit const Command kGuardCommand{
    .name = "guard",
    .summary = "take back what nobody confirms in time; started by 'apply --confirm'",
    .arguments = "",
    .usage = "Waits until the generation that waits for its confirmation has it or its time is over, and takes it back\n"
             "then. What goes wrong is told to syslog and tried again. 'apply --confirm' starts one by itself.",
    .options = kOptions,
    .max_positional = 0,
    .run = run,
};

}  // namespace vuurmuur::cli
