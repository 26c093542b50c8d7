// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>
#include <nlohmann/json.hpp>

#include "cli/kernel_report.h"
#include "cli/service.h"
#include "cli/state_directory.h"
#include "commands/commands.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{
    Option{.name = "output",
           .argument = "FILE",
           .help = "write this file, which is replaced as a whole or not at all",
           .letter = 'o'},
    kStateDirOption,
};

ExitCode run(Context& context, const Arguments& arguments) {
  Service service = Service::find(context, arguments);
  const auto answer = service.call("Metrics");
  if (!answer) return report_refusal(context, answer.error());
  const auto found = answer->find("text");
  if (found == answer->end() || !found->is_string()) return report_refusal(context, strange_answer().error());
  const auto& text = found->get_ref<const std::string&>();
  const auto path = arguments.value("output");
  if (!path) {
    context.out << text;
    return ExitCode::Done;
  }
  // Whoever collects it is another user.
  if (const auto written = context.files.replace_file(*path, text, 0644); !written)
    return report_refusal(context, written.error());
  return ExitCode::Done;
}

}  // namespace

constinit const Command kMetricsCommand{
    .name = "metrics",
    .summary = "print counters and state for Prometheus",
    .arguments = "",
    .usage = "Prints what rules, zones, queues and interfaces have counted since the beginning of the volumes, over reloads\n"
             "and reboots, how many connections there are, and what is in force, in Prometheus' text format. Nothing\n"
             "listens on the network: let the textfile collector of the node exporter take the file of --output.",
    .options = kOptions,
    .max_positional = 0,
    .run = run,
};

}  // namespace vuurmuur::cli
