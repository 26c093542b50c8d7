// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <ostream>
#include <span>
#include <string_view>

#include "apply/kernel.h"
#include "base/file_system.h"
#include "cli/arguments.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"

namespace vuurmuur::cli {

/// The world a command works in.
struct Context {
  std::ostream& out;
  std::ostream& err;
  base::FileSystem& files;
  Colour colour = Colour::Auto;
  bool json = false;
};

/// A command of the program, a row of the table in commands/commands.cpp. Every command also has --help and --colour.
struct Command {
  std::string_view name;
  std::string_view summary;    ///< one line, lower case
  std::string_view arguments;  ///< "[DIR]"
  std::string_view usage;      ///< what it does, in a few lines, for --help
  std::span<const Option> options;
  std::size_t max_positional = 0;
  ExitCode (*run)(Context& context, const Arguments& arguments);
  ExitCode misuse = ExitCode::Usage;  ///< what a mistake on its command line ends with
};

/// Tells of a mistake on the command line.
ExitCode usage_error(Context& context, const Command& command, std::string_view message);

/// Writes "vuurmuur: error: MESSAGE" (or another kind of message), coloured as the user wishes.
void tell(Context& context, std::string_view kind, std::string_view message);

/// The option of commands that can answer with JSON.
inline constexpr Option kJsonOption{.name = "json", .argument = "", .help = "print JSON for programs"};

}  // namespace vuurmuur::cli
