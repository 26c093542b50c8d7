// SPDX-License-Identifier: GPL-2.0-or-later
#include "script/request.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "cli/state_directory.h"

namespace vuurmuur::script {
namespace {

using cli::Option;
using edit::Kind;

struct CommandRow {
  Command command;
  Option option;
};

constexpr std::array kCommands{
    CommandRow{Command::Create,
               {.name = "create", .argument = "", .help = "make an object, inactive and empty", .letter = 'C'}},
    CommandRow{Command::Delete,
               {.name = "delete", .argument = "", .help = "delete an object that nothing uses", .letter = 'D'}},
    CommandRow{Command::Rename,
               {.name = "rename",
                .argument = "",
                .help = "give an object the name of -S, wherever it is spoken of",
                .letter = 'R'}},
    CommandRow{Command::Modify, {.name = "modify", .argument = "", .help = "set the variable -V to -S", .letter = 'M'}},
    CommandRow{
        Command::List,
        {.name = "list", .argument = "", .help = "list names; any, or those inside a zone or network", .letter = 'L'}},
    CommandRow{Command::Print,
               {.name = "print", .argument = "", .help = "print an object, or its variable -V", .letter = 'P'}},
    CommandRow{Command::Insert, {.name = "insert", .argument = "N", .help = "insert -S in front of rule N"}},
    CommandRow{Command::Replace, {.name = "replace", .argument = "N", .help = "put -S in the place of rule N"}},
    CommandRow{Command::DeleteLine, {.name = "delete-rule", .argument = "N", .help = "delete rule N"}},
    CommandRow{Command::Move, {.name = "move", .argument = "N", .help = "move rule N, which gets the number of --to"}},
    CommandRow{
        Command::Block,
        {.name = "block", .argument = "WHOM", .help = "put an address, network, host or group on the blocklist"}},
    CommandRow{Command::Unblock, {.name = "unblock", .argument = "WHOM", .help = "take it off the blocklist"}},
    CommandRow{Command::ListBlocked, {.name = "list-blocked", .argument = "", .help = "print the blocklist"}},
    CommandRow{Command::Reload, {.name = "reload", .argument = "", .help = "apply the configuration"}},
    CommandRow{Command::ListDevices,
               {.name = "list-devices", .argument = "", .help = "print the network devices and their addresses"}},
    CommandRow{Command::ListPaths, {.name = "list-paths", .argument = "", .help = "print where things are"}},
    CommandRow{Command::Version, {.name = "version", .argument = "", .help = "print the version"}},
    CommandRow{Command::Help, {.name = "help", .argument = "", .help = "print this", .letter = 'h'}},
};

struct ObjectRow {
  Kind kind;
  Option option;
};

constexpr std::array kObjects{
    ObjectRow{Kind::Host, {.name = "host", .argument = "NAME", .help = "host.network.zone", .letter = 'o'}},
    ObjectRow{Kind::Group, {.name = "group", .argument = "NAME", .help = "group.network.zone", .letter = 'g'}},
    ObjectRow{Kind::Network, {.name = "network", .argument = "NAME", .help = "network.zone", .letter = 'n'}},
    ObjectRow{Kind::Zone, {.name = "zone", .argument = "NAME", .help = "a zone", .letter = 'z'}},
    ObjectRow{Kind::Service, {.name = "service", .argument = "NAME", .help = "a service", .letter = 's'}},
    ObjectRow{Kind::Interface, {.name = "interface", .argument = "NAME", .help = "an interface", .letter = 'i'}},
    ObjectRow{Kind::Rules, {.name = "rule", .argument = "LIST", .help = "rules or blocklist", .letter = 'r'}},
};

constexpr std::array kOthers{
    Option{.name = "variable", .argument = "NAME", .help = "the variable that is meant", .letter = 'V'},
    Option{
        .name = "set", .argument = "VALUE", .help = "its value; several for a list", .repeatable = true, .letter = 'S'},
    Option{.name = "append", .argument = "", .help = "add the value to the list", .letter = 'A'},
    Option{.name = "overwrite", .argument = "", .help = "replace what there is (default)", .letter = 'O'},
    Option{.name = "to", .argument = "M", .help = "where --move moves to"},
    Option{.name = "rule-numbers", .argument = "", .help = "print rules with their numbers"},
    Option{.name = "if-unchanged",
           .argument = "FILE",
           .help = "only if -P still prints what FILE holds; else a diff and status 6"},
    Option{.name = "apply", .argument = "", .help = "apply the configuration when it was changed"},
    Option{.name = "no-apply", .argument = "", .help = "do not, also for --block and --unblock"},
    Option{.name = "config",
           .argument = "FILE",
           .help = "config.conf of the configuration, or its directory (" VUURMUUR_CONFIG_DIR ")",
           .letter = 'c'},
    cli::kStateDirOption,
    Option{.name = "verbose", .argument = "", .help = "tell what was done", .letter = 'v'},
    Option{.name = "debug", .argument = "LEVEL", .help = "of the original; ignored", .letter = 'd'},
};

std::vector<Option> all_options() {
  std::vector<Option> options;
  for (const CommandRow& row : kCommands) options.push_back(row.option);
  for (const ObjectRow& row : kObjects) options.push_back(row.option);
  options.insert(options.end(), kOthers.begin(), kOthers.end());
  return options;
}

std::string written(const Option& option) {
  return option.letter == '\0' ? fmt::format("--{}", option.name)
                               : fmt::format("-{}, --{}", option.letter, option.name);
}

/// A number of a rule.
std::expected<std::size_t, std::string> number(const cli::Arguments& arguments, std::string_view option) {
  const std::string text = arguments.value(option).value_or("");
  const auto value = base::parse_number<std::uint32_t>(text);
  if (value && *value > 0) return *value;
  return std::unexpected(fmt::format("option '--{}': expected the number of a rule, not '{}'", option, text));
}

/// The directory of "-c FILE": config.conf is in it. A directory is taken as it is.
std::expected<std::string, std::string> directory_of(const cli::Arguments& arguments) {
  const std::string path = arguments.value("config").value_or(VUURMUUR_CONFIG_DIR);
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return path;
  const std::size_t slash = path.rfind('/');
  if (path.substr(slash == std::string::npos ? 0 : slash + 1) != "config.conf") {
    if (!arguments.has("config")) return path;
    return std::unexpected(fmt::format("option '--config': expected a config.conf or a directory, not '{}'", path));
  }
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

/// The command, and that there is one only. Those that edit single rules may have -M in front.
std::expected<const CommandRow*, std::string> find_command(const cli::Arguments& arguments) {
  const CommandRow* found = nullptr;
  for (const CommandRow& row : kCommands) {
    if (!arguments.has(row.option.name)) continue;
    const bool edits_a_line = row.command >= Command::Insert && row.command <= Command::Move;
    if (found != nullptr && !(found->command == Command::Modify && edits_a_line))
      return std::unexpected(
          fmt::format("'{}' and '{}' are two commands", written(found->option), written(row.option)));
    found = &row;
  }
  if (found == nullptr) return std::unexpected("a command is missing");
  return found;
}

std::expected<void, std::string> read_object(const cli::Arguments& arguments, Request& request) {
  const ObjectRow* found = nullptr;
  for (const ObjectRow& row : kObjects) {
    if (!arguments.has(row.option.name)) continue;
    if (found != nullptr)
      return std::unexpected(fmt::format("'{}' and '{}' are two objects", written(found->option), written(row.option)));
    found = &row;
  }
  const bool edits_a_line = request.command >= Command::Insert && request.command <= Command::Move;
  if (found == nullptr && edits_a_line) {
    request.object = {Kind::Rules, "rules"};
    return {};
  }
  if (found == nullptr) return std::unexpected("an object is missing: -o, -g, -n, -z, -s, -i or -r");
  request.object = {found->kind, arguments.value(found->option.name).value_or("")};
  if (found->kind != Kind::Rules) {
    if (edits_a_line) return std::unexpected("only -r rules and -r blocklist have numbered lines");
    return {};
  }
  if (request.object.name == "blocklist") request.object.kind = Kind::Blocklist;
  const bool may_be_any = request.command == Command::List && request.object.name == "any";
  if (request.object.name != "rules" && request.object.name != "blocklist" && !may_be_any)
    return std::unexpected(fmt::format("option '--rule': expected rules or blocklist, not '{}'", request.object.name));
  return {};
}

bool needs_object(Command command) { return command <= Command::Print; }
bool needs_value(Command command) {
  return command == Command::Rename || command == Command::Modify || command == Command::Insert ||
         command == Command::Replace;
}

std::expected<void, std::string> read_values(const cli::Arguments& arguments, Request& request) {
  request.values = arguments.values("set");
  if (needs_value(request.command) && request.values.empty()) return std::unexpected("a value is missing: -S");
  if (request.values.size() > 1 && request.command != Command::Modify)
    return std::unexpected("one -S is wanted, not several");
  request.variable = arguments.value("variable").value_or("");
  const bool is_list = request.object.kind == Kind::Rules || request.object.kind == Kind::Blocklist;
  if (request.command == Command::Modify && request.variable.empty()) {
    if (!is_list) return std::unexpected("a variable is missing: -V");
    request.variable = "RULE";
  }
  if (arguments.has("append") && arguments.has("overwrite"))
    return std::unexpected("'-A, --append' and '-O, --overwrite' are opposites");
  if (arguments.has("append")) request.how = edit::How::Append;
  return {};
}

}  // namespace

std::expected<cli::Arguments, std::string> parse_words(const std::vector<std::string>& words) {
  return cli::parse_arguments(all_options(), /*max_positional=*/0, words);
}

std::expected<Request, std::string> read_request(const cli::Arguments& arguments) {
  const auto command = find_command(arguments);
  if (!command) return std::unexpected(command.error());
  Request request{.command = (*command)->command};
  if (needs_object(request.command))
    if (const auto read = read_object(arguments, request); !read) return std::unexpected(read.error());
  if (const auto read = read_values(arguments, request); !read) return std::unexpected(read.error());
  if (request.command >= Command::Insert && request.command <= Command::Move) {
    const auto line = number(arguments, (*command)->option.name);
    if (!line) return std::unexpected(line.error());
    request.line = *line;
  }
  if (arguments.has("to") != (request.command == Command::Move))
    return std::unexpected("'--move N' and '--to M' belong together");
  if (request.command == Command::Move) {
    const auto to = number(arguments, "to");
    if (!to) return std::unexpected(to.error());
    request.to = *to;
  }
  if (request.command == Command::Block || request.command == Command::Unblock)
    request.whom = arguments.value((*command)->option.name).value_or("");
  if (arguments.has("apply") && arguments.has("no-apply"))
    return std::unexpected("'--apply' and '--no-apply' are opposites");
  if (arguments.has("apply") || arguments.has("no-apply")) request.apply = arguments.has("apply");
  request.rule_numbers = arguments.has("rule-numbers");
  request.verbose = arguments.has("verbose");
  request.unchanged = arguments.value("if-unchanged");
  const auto directory = directory_of(arguments);
  if (!directory) return std::unexpected(directory.error());
  request.directory = *directory;
  return request;
}

std::string help_text() {
  std::string text =
      "vuurmuur_script - edits a configuration of Vuurmuur from scripts\n"
      "\n"
      "usage: vuurmuur_script COMMAND [OBJECT] [OPTIONS]\n";
  const auto add = [&](std::string_view title, auto&& options) {
    text += fmt::format("\n{}:\n", title);
    for (const auto& row : options) {
      const Option& option = [&]() -> const Option& {
        if constexpr (requires { row.option; })
          return row.option;
        else
          return row;
      }();
      std::string form = option.letter == '\0' ? "    " : fmt::format("-{}, ", option.letter);
      form += fmt::format("--{}{}{}", option.name, option.argument.empty() ? "" : " ", option.argument);
      text += fmt::format("  {:<26} {}\n", form, option.help);
    }
  };
  add("commands", kCommands);
  add("objects", kObjects);
  add("options", kOthers);
  text +=
      "\n"
      "exit status: 0 done, 1 wrong usage or value, 2 failed or in use, 3 not found, 4 exists, 5 no memory,\n"
      "6 changed by somebody else meanwhile, 254 internal error.\n";
  return text;
}

}  // namespace vuurmuur::script
