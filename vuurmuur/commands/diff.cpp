// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "cli/comparison_text.h"
#include "cli/generation_text.h"
#include "cli/kernel_report.h"
#include "cli/service.h"
#include "cli/state_directory.h"
#include "commands/commands.h"
#include "control/comparison.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{
    Option{.name = "rules", .argument = "", .help = "of the compiled rules instead of the configuration"},
    kStateDirOption,
    kJsonOption,
};

ExitCode fail(Context& context, const base::Error& error) {
  report_refusal(context, error);
  return kDiffFailed;
}

/// What the words on the command line mean; the error is a message for the user.
std::expected<control::Comparison, std::string> wanted(const Arguments& arguments, const history::Journal& journal) {
  control::Comparison comparison;
  const auto& words = arguments.positional();
  if (words.empty()) {
    const auto current = control::in_force(journal);
    if (!current) return std::unexpected("no generation is in force");
    comparison.from = *current;
    return comparison;
  }
  const auto from = read_number(words[0], journal);
  if (!from) return std::unexpected(from.error());
  comparison.from = *from;
  if (words.size() == 1) return comparison;
  const auto to = read_number(words[1], journal);
  if (!to) return std::unexpected(to.error());
  comparison.to = *to;
  return comparison;
}

ExitCode run(Context& context, const Arguments& arguments) {
  Service service = Service::find(context, arguments);
  const auto journal = service.journal();
  if (!journal) return fail(context, journal.error());
  const auto what = wanted(arguments, *journal);
  if (!what) return report_failure(context, what.error(), kDiffFailed);
  ipc::Json parameters{{"generation", what->from}, {"rules", arguments.has("rules")}};
  if (what->to) parameters["with"] = *what->to;
  const auto answer = service.call("Compare", parameters);
  if (!answer) return fail(context, answer.error());
  const auto comparison = control::comparison_from(*answer);
  if (!comparison) return fail(context, strange_answer().error());
  if (context.json)
    context.out
        << control::json_of(*comparison).dump(2, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace)
        << '\n';
  else
    context.out << text_of(*comparison, style_for(context.colour, STDOUT_FILENO));
  return comparison->differences.empty() ? ExitCode::Done : kDiffers;
}

}  // namespace

constinit const Command kDiffCommand{
    .name = "diff",
    .summary = "show how generations and the configuration differ",
    .arguments = "[GENERATION [GENERATION]]",
    .usage =
        "Prints what differs between two generations, between one and the configuration directory that it was made\n"
        "of, or, without a number, between the generation in force and that directory. Ends with status 0 when\n"
        "nothing differs, 1 when something does, and 2 when that cannot be told.",
    .options = kOptions,
    .max_positional = 2,
    .run = run,
    .misuse = kDiffFailed,
};

}  // namespace vuurmuur::cli
