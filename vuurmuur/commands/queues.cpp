// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <functional>
#include <nlohmann/json.hpp>

#include "apply/process_name.h"
#include "base/strings.h"
#include "cli/kernel_report.h"
#include "cli/service.h"
#include "cli/state_directory.h"
#include "cli/terminal.h"
#include "cli/watching.h"
#include "commands/commands.h"
#include "control/queue_report.h"

namespace vuurmuur::cli {
namespace {

using ipc::Json;

constexpr std::array kOptions{
    Option{.name = "watch", .argument = "SECONDS", .help = "go on until Ctrl-C, every so many seconds (1)", .implied = "1"},
    kStateDirOption,
    kJsonOption,
};

constexpr std::uint32_t kLongestInterval = 3600;
/// PID_MAX_LIMIT of linux/threads.h.
constexpr std::uint32_t kMostProcesses = 4 * 1024 * 1024;
constexpr std::size_t kConsumerWidth = 24;

std::string numbers_of(const Json& queue) {
  return control::queue_numbers(queue.at("first").get<std::uint16_t>(), queue.at("last").get<std::uint16_t>());
}

/// Who listens, or what becomes of packets when nobody does.
std::string consumer_of(const Json& queue) {
  if (!queue.contains("port_id")) return queue.at("bypass").get<bool>() ? "nobody: passes" : "nobody: dropped";
  const auto port = queue.at("port_id").get<std::uint32_t>();
  // One that the kernel chose because the number was taken is far beyond those of processes.
  const std::string name = port > kMostProcesses ? std::string() : apply::process_name(static_cast<pid_t>(port));
  return name.empty() ? fmt::format("port id {}", port) : fmt::format("{} ({})", name, port);
}

std::string rules_of(const Json& queue) {
  const Json& rules = queue.at("rules");
  if (rules.empty()) return "no rule";
  std::string text = rules.front().at("rule").get<std::string>();
  if (rules.size() > 1) text += fmt::format(", and {} more", rules.size() - 1);
  return text;
}

/// Throws what nlohmann throws.
void print_queue(std::ostream& out, const Json& queue, bool colour) {
  const auto state = queue.at("state").get<std::string>();
  const auto number = [&](const char* name) {
    return queue.contains(name) ? fmt::format("{}", queue.at(name).get<std::uint64_t>()) : std::string("-");
  };
  const std::string line =
      fmt::format("{:<11}  {:<10}  {:<{}}  {:>7}  {:>9}  {:>7}  {:>11}  {}", numbers_of(queue), state, consumer_of(queue),
                  kConsumerWidth, number("waiting"), number("packets"), number("dropped"), number("user_dropped"), rules_of(queue));
  out << (colour && state != "well" ? "\033[31m" + line + "\033[0m" : line) << '\n';
}

base::Result<void> print(Context& context, const Json& answer) {
  const auto found = answer.find("queues");
  if (found == answer.end() || !found->is_array()) return strange_answer();
  if (context.json) {
    context.out << found->dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) << '\n';
    return {};
  }
  if (found->empty()) {
    context.out << "no rule sends to a queue, and no program listens to one\n";
    return {};
  }
  const bool colour = style_for(context.colour, STDOUT_FILENO) == diag::Style::Colour;
  context.out << fmt::format("{:<11}  {:<10}  {:<{}}  {:>7}  {:>9}  {:>7}  {:>11}  {}\n", "queue", "state", "listens",
                             kConsumerWidth, "waiting", "packets", "dropped", "socket full", "rules");
  try {
    for (const Json& queue : *found) print_queue(context.out, queue, colour);
  } catch (const Json::exception&) {
    return strange_answer();
  }
  return {};
}

ExitCode watch(Context& context, Service& service, std::chrono::seconds interval) {
  const bool is_screen = !context.json && is_terminal(STDOUT_FILENO);
  auto watching = Watching::begin();
  if (!watching) return report_refusal(context, watching.error());
  std::function<void()> look = [&] {
    const auto answer = service.call("Queues");
    if (!answer) return (*watching)->end(std::unexpected(answer.error()));
    if (is_screen) context.out << "\033[H\033[2J";
    if (auto printed = print(context, *answer); !printed) return (*watching)->end(std::move(printed));
    context.out.flush();
    (*watching)->loop().call_after(interval, look);
  };
  look();
  const auto ended = (*watching)->run();
  return ended ? ExitCode::Done : report_refusal(context, ended.error());
}

ExitCode run(Context& context, const Arguments& arguments) {
  std::optional<std::chrono::seconds> interval;
  if (const auto word = arguments.value("watch")) {
    const auto seconds = base::parse_number<std::uint32_t>(*word);
    if (!seconds || *seconds == 0 || *seconds > kLongestInterval)
      return usage_error(
          context, kQueuesCommand,
          fmt::format("option '--watch': expected seconds from 1 to {}, not '{}'", kLongestInterval, *word));
    interval = std::chrono::seconds(*seconds);
  }
  Service service = Service::find(context, arguments);
  if (interval) return watch(context, service, *interval);
  const auto answer = service.call("Queues");
  if (!answer) return report_refusal(context, answer.error());
  const auto printed = print(context, *answer);
  return printed ? ExitCode::Done : report_refusal(context, printed.error());
}

}  // namespace

constinit const Command kQueuesCommand{
    .name = "queues",
    .summary = "show who listens to the queues of NFQUEUE, and whether he keeps up",
    .arguments = "",
    .usage =
        "Prints a line for each queue that a rule of the policy in force sends to or a program listens to, and one for\n"
        "queues side by side that nobody listens to: the program, packets that wait for its verdict, how many there were\n"
        "since it listens, and how many were dropped because the queue, or the program's socket, was full. Where nobody\n"
        "listens, packets are dropped, or pass when the rule says 'bypass'.",
    .options = kOptions,
    .max_positional = 0,
    .run = run,
};

}  // namespace vuurmuur::cli
