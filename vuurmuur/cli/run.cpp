// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run.h"

#include <unistd.h>

#include <exception>
#include <iostream>

#include "commands/commands.h"

namespace vuurmuur::cli {
namespace {

constexpr std::string_view kColourOption = "colour";
constexpr std::string_view kHelpOption = "help";

ExitCode fail_usage(Context& context, std::string_view message, std::string_view hint) {
  tell(context, "error", message);
  context.err << "try '" << hint << "'\n";
  return ExitCode::Usage;
}

ExitCode without_command(Context& context, const std::string& word) {
  if (word == "--help" || word == "-h") {
    context.out << help_text();
    return ExitCode::Done;
  }
  if (word == "--version" || word == "-V") {
    context.out << "vuurmuur " VUURMUUR_VERSION "\n";
    return ExitCode::Done;
  }
  if (word.starts_with('-')) {
    constexpr std::string_view kNames[] = {"help", "version"};
    const std::string_view name = std::string_view(word).substr(std::min(word.find_first_not_of('-'), word.size()));
    return fail_usage(context, "unknown option '" + word + "'" + did_you_mean(name, kNames, "--"), "vuurmuur --help");
  }
  return fail_usage(context, unknown_command(word), "vuurmuur --help");
}

ExitCode run_command(Context& context, const Command& command, const std::vector<std::string>& words) {
  std::vector<Option> options(command.options.begin(), command.options.end());
  options.push_back({.name = kColourOption, .argument = "WHEN", .help = ""});
  options.push_back({.name = kHelpOption, .argument = "", .help = "", .letter = 'h'});
  const auto arguments = parse_arguments(options, command.max_positional, words);
  if (!arguments) return usage_error(context, command, arguments.error());
  if (const auto when = arguments->value(kColourOption)) {
    const auto colour = parse_colour(*when);
    if (!colour) {
      return usage_error(context, command, "option '--colour': '" + *when + "' is none of auto, always, never");
    }
    context.colour = *colour;
  }
  if (arguments->has(kHelpOption)) {
    context.out << help_text(command);
    return ExitCode::Done;
  }
  context.json = arguments->has(kJsonOption.name);
  return command.run(context, *arguments);
}

ExitCode dispatch(Context& context, const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    context.err << help_text();
    return ExitCode::Usage;
  }
  const Command* command = find_command(arguments.front());
  if (command == nullptr) return without_command(context, arguments.front());
  return run_command(context, *command, {arguments.begin() + 1, arguments.end()});
}

}  // namespace

ExitCode usage_error(Context& context, const Command& command, std::string_view message) {
  fail_usage(context, message, "vuurmuur " + std::string(command.name) + " --help");
  return command.misuse;
}

void tell(Context& context, std::string_view kind, std::string_view message) {
  const bool colour = style_for(context.colour, STDERR_FILENO) == diag::Style::Colour;
  const std::string_view begin = !colour ? "" : kind == "error" ? "\033[1;31m" : "\033[1;33m";
  context.err << "vuurmuur: " << begin << kind << ':' << (colour ? "\033[0m" : "") << ' ' << message << '\n';
}

int run(const std::vector<std::string>& arguments) {
  base::RealFileSystem files;
  Context context{.out = std::cout, .err = std::cerr, .files = files};
  ExitCode code = ExitCode::Refused;
  try {
    code = dispatch(context, arguments);
  } catch (const std::exception& problem) {
    // Only the machine itself fails this way (no memory); what we know of is a Result.
    tell(context, "error", problem.what());
  }
  std::cout.flush();
  if (code == ExitCode::Done && !std::cout) {
    tell(context, "error", "write standard output failed");
    return static_cast<int>(ExitCode::Refused);
  }
  return static_cast<int>(code);
}

}  // namespace vuurmuur::cli
