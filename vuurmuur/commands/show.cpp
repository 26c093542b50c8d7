// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "cli/generation_text.h"
#include "cli/kernel_report.h"
#include "cli/session.h"
#include "commands/commands.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{
    Option{.name = "rules", .argument = "", .help = "print its ruleset as iptables-save would"},
    Option{.name = "counters", .argument = "", .help = "print what its rules had counted at its end, as JSON"},
    Option{.name = "extract", .argument = "DIR", .help = "write the files of its configuration into a new directory"},
    kStateDirOption,
    kJsonOption,
};

ExitCode extract(Context& context, const history::Store& store, history::Number number, const std::string& directory) {
  // Files of two configurations in one directory would be a third one.
  const auto there = context.files.list_directory(directory);
  if (there && !there->empty())
    return report_failure(context, fmt::format("'{}' is not empty", directory), ExitCode::Refused);
  if (!there && there.error().code != ENOENT) return report_refusal(context, there.error());
  const auto files = store.read_configuration(number);
  if (!files) return report_refusal(context, files.error());
  for (const auto& [path, content] : *files) {
    const std::string target = directory + "/" + path;
    auto done = context.files.make_directories(target.substr(0, target.rfind('/')));
    if (done) done = context.files.replace_file(target, content);
    if (!done) return report_refusal(context, done.error());
  }
  if (context.json)
    context.out << nlohmann::ordered_json{{"generation", number}, {"files", files->size()}}.dump(2) << '\n';
  else
    context.out << fmt::format("{}: {} files of generation {}\n", directory, files->size(), number);
  return ExitCode::Done;
}

ExitCode print_part(Context& context, const base::Result<std::string>& part, std::string_view missing) {
  if (!part && part.error().code == ENOENT) return report_failure(context, missing, ExitCode::Refused);
  if (!part) return report_refusal(context, part.error());
  context.out << *part;
  return ExitCode::Done;
}

void print_text(Context& context, const history::Generation& generation, const history::Journal& journal,
                const history::Files& files) {
  context.out << fmt::format("generation {}: {}\n", generation.number, state_text(generation, journal));
  context.out << fmt::format("configuration: {}, {} files\nengine: {}\n", generation.directory, files.size(),
                             generation.backend);
  if (generation.copy_of) context.out << fmt::format("copy of generation {}\n", *generation.copy_of);
  if (!generation.comment.empty()) context.out << fmt::format("comment: {}\n", generation.comment);
  for (const history::Event& event : generation.events)
    context.out << fmt::format("{}  {} by {}{}{}\n", text_of_time(event.time), to_string(event.what),
                               text_of(event.who), event.detail.empty() ? "" : ": ", event.detail);
}

ExitCode run(Context& context, const Arguments& arguments) {
  if (arguments.positional().empty()) return usage_error(context, kShowCommand, "the number of a generation is missing");
  const history::Store store(context.files, state_directory(arguments));
  const auto journal = store.read_journal();
  if (!journal) return report_refusal(context, journal.error());
  const auto number = read_number(arguments.positional().front(), *journal);
  if (!number) return report_failure(context, number.error(), ExitCode::Usage);
  if (const auto directory = arguments.value("extract")) return extract(context, store, *number, *directory);
  if (arguments.has("rules"))
    return print_part(context, store.read_rules(*number), "this generation was never in force, so it has no ruleset");
  if (arguments.has("counters"))
    return print_part(context, store.read_counters(*number),
                      "this generation has no counters: they are kept when another one takes its place");
  const auto files = store.read_configuration(*number);
  if (!files) return report_refusal(context, files.error());
  const history::Generation& generation = *journal->find(*number);
  if (!context.json) {
    print_text(context, generation, *journal, *files);
    return ExitCode::Done;
  }
  nlohmann::ordered_json document = json_of(generation, *journal);
  for (const auto& [path, content] : *files) document["files"][path] = content;
  context.out << document.dump(2, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace) << '\n';
  return ExitCode::Done;
}

}  // namespace

constinit const Command kShowCommand{
    .name = "show",
    .summary = "show a generation",
    .arguments = "GENERATION",
    .usage = "Tells of a generation: its state, what happened to it and who did it; or prints its ruleset or counters,\n"
             "or writes out the configuration that it was made of.",
    .options = kOptions,
    .max_positional = 1,
    .run = run,
};

}  // namespace vuurmuur::cli
