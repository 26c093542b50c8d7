// SPDX-License-Identifier: GPL-2.0-or-later
#include "program/options.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "base/strings.h"
#include "cli/arguments.h"
#include "cli/state_directory.h"
#include "screens/catalogue.h"
#include "term/theme.h"

namespace vuurmuur::conf {
namespace {

using cli::Option;

constexpr std::array kOptions{
    Option{.name = "help", .argument = "", .help = "this text", .letter = 'h'},
    Option{.name = "version", .argument = "", .help = "the version", .letter = 'V'},
    Option{.name = "offline", .argument = "", .help = "ask no daemon: only the files are edited"},
    Option{.name = "read-only", .argument = "", .help = "change nothing"},
    Option{.name = "wizard", .argument = "", .help = "propose a first configuration; DIR need not exist"},
    Option{.name = "demo", .argument = "", .help = "a canned daemon, nothing is written; DIR is the sample gateway"},
    Option{.name = "screen", .argument = "NAME", .help = "begin with this screen"},
    Option{.name = "keys", .argument = "", .help = "print all keys of all screens"},
    Option{.name = "theme", .argument = "NAME", .help = "dark (default), light, high-contrast, mono or a FILE"},
    Option{.name = "no-mouse", .argument = "", .help = "leave the mouse to the terminal"},
    Option{.name = "no-colour", .argument = "", .help = "no colours, as with NO_COLOR"},
    Option{.name = "print-screen",
           .argument = "COLUMNSxROWS",
           .help = "print a screen as text and end (default 80x24)",
           .implied = "80x24"},
    cli::kStateDirOption,
};

std::expected<ui::Size, std::string> read_size(const std::string& text) {
  constexpr int kMost = 2000;
  const auto parts = base::split(text, 'x');
  if (parts.size() == 2) {
    const auto columns = base::parse_number<int>(parts[0]), rows = base::parse_number<int>(parts[1]);
    if (columns && rows && *columns >= 1 && *rows >= 1 && *columns <= kMost && *rows <= kMost)
      return ui::Size{.rows = *rows, .columns = *columns};
  }
  return std::unexpected(fmt::format("option '--print-screen' expects a size like 80x24, not '{}'", text));
}

}  // namespace

std::string help_text() {
  std::string text =
      "usage: vuurmuur_conf [OPTIONS] [DIR]\n\n"
      "Edits the configuration tree DIR (default " VUURMUUR_CONFIG_DIR
      ") in the terminal, applies it through the daemon and\n"
      "shows what the firewall does. Nothing is written or loaded before you say so; ? shows the keys of each "
      "screen.\n\n"
      "options:\n";
  for (const Option& option : kOptions) {
    std::string names = option.letter == '\0' ? "    " : fmt::format("-{}, ", option.letter);
    names += fmt::format("--{}{}{}", option.name,
                         option.argument.empty()  ? ""
                         : option.implied.empty() ? " "
                                                  : "[=",
                         option.argument);
    if (!option.argument.empty() && !option.implied.empty()) names += "]";
    text += fmt::format("  {:<36} {}\n", names, option.help);
  }
  text += "\nscreens:";
  for (const screens::CatalogueRow& row : screens::catalogue()) text += fmt::format(" {}", row.id);
  return text + "\n\nexit status: 0 done, 1 usage, 2 no such configuration, 3 the terminal or the machine refused\n";
}

std::expected<Options, std::string> read_options(const std::vector<std::string>& words) {
  const auto arguments = cli::parse_arguments(kOptions, 1, words);
  if (!arguments) return std::unexpected(arguments.error());
  Options options{.wants_help = arguments->has("help"),
                  .wants_version = arguments->has("version"),
                  .wants_keys = arguments->has("keys"),
                  .is_offline = arguments->has("offline"),
                  .is_read_only = arguments->has("read-only"),
                  .has_mouse = !arguments->has("no-mouse"),
                  .has_colours = !arguments->has("no-colour"),
                  .theme = arguments->value("theme").value_or("dark"),
                  .screen = arguments->value("screen").value_or(""),
                  .state_directory = cli::state_directory(*arguments)};
  options.is_demo = arguments->has("demo");
  const std::string usual = options.is_demo ? VUURMUUR_DATA_DIR "/samples/gateway" : VUURMUUR_CONFIG_DIR;
  const std::string directory = arguments->positional().empty() ? usual : arguments->positional().front();
  std::error_code error;
  const auto absolute = std::filesystem::absolute(directory, error).lexically_normal().string();
  options.directory = error ? directory : absolute;
  while (options.directory.size() > 1 && options.directory.ends_with('/')) options.directory.pop_back();
  // A file, which has a '/' in its name, is read later.
  if (options.theme.find('/') == std::string::npos && term::Theme::find(options.theme) == nullptr)
    return std::unexpected(
        fmt::format("no theme is named '{}'{}", options.theme, cli::did_you_mean(options.theme, term::Theme::names())));
  options.may_be_new = arguments->has("wizard");
  if (options.may_be_new) options.screen = "wizard";
  if (!options.screen.empty()) {
    std::vector<std::string_view> ids;
    for (const screens::CatalogueRow& row : screens::catalogue()) ids.emplace_back(row.id);
    if (std::ranges::find(ids, options.screen) == ids.end())
      return std::unexpected(
          fmt::format("no screen is named '{}'{}", options.screen, cli::did_you_mean(options.screen, ids)));
  }
  if (const auto size = arguments->value("print-screen")) {
    auto read = read_size(*size);
    if (!read) return std::unexpected(read.error());
    options.print = *read;
  }
  return options;
}

}  // namespace vuurmuur::conf
