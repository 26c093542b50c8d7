// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <net/if.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <expected>
#include <nlohmann/json.hpp>
#include <optional>

#include "apply/nflog_socket.h"
#include "base/strings.h"
#include "cli/connection_filter.h"
#include "cli/kernel_report.h"
#include "cli/log_filter.h"
#include "cli/log_printer.h"
#include "cli/reverse_lines.h"
#include "cli/rule_history.h"
#include "cli/service.h"
#include "cli/settings_of.h"
#include "cli/state_directory.h"
#include "cli/watching.h"
#include "commands/commands.h"
#include "log/json_line.h"
#include "log/recorder.h"
#include "log/stored_files.h"
#include "log/traffic_line.h"
#include "log/when.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{
    Option{.name = "since", .argument = "WHEN", .help = "from then on: 10m (ago; s m h d w), 22:51, 2026-11-23, '2026-11-23 22:51'"},
    Option{.name = "until", .argument = "WHEN", .help = "up to then"},
    Option{.name = "follow", .argument = "", .help = "go on with what is logged from now on, until Ctrl-C", .letter = 'f'},
    Option{.name = "why", .argument = "", .help = "tell of each line which rule it was, where it stands and why it spoke"},
    kResolveOption,
    Option{.name = "file", .argument = "PATH", .help = "this log, or those in this directory, instead of those in LOGDIR"},
    kStateDirOption,
    kJsonOption,
};

/// What is looked for.
struct Search {
  std::optional<log::Time> since, until;
  LogFilter filter;

  [[nodiscard]] bool wants(const log::Entry& entry) const {
    return (!since || entry.time >= std::chrono::floor<std::chrono::seconds>(*since)) && (!until || entry.time <= *until) &&
           filter.lets_through(entry);
  }
};

log::Time now() { return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()); }

/// Files of the log, oldest first.
base::Result<std::vector<log::StoredFile>> files_in(const std::string& directory) {
  std::vector<log::StoredFile> files = VM_TRY(log::stored_files(directory + "/traffic.log"));
  for (log::StoredFile& each : VM_TRY(log::stored_files(directory + "/traffic.json"))) files.push_back(std::move(each));
  std::ranges::stable_sort(files, {}, &log::StoredFile::changed);
  return files;
}

base::Result<std::vector<log::StoredFile>> find_files(const Context& context, const Service& service,
                                                      const Arguments& arguments) {
  const auto named = arguments.value("file");
  if (!named) return files_in(settings_of(context, service.configuration()).log_directory);
  const auto status = VM_TRY(context.files.status(*named));
  if (status.kind == base::FileKind::Directory) return files_in(*named);
  // Its lines have no year; the file's time is that of the last one.
  const std::size_t slash = named->rfind('/');
  const std::string full = slash == std::string::npos ? "./" + *named : *named;
  std::vector<log::StoredFile> files = VM_TRY(log::stored_files(full));
  std::erase_if(files, [&](const log::StoredFile& file) { return file.path != full; });
  return files;
}

/// The number of records in a line that says how many are missing.
std::uint64_t lost_in(std::string_view line) {
  constexpr std::string_view kLost = ": LOST ";
  const std::size_t at = line.find(kLost);
  if (at != 15) return 0;
  const std::string_view rest = line.substr(at + kLost.size());
  return base::parse_number<std::uint64_t>(rest.substr(0, rest.find(' '))).value_or(0);
}

base::Result<void> search_files(const std::vector<log::StoredFile>& files, const Search& search, LogPrinter& printer,
                                std::uint64_t& lost) {
  for (const log::StoredFile& file : files) {
    // The last of its lines is older, by a second that lines do not tell.
    if (search.since && file.changed + std::chrono::seconds(1) < *search.since) continue;
    VM_TRY_VOID(log::read_lines(file.path, [&](std::string_view line) {
      auto entry = line.starts_with('{') ? log::read_json_line(line) : log::read_traffic_line(line, file.changed);
      if (!entry)
        lost += lost_in(line);
      else if (search.wants(*entry))
        printer.print(std::move(*entry));
      return true;
    }));
  }
  return {};
}

base::Result<void> follow_daemon(Service& service, const Search& search, Context& context, LogPrinter& printer) {
  return watch_daemon(service, "WatchLog", ipc::Json::object(), [&](const ipc::Json& answer) -> base::Result<void> {
    const auto entries = answer.find("entries");
    if (entries == answer.end() || !entries->is_array()) return strange_answer();
    for (const ipc::Json& each : *entries) {
      auto entry = log::read_json_line(each.dump(-1, ' ', false, ipc::Json::error_handler_t::replace));
      if (!entry) return strange_answer();
      if (search.wants(*entry)) printer.print(std::move(*entry));
    }
    printer.flush();
    for (const auto& [key, why] : {std::pair{"missed", "this terminal is slower than what is logged"},
                                   {"lost", "more came than the daemon could read"}})
      if (const auto count = answer.find(key); count != answer.end() && count->is_number_unsigned() && *count != 0)
        tell(context, "note", fmt::format("{} records are left out: {}", count->get<std::uint64_t>(), why));
    return {};
  });
}

