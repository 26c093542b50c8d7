// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <array>

#include "commands/commands.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kGlobalOptions{
    Option{.name = "colour", .argument = "WHEN", .help = "auto (default), always or never"},
    Option{.name = "help", .argument = "", .help = "print this and do nothing"},
};

void append_options(std::string& text, std::span<const Option> options) {
  for (const Option& option : options) {
    std::string form = option.letter == '\0' ? "    " : fmt::format("-{}, ", option.letter);
    form += fmt::format("--{}", option.name);
    if (!option.argument.empty()) {
      form += option.implied.empty() ? fmt::format("={}", option.argument) : fmt::format("[={}]", option.argument);
    }
    text += fmt::format("  {:<28} {}{}\n", form, option.help, option.repeatable ? " (repeatable)" : "");
  }
}

ExitCode run(Context& context, const Arguments& arguments) {
  if (arguments.positional().empty()) {
    context.out << help_text();
    return ExitCode::Done;
  }
  const std::string& name = arguments.positional().front();
  const Command* command = find_command(name);
  if (command == nullptr) return usage_error(context, kHelpCommand, unknown_command(name));
  context.out << help_text(*command);
  return ExitCode::Done;
}

}  // namespace

std::string help_text() {
  std::string text =
      "vuurmuur - turns a policy written in names into netfilter rules and loads them\n"
      "\n"
      "usage: vuurmuur COMMAND [OPTIONS] [ARGUMENTS]\n"
      "\n"
      "commands:\n";
  for (const Command* command : commands()) text += fmt::format("  {:<10} {}\n", command->name, command->summary);
  text +=
      "\n"
      "'vuurmuur COMMAND --help' tells more of a command, 'vuurmuur --version' the version.\n"
      "\n"
      "exit status: 0 done, 1 wrong usage, 2 the configuration has errors, 3 the kernel refused and nothing\n"
      "changed, 4 applied but rolled back, 5 needs a person.\n";
  return text;
}

std::string help_text(const Command& command) {
  std::string text = fmt::format("vuurmuur {} - {}\n\nusage: vuurmuur {} [OPTIONS]{}{}\n\n{}\n\noptions:\n",
                                 command.name, command.summary, command.name, command.arguments.empty() ? "" : " ",
                                 command.arguments, command.usage);
  append_options(text, command.options);
  append_options(text, kGlobalOptions);
  return text;
}

constinit const Command kHelpCommand{
    .name = "help",
    .summary = "tell what the program and its commands do",
    .arguments = "[COMMAND]",
    .usage = "Prints the commands, or what one of them does.",
    .options = {},
    .max_positional = 1,
    .run = run,
};

}  // namespace vuurmuur::cli
