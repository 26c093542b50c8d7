// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <ranges>

#include "cli/generation_text.h"
#include "cli/kernel_report.h"
#include "cli/service.h"
#include "cli/state_directory.h"
#include "commands/commands.h"
#include "edit/audit.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{
    Option{.name = "edits", .argument = "", .help = "what was changed in configurations instead, and by whom"},
    kStateDirOption,
    kJsonOption,
};

void print_text(Context& context, const history::Journal& journal) {
  if (journal.generations.empty()) {
    context.out << "nothing was applied yet\n";
    return;
  }
  for (const history::Generation& generation : journal.generations | std::views::reverse) {
    const history::Event& first = generation.events.front();
    context.out << fmt::format("{:>6}  {}  {}", generation.number, text_of_time(first.time), text_of(first.who));
    if (generation.copy_of) context.out << fmt::format(", configuration of generation {}", *generation.copy_of);
    context.out << fmt::format(", {}: {}\n", generation.backend, state_text(generation, journal));
    if (!generation.comment.empty()) context.out << fmt::format("        \"{}\"\n", generation.comment);
    for (const history::Event& event : generation.events | std::views::drop(1))
      context.out << fmt::format("        {}  {} by {}{}{}\n", text_of_time(event.time), to_string(event.what),
                                 text_of(event.who), event.detail.empty() ? "" : ": ", event.detail);
  }
}

base::Result<std::vector<edit::AuditEntry>> read_edits(Service& service) {
  const ipc::Json answer = VM_TRY(service.call("Edits"));
  std::vector<edit::AuditEntry> entries;
  for (const ipc::Json& each : answer.value("edits", ipc::Json::array())) {
    auto entry = edit::entry_from(each);
    if (!entry) return strange_answer();
    entries.push_back(std::move(*entry));
  }
  return entries;
}

ExitCode run_edits(Context& context, const Arguments& arguments) {
  Service service = Service::find(context, arguments);
  const auto entries = read_edits(service);
  if (!entries) return report_refusal(context, entries.error());
  if (context.json) {
    nlohmann::ordered_json document = nlohmann::ordered_json::array();
    for (const edit::AuditEntry& entry : *entries) document.push_back(edit::json_of(entry));
    context.out << document.dump(2, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace) << '\n';
    return ExitCode::Done;
  }
  if (entries->empty()) context.out << "nothing was changed yet\n";
  for (const edit::AuditEntry& entry : *entries)
    context.out << fmt::format("{}  {}  {}: {}\n", text_of_time(entry.time), text_of(entry.who),
                               edit::printable(entry.directory), edit::printable(entry.what));
  return ExitCode::Done;
}

ExitCode run(Context& context, const Arguments& arguments) {
  if (arguments.has("edits")) return run_edits(context, arguments);
  const auto journal = Service::find(context, arguments).journal();
  if (!journal) return report_refusal(context, journal.error());
  if (!context.json) {
    print_text(context, *journal);
    return ExitCode::Done;
  }
  nlohmann::ordered_json document = nlohmann::ordered_json::array();
  for (const history::Generation& generation : journal->generations | std::views::reverse)
    document.push_back(json_of(generation, *journal));
  context.out << document.dump(2, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace) << '\n';
  return ExitCode::Done;
}

}  // namespace

constinit const Command kHistoryCommand{
    .name = "history",
    .summary = "show what was applied, when and by whom",
    .arguments = "",
    .usage = "Lists the generations that are kept, the newest first: what became of each, and who did it. 'show' prints\n"
             "one, 'rollback' brings one back. --edits lists what vuurmuur_script changed in the files of a configuration.",
    .options = kOptions,
    .max_positional = 0,
    .run = run,
};

}  // namespace vuurmuur::cli
