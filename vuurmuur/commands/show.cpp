// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "cli/generation_text.h"
#include "cli/kernel_report.h"
#include "cli/service.h"
#include "cli/state_directory.h"
#include "commands/commands.h"
#include "control/counters_json.h"
#include "control/generation_json.h"

namespace vuurmuur::cli {
namespace {

using ipc::Json;

constexpr std::array kOptions{
    Option{.name = "rules", .argument = "", .help = "print its ruleset as iptables-save would"},
    Option{.name = "counters", .argument = "", .help = "print what its rules had counted at its end, as JSON"},
    Option{.name = "extract", .argument = "DIR", .help = "write the files of its configuration into a new directory"},
    kStateDirOption,
    kJsonOption,
};

ExitCode extract(Context& context, const history::Files& files, history::Number number, const std::string& directory) {
  // Files of two configurations in one directory would be a third one.
  const auto there = context.files.list_directory(directory);
  if (there && !there->empty())
    return report_failure(context, fmt::format("'{}' is not empty", directory), ExitCode::Refused);
  if (!there && there.error().code != ENOENT) return report_refusal(context, there.error());
  for (const auto& [path, content] : files) {
    const std::string target = directory + "/" + path;
    auto done = context.files.make_directories(target.substr(0, target.rfind('/')));
    if (done) done = context.files.replace_file(target, content);
    if (!done) return report_refusal(context, done.error());
  }
  if (context.json)
    context.out << nlohmann::ordered_json{{"generation", number}, {"files", files.size()}}.dump(2) << '\n';
  else
    context.out << fmt::format("{}: {} files of generation {}\n", directory, files.size(), number);
  return ExitCode::Done;
}

ExitCode report_missing(Context& context, const base::Error& error, std::string_view missing) {
  return error.code == ENOENT ? report_failure(context, missing, ExitCode::Refused) : report_refusal(context, error);
}

ExitCode print_rules(Context& context, const base::Result<Json>& answer) {
  if (!answer)
    return report_missing(context, answer.error(), "this generation was never in force, so it has no ruleset");
  context.out << answer->value("rules", "");
  return ExitCode::Done;
}

ExitCode print_counters(Context& context, const base::Result<Json>& answer) {
  if (!answer)
    return report_missing(context, answer.error(),
                          "this generation has no counters: they are kept when another one takes its place");
  const auto rules = control::counters_from(answer->value("rules", Json::array()));
  if (!rules) return report_refusal(context, strange_answer().error());
  context.out << control::to_json(*rules);
  return ExitCode::Done;
}

base::Result<history::Files> files_from(const base::Result<Json>& answer) {
  if (!answer) return std::unexpected(answer.error());
  try {
    history::Files files;
    for (const auto& [path, content] : answer->at("files").items()) files[path] = content.get<std::string>();
    return files;
  } catch (const Json::exception&) {
    return strange_answer();
  }
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
  if (arguments.positional().empty())
    return usage_error(context, kShowCommand, "the number of a generation is missing");
  Service service = Service::find(context, arguments);
  const auto journal = service.journal();
  if (!journal) return report_refusal(context, journal.error());
  const auto number = read_number(arguments.positional().front(), *journal);
  if (!number) return report_failure(context, number.error(), ExitCode::Usage);
  const Json wanted{{"generation", *number}};
  if (arguments.has("rules")) return print_rules(context, service.call("Rules", wanted));
  if (arguments.has("counters")) return print_counters(context, service.call("KeptCounters", wanted));
  const auto files = files_from(service.call("Show", wanted));
  if (!files) return report_refusal(context, files.error());
  if (const auto directory = arguments.value("extract")) return extract(context, *files, *number, *directory);
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
    .usage =
        "Tells of a generation: its state, what happened to it and who did it; or prints its ruleset or counters,\n"
        "or writes out the configuration that it was made of.",
    .options = kOptions,
    .max_positional = 1,
    .run = run,
};

}  // namespace vuurmuur::cli
