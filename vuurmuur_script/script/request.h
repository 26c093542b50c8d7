// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "edit/object.h"
#include "edit/values.h"

namespace vuurmuur::script {

enum class Command : std::uint8_t {
  Create,
  Delete,
  Rename,
  Modify,
  Insert,
  Replace,
  DeleteLine,
  Move,
  List,
  Print,
  Block,
  Unblock,
  ListBlocked,
  Reload,
  ListDevices,
  ListPaths,
  Version,
  Help,
};

/// What the command line asks for.
struct Request {
  Command command = Command::Help;
  edit::Object object;              ///< "any" as a name, of -L and -P, is everything
  std::string variable;             ///< -V; empty when not given
  std::vector<std::string> values;  ///< -S
  edit::How how = edit::How::Overwrite;
  std::size_t line = 0, to = 0;  ///< of the rules or the blocklist
  std::string whom;              ///< to block
  bool rule_numbers = false;
  bool verbose = false;
  std::optional<bool> apply;             ///< --apply, --no-apply
  std::string directory;                 ///< of the configuration
  std::optional<std::string> unchanged;  ///< --if-unchanged
};

/// The same with all options, for what else they are needed for. The error is a message for the user.
[[nodiscard]] std::expected<cli::Arguments, std::string> parse_words(const std::vector<std::string>& words);
[[nodiscard]] std::expected<Request, std::string> read_request(const cli::Arguments& arguments);

/// What --help prints.
[[nodiscard]] std::string help_text();

}  // namespace vuurmuur::script
