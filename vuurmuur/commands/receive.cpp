// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "analyse/diff.h"
#include "base/heap.h"
#include "base/memory_file_system.h"
#include "cli/apply_generation.h"
#include "cli/caller.h"
#include "cli/compared_policies.h"
#include "cli/connection_report.h"
#include "cli/engine.h"
#include "cli/kernel_report.h"
#include "cli/policy.h"
#include "cli/received_tree.h"
#include "cli/service.h"
#include "cli/state_directory.h"
#include "cli/traffic_report.h"
#include "commands/commands.h"
#include "control/assertions.h"
#include "control/comparison.h"
#include "edit/audit.h"
#include "edit/save.h"
#include "edit/turn.h"

namespace vuurmuur::cli {
namespace {

using ipc::Json;

constexpr Option kBackOption{
    .name = "back", .argument = "", .help = "take back what was received last: its rules and its files"};
constexpr Option kDryRunOption{
    .name = "dry-run", .argument = "", .help = "only check it, and tell what differs from what is here, as JSON"};
constexpr Option kReceiveForceOption{.name = "force", .argument = "", .help = "as of apply"};

constexpr std::array kOptions{
    kBackOption,         kDryRunOption,   kBackendOption,    kConfirmOption,  kCommentOption, kConnectionsOption,
    kReceiveForceOption, kCommentsOption, kNoCommentsOption, kStateDirOption, kWaitOption,    kJsonOption,
};

/// What an apply is told as well.
constexpr std::array kHandedOn{kBackendOption.name,     kConfirmOption.name,  kCommentOption.name,
                               kConnectionsOption.name, kStateDirOption.name, kWaitOption.name};
constexpr std::array kSwitchesHandedOn{kReceiveForceOption.name, kCommentsOption.name, kNoCommentsOption.name,
                                       kJsonOption.name};

constexpr const char* kMemory = "/received";

/// The policy that files are. `name` is for messages.
ComparedPolicy policy_of(const history::Files& files, std::string title, const control::NameSource& names) {
  base::MemoryFileSystem memory;
  for (const auto& [path, content] : files) memory.files[fmt::format("{}/{}", kMemory, path)] = content;
  ComparedPolicy policy{.title = std::move(title), .checked = check_tree(memory, kMemory, names)};
  control::check_assertions(*policy.checked);
  return policy;
}

std::string text_of_files(const edit::Changes& changes) {
  history::Files before, after;
  for (const edit::FileChange& change : changes.files) {
    if (change.before) before[change.path] = *change.before;
    if (change.after) after[change.path] = *change.after;
  }
  std::string text;
  for (const control::FileDifference& difference : control::compare_files(before, after)) {
    using Kind = control::FileDifference::Kind;
    text += fmt::format("--- {}\n", difference.kind == Kind::Added ? "/dev/null" : difference.path);
    text += fmt::format("+++ {}\n", difference.kind == Kind::Removed ? "/dev/null" : difference.path);
    for (const base::Hunk& hunk : difference.hunks) {
      text += base::header_of(hunk) + '\n';
      for (const std::string& line : hunk.lines) text += line + '\n';
    }
  }
  return text;
}

/// The new policy held against the generation in force.
struct AgainstInForce {
  std::string traffic;          ///< what packets it treats otherwise, for people
  bool has_same_files = false;  ///< it is the one in force
};

base::Result<AgainstInForce> hold_against_in_force(Service& service, const history::Journal& journal,
                                                   const history::Files& files, ComparedPolicy after,
                                                   const control::NameSource& names) {
  const auto current = control::in_force(journal);
  if (!current) return AgainstInForce{.traffic = "no generation is in force\n"};
  const Json answer = VM_TRY(service.call("Show", {{"generation", *current}}));
  history::Files before;
  try {
    for (const auto& [path, content] : answer.at("files").items()) before[path] = content.get<std::string>();
  } catch (const Json::exception&) {
    return strange_answer();
  }
  const bool has_same_files = before == files;
  ComparedPolicies both{.before = policy_of(before, "the policy in force", names), .after = std::move(after)};
  if (both.before.checked->sink.has_errors())
    return AgainstInForce{.traffic = "the policy in force cannot be compared: this version finds errors in it\n",
                          .has_same_files = has_same_files};
  const analyse::PolicyDiff diff = analyse::diff(both.before.checked->policy, both.after.checked->policy);
  return AgainstInForce{.traffic = text_of(both, diff, diag::Style::Plain), .has_same_files = has_same_files};
}

/// Notes a change of the configuration; that it could not be noted undoes nothing.
void note(Context& context, const Arguments& arguments, const std::string& directory, std::string what) {
  std::error_code error;
  const std::string absolute = std::filesystem::absolute(directory, error).lexically_normal().string();
  const auto written = edit::append_audit(state_directory(arguments), {.time = std::time(nullptr),
                                                                       .who = caller(),
                                                                       .program = "vuurmuur apply --to",
                                                                       .directory = error ? directory : absolute,
                                                                       .what = std::move(what)});
  if (!written)
    tell(context, "warning", fmt::format("the audit log has no note of this change: {}", written.error().message));
}

/// Writes changes into a tree.
base::Result<void> write_changes(Context& context, const edit::Turn& turn, const edit::Changes& changes) {
  if (changes.is_empty()) return {};
  const auto outcome = VM_TRY(edit::save(context.files, turn, changes));
  if (outcome.is_saved()) return {};
  std::string text;
  for (const edit::Conflict& conflict : outcome.conflicts) text += edit::text_of(conflict);
  context.err << text;
  return base::failure(outcome.conflicts.empty() ? "the configuration would have errors that it has not now"
                                                 : "the configuration was changed by somebody else meanwhile");
}

/// Another command of this program, in this process.
ExitCode run_command(Context& context, const Command& command, const std::vector<std::string>& words) {
  const auto arguments = parse_arguments(command.options, command.max_positional, words);
  return arguments ? command.run(context, *arguments) : usage_error(context, command, arguments.error());
}

ExitCode apply_tree(Context& context, const Arguments& arguments, const std::string& directory) {
  std::vector<std::string> words;
  for (const std::string_view name : kHandedOn)
    if (const auto value = arguments.value(name)) words.push_back(fmt::format("--{}={}", name, *value));
  for (const std::string_view name : kSwitchesHandedOn)
    if (arguments.has(name)) words.push_back(fmt::format("--{}", name));
  // Where nobody named it the daemon's is applied, by the daemon.
  if (!arguments.positional().empty()) words.push_back(directory);
  return run_command(context, kApplyCommand, words);
}

/// Files as they were before.
base::Result<void> restore_files(Context& context, const Arguments& arguments, const Reception& reception) {
  const auto turn = VM_TRY(edit::Turn::take(context.files, reception.directory));
  VM_TRY_VOID(write_changes(context, turn, undoing(reception.changes)));
  VM_TRY_VOID(forget(context.files, state_directory(arguments)));
  if (!reception.changes.is_empty())
    note(context, arguments, reception.directory,
         fmt::format("{} files that were received taken back", reception.changes.files.size()));
  return {};
}

/// Puts the files in place, and keeps what they were.
base::Result<Reception> place(Context& context, const Arguments& arguments, const std::string& directory,
                              const history::Files& files, const history::Journal& journal) {
  VM_TRY_VOID(context.files.make_directories(directory, 0750));
  const auto turn = VM_TRY(edit::Turn::take(context.files, directory));
  Reception reception{.directory = directory,
                      .changes = changes_to(files_of_tree(context.files, directory), files),
                      .former = control::in_force(journal),
                      .made = {}};
  VM_TRY_VOID(keep(context.files, state_directory(arguments), reception));
  if (auto written = write_changes(context, turn, reception.changes); !written) {
    static_cast<void>(forget(context.files, state_directory(arguments)));
    return std::unexpected(std::move(written).error());
  }
  if (!reception.changes.is_empty())
    note(context, arguments, directory, fmt::format("{} files received", reception.changes.files.size()));
  return reception;
}

ExitCode put_in_force(Context& context, const Arguments& arguments, Service& service, const std::string& directory,
                      const history::Files& files, const history::Journal& journal) {
  auto reception = place(context, arguments, directory, files, journal);
  if (!reception) return report_refusal(context, reception.error());
  const ExitCode code = apply_tree(context, arguments, directory);
  const auto now = service.journal();
  const auto made = now ? control::in_force(*now) : std::nullopt;
  // In force, although live connections may not be as they were wished.
  if (code == ExitCode::Done || (code == ExitCode::NeedsPerson && made && made != reception->former)) {
    reception->made = made;
    if (const auto noted = keep(context.files, state_directory(arguments), *reception); !noted)
      return report_refusal(context, noted.error());
    return code;
  }
  if (const auto restored = restore_files(context, arguments, *reception); !restored)
    return report_failure(context, fmt::format("the files of before: {}", restored.error().message),
                          ExitCode::NeedsPerson);
  return code;
}

/// Whether a generation that was received is in force, or waits.
ExitCode take_rules_back(Context& context, const Arguments& arguments, const history::Journal& journal,
                         const Reception& reception) {
  std::vector<std::string> words{"--confirm=0", "--comment=taken back from here and others"};
  for (const std::string_view name : {kStateDirOption.name, kWaitOption.name})
    if (const auto value = arguments.value(name)) words.push_back(fmt::format("--{}={}", name, *value));
  if (context.json) words.push_back("--json");
  const auto current = control::in_force(journal);
  const bool is_ours = reception.made ? current == reception.made : current != reception.former;
  if (!is_ours) {
    context.err << "the rules that were received are not in force any more\n";
    return ExitCode::Done;
  }
  if (!journal.pending) {
    if (!reception.former)
      return report_failure(context, "nothing was in force before: 'vuurmuur clear' opens the firewall",
                            ExitCode::NeedsPerson);
    words.push_back(fmt::format("{}", *reception.former));
  }
  return run_command(context, kRollbackCommand, words);
}

ExitCode take_back(Context& context, const Arguments& arguments, Service& service) {
  const auto reception = kept(context.files, state_directory(arguments));
  if (!reception) return report_refusal(context, reception.error());
  if (!*reception) return report_failure(context, "nothing was received that could be taken back", ExitCode::Refused);
  const auto journal = service.journal();
  if (!journal) return report_refusal(context, journal.error());
  const ExitCode code = take_rules_back(context, arguments, *journal, **reception);
  if (const auto restored = restore_files(context, arguments, **reception); !restored)
    return report_failure(context, fmt::format("the files of before: {}", restored.error().message),
                          ExitCode::NeedsPerson);
  return code;
}

ExitCode run(Context& context, const Arguments& arguments) {
  base::prefer_huge_pages();
  if (const auto wrong = wrong_confirm_option(arguments)) return usage_error(context, kReceiveCommand, *wrong);
  std::optional<std::string> named;
  if (!arguments.positional().empty()) named = arguments.positional().front();
  Service service = Service::find(context, arguments, named);
  if (arguments.has(kBackOption.name)) return take_back(context, arguments, service);

  const std::string archive{std::istreambuf_iterator<char>(std::cin), {}};
  const auto files = received_files(archive);
  if (!files) return report_failure(context, files.error().message, ExitCode::Configuration);
  const auto names = known_names(context, arguments);
  ComparedPolicy policy = policy_of(*files, "the policy that was sent", names);
  print_diagnostics(context, *policy.checked);
  if (policy.checked->sink.has_errors())
    return report_failure(context, "the policy has errors on this machine", ExitCode::Configuration);
  const auto journal = service.journal();
  if (!journal) return report_refusal(context, journal.error());
  if (journal->pending)
    return report_failure(context,
                          fmt::format("generation {} waits to be confirmed here", journal->pending->generation),
                          ExitCode::Refused);
  const std::string directory = named ? *named : service.configuration();
  if (!arguments.has(kDryRunOption.name)) return put_in_force(context, arguments, service, directory, *files, *journal);

  const edit::Changes changes = changes_to(files_of_tree(context.files, directory), *files);
  const auto against = hold_against_in_force(service, *journal, *files, std::move(policy), names);
  if (!against) return report_refusal(context, against.error());
  const Json document{{"files", text_of_files(changes)},
                      {"traffic", against->traffic},
                      {"in_force", changes.is_empty() && against->has_same_files && !journal->is_cleared}};
  context.out << document.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) << '\n';
  return ExitCode::Done;
}

}  // namespace

constinit const Command kReceiveCommand{
    .name = "receive",
    .summary = "what 'apply --to' does on the other machine",
    .arguments = "[DIR]",
    .usage =
        "Reads a configuration from standard input, as a tar archive, checks it, makes DIR (default the daemon's, "
        "or\n" VUURMUUR_CONFIG_DIR
        ") equal to it and applies it, with the options of 'apply'. When it is not applied, the files are\n"
        "what they were. 'vuurmuur receive --back' takes back what was received last, also after it was confirmed.",
    .options = kOptions,
    .max_positional = 1,
    .run = run,
};

}  // namespace vuurmuur::cli