/// Reads the kernel itself.
base::Result<void> follow_kernel(Service& service, const Search& search, Context& context, LogPrinter& printer,
                                 RuleHistory& rules) {
  auto socket = VM_TRY(apply::NflogSocket::open({.group = settings_of(context, service.configuration()).log_group}));
  log::Recorder recorder([](std::uint32_t number) {
    std::array<char, IF_NAMESIZE> name{};
    return ::if_indextoname(number, name.data()) == nullptr ? fmt::format("if{}", number) : std::string(name.data());
  });
  RuleHistory::InForce in_force = rules.in_force();
  recorder.use(std::move(in_force.names), std::make_shared<log::RuleTable>(std::move(in_force.rules)));
  const auto watching = VM_TRY(Watching::begin());
  constexpr std::size_t kTurn = 16;
  watching->loop().watch(socket.descriptor(), POLLIN, [&](short) {
    const log::Time when = now();
    const auto taken = socket.read(kTurn, [&](std::span<const std::uint8_t> message) {
      if (const log::Entry* entry = recorder.take(message, when); entry != nullptr && search.wants(*entry))
        printer.print(*entry);
    });
    printer.flush();
    if (const std::uint64_t lost = recorder.take_lost(); lost != 0)
      tell(context, "note", fmt::format("{} records are left out: more came than could be read", lost));
    if (!taken) watching->end(std::unexpected(taken.error()));
  });
  return watching->run();
}

std::expected<std::optional<log::Time>, std::string> read_when(const Arguments& arguments, std::string_view option) {
  const auto text = arguments.value(option);
  if (!text) return std::nullopt;
  const auto moment = log::read_moment(*text, now());
  if (!moment)
    return std::unexpected(fmt::format("option '--{}': expected a time like 10m, 22:51 or 2026-11-23, not '{}'", option, *text));
  return moment;
}

ExitCode run(Context& context, const Arguments& arguments) {
  const auto since = read_when(arguments, "since"), until = read_when(arguments, "until");
  for (const auto& each : {since, until})
    if (!each) return usage_error(context, kLogCommand, each.error());
  const bool follows = arguments.has("follow");
  if (follows && until->has_value())
    return usage_error(context, kLogCommand, "options '--follow' and '--until' do not go together");
  Service service = Service::find(context, arguments);
  RuleHistory rules(service);
  auto filter = LogFilter::read(context, arguments, rules);
  if (!filter) return kSearchFailed;
  const Search search{.since = *since, .until = *until, .filter = std::move(*filter)};
  std::optional<dns::Options> dns;
  if (arguments.has("resolve")) dns = dns_options_of(context, service.configuration());
  LogPrinter printer(context, arguments.has("why") ? &rules : nullptr, std::move(dns));

  if (!follows || search.since) {
    const auto files = find_files(context, service, arguments);
    if (!files) return report_failure(context, files.error().message, kSearchFailed);
    std::uint64_t lost = 0;
    if (const auto searched = search_files(*files, search, printer, lost); !searched)
      return report_failure(context, searched.error().message, kSearchFailed);
    printer.flush();
    if (lost != 0) tell(context, "note", fmt::format("{} records are missing in the log: more came than could be read", lost));
  }
  if (!follows) return printer.count() == 0 ? kFoundNothing : ExitCode::Done;
  if (arguments.has("why")) rules.read_ahead();
  const auto ended = service.daemon() != nullptr ? follow_daemon(service, search, context, printer)
                                                 : follow_kernel(service, search, context, printer, rules);
  return ended ? ExitCode::Done : report_refusal(context, ended.error());
}

}  // namespace

constinit const Command kLogCommand{
    .name = "log",
    .summary = "show what rules logged, and why",
    .arguments = "[FILTER…]",
    .usage =
        "Prints lines of the traffic log, of the current file and of those that were rotated away, compressed ones\n"
        "too, oldest first. FILTER is as in 'vuurmuur connections', with action, prefix, in and out besides:\n"
        "src:lan port:22 action:drop !dns. With --follow: what is logged from now on, from the daemon, or without one from the kernel;\n"
        "with --since as well, stored lines come first. With --json an object a line. Ends with 1 when nothing was\n"
        "found, and with 2 when it could not be looked for.",
    .options = kOptions,
    .max_positional = kMostFilterWords,
    .run = run,
    .misuse = kSearchFailed,
};

}  // namespace vuurmuur::cli
