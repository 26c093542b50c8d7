// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/daemon.h"

#include <fcntl.h>
#include <grp.h>
#include <syslog.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>

#include "base/heap.h"
#include "cli/guard_process.h"
#include "cli/kernel_report.h"
#include "cli/policy.h"
#include "cli/session.h"
#include "commands/commands.h"

namespace vuurmuur::cli {
namespace {

constexpr const char* kSocket = "/run/vuurmuur/control";
constexpr const char* kGroup = "vuurmuur";

constexpr std::array kOptions{
    Option{.name = "socket", .argument = "PATH", .help = "where to listen (/run/vuurmuur/control)"},
    Option{.name = "group", .argument = "NAME", .help = "whose members may do what root may (vuurmuur)"},
    Option{.name = "read-for-all", .argument = "", .help = "everybody may ask what is in force"},
    Option{.name = "detach", .argument = "", .help = "go into the background when it is ready"},
    Option{.name = "pid-file", .argument = "PATH", .help = "write the number of the process there, with --detach"},
    kStateDirOption,
};

std::optional<gid_t> group_named(const std::string& name) {
  const group* entry = ::getgrnam(name.c_str());
  return entry == nullptr ? std::nullopt : std::optional(entry->gr_gid);
}

void write_pid_file(base::FileSystem& files, const std::optional<std::string>& path, pid_t pid) {
  if (!path) return;
  if (const auto written = files.replace_file(*path, std::to_string(pid) + "\n", 0644); !written)
    ::syslog(LOG_ERR, "%s", written.error().message.c_str());
}

/// As daemon(3), but whoever waits for the process that began finds the pid file: an init script reads it at once.
base::Result<void> go_into_background(base::FileSystem& files, const std::optional<std::string>& pid_file) {
  const pid_t child = ::fork();
  if (child < 0) return base::system_error("go into the background", errno);
  if (child > 0) {
    write_pid_file(files, pid_file, child);
    ::_exit(0);
  }
  ::setsid();
  if (::chdir("/") != 0) return base::system_error("go into the background", errno);
  const int nothing = ::open("/dev/null", O_RDWR);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (nothing < 0 || ::dup2(nothing, fd) < 0) return base::system_error("go into the background", errno);
  if (nothing > STDERR_FILENO) ::close(nothing);
  return {};
}

ExitCode run(Context& context, const Arguments& arguments) {
  base::prefer_small_heap();
  const auto load = kernel_options(context, arguments);
  if (!load) return usage_error(context, kDaemonCommand, load.error());
  const auto group = arguments.value("group");
  // In the background the working directory is another one.
  const auto absolute = [](const std::string& path) { return std::filesystem::absolute(path).string(); };
  const std::string directory = absolute(state_directory(arguments));
  const bool is_default = !named_state_directory(arguments);
  daemon::Settings settings{.configuration = absolute(directory_of(arguments)),
                            .state_directory = directory,
                            .load = *load,
                            .group = group_named(group.value_or(kGroup)),
                            .may_others_read = arguments.has("read-for-all"),
                            .start_guard = [directory, is_default] { return start_guard(directory, is_default); }};
  if (group && !settings.group)
    return report_failure(context, "there is no group '" + *group + "'", ExitCode::Usage);
  const bool is_detached = arguments.has("detach");
  // What systemd takes from the standard error goes to the same log (JOURNAL_STREAM, systemd.exec(5)).
  const bool is_logged_already = is_detached || std::getenv("JOURNAL_STREAM") != nullptr;
  ::openlog("vuurmuur", LOG_PID | (is_logged_already ? 0 : LOG_PERROR), LOG_DAEMON);
  daemon::Daemon daemon(context.files, std::move(settings));
  if (const auto started = daemon.start(absolute(arguments.value("socket").value_or(kSocket))); !started)
    return report_refusal(context, started.error());
  std::optional<std::string> pid_file = arguments.value("pid-file");
  if (pid_file) pid_file = absolute(*pid_file);
  if (!is_detached) {
    write_pid_file(context.files, pid_file, ::getpid());
  } else if (const auto gone = go_into_background(context.files, pid_file); !gone) {
    return report_refusal(context, gone.error());
  }
  const auto ended = daemon.run();
  if (pid_file) static_cast<void>(context.files.remove(*pid_file));
  return ended ? ExitCode::Done : report_refusal(context, ended.error());
}

}  // namespace

constinit const Command kDaemonCommand{
    .name = "daemon",
    .summary = "keep the confirmed generation in force and answer on the control socket",
    .arguments = "[DIR]",
    .usage = "Restores the confirmed generation, takes back what nobody confirms in time, and answers programs on the\n"
             "control socket (Varlink, interface org.vuurmuur.Manager). SIGHUP applies the configuration tree DIR\n"
             "(default " VUURMUUR_CONFIG_DIR "), SIGTERM ends it; the rules stay in force. Tells syslog, and without --detach also the\n"
             "error output.",
    .options = kOptions,
    .max_positional = 1,
    .run = run,
};

}  // namespace vuurmuur::cli
