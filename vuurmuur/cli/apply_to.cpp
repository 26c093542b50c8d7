// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/apply_to.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ranges>

#include "base/strings.h"
#include "cli/apply_generation.h"
#include "cli/connection_report.h"
#include "cli/engine.h"
#include "cli/kernel_report.h"
#include "cli/policy.h"
#include "cli/remote_host.h"
#include "commands/commands.h"
#include "control/assertions.h"
#include "control/tree_recorder.h"
#include "history/archive.h"

namespace vuurmuur::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Unless somebody says another time: for checks and a load on each machine, and a new connection to all of them.
constexpr std::string_view kConfirmSeconds = "60";

/// How far a machine has come.
enum class Stage { Untouched, InForce, Confirmed, TakenBack, Unknown };

std::string_view name_of(Stage stage) {
  switch (stage) {
    case Stage::Untouched: return "untouched";
    case Stage::InForce: return "not confirmed";
    case Stage::Confirmed: return "confirmed";
    case Stage::TakenBack: return "taken back";
    case Stage::Unknown: return "unknown";
  }
  return "";
}

struct Machine {
  RemoteHost host;
  Stage stage = Stage::Untouched;
  Json differences;  ///< what "receive --dry-run" printed there
};

/// Applies one configuration on several machines. One step after the other; what went wrong is told as it happens.
class Round {
 public:
  Round(Context& context, const Arguments& arguments, std::vector<Machine> machines, std::string archive)
      : context_(context), arguments_(arguments), machines_(std::move(machines)), archive_(std::move(archive)) {}

  ExitCode run() {
    for (Machine& machine : machines_)
      if (const ExitCode code = preview(machine); code != ExitCode::Done) return finish(code);
    tell_differences();
    if (arguments_.has("dry-run")) return finish(ExitCode::Done);
    for (Machine& machine : machines_)
      if (const ExitCode code = put_in_force(machine); code != ExitCode::Done) return finish(take_back(code));
    for (Machine& machine : machines_)
      if (!is_reached(machine)) return finish(take_back(ExitCode::RolledBack));
    for (Machine& machine : machines_)
      if (!confirm(machine)) return finish(take_back(ExitCode::RolledBack));
    return finish(ExitCode::Done);
  }

 private:
  /// Runs a command there, and prints what it tells. Not getting there is status kNotReached.
  RemoteHost::Answer ask(const Machine& machine, const std::vector<std::string>& words, std::string_view input = {}) {
    auto answer = machine.host.run(words, input);
    if (!answer) return {.status = kNotReached, .out = {}, .err = answer.error().message};
    for (const std::string_view line : base::split(answer->err, '\n'))
      if (!line.empty()) context_.err << fmt::format("{}: {}\n", machine.host.name(), line);
    return std::move(*answer);
  }

  void tell_failure(const Machine& machine, std::string_view what, int status) {
    const std::string why = status == kNotReached ? "it was not reached" : fmt::format("status {}", status);
    tell(context_, "error", fmt::format("{}: {}: {}", machine.host.name(), what, why));
  }

  /// "receive" with what all its calls have in common.
  std::vector<std::string> receive(std::vector<std::string> options) const {
    options.insert(options.begin(), "receive");
    if (const auto directory = arguments_.value(kToDirOption.name)) options.push_back(*directory);
    return options;
  }

  ExitCode preview(Machine& machine) {
    const auto answer = ask(machine, receive({"--dry-run"}), archive_);
    if (answer.status != 0) {
      tell_failure(machine, "it does not take the policy; nothing was changed anywhere", answer.status);
      return answer.status == static_cast<int>(ExitCode::Configuration) ? ExitCode::Configuration : ExitCode::Refused;
    }
    machine.differences = Json::parse(answer.out, nullptr, /*allow_exceptions=*/false);
    if (machine.differences.is_object() && machine.differences.contains("files") &&
        machine.differences.contains("traffic"))
      return ExitCode::Done;
    tell(context_, "error",
         fmt::format("{}: it has another version of this program; nothing was changed anywhere", machine.host.name()));
    return ExitCode::Refused;
  }

  /// One difference for all that have the same.
  void tell_differences() {
    if (context_.json) return;
    std::vector<const Machine*> left;
    for (const Machine& machine : machines_) left.push_back(&machine);
    while (!left.empty()) {
      const Json& shown = left.front()->differences;
      const auto others =
          std::ranges::stable_partition(left, [&](const Machine* machine) { return machine->differences == shown; });
      std::vector<std::string> names;
      for (const Machine* machine : std::ranges::subrange(left.begin(), others.begin()))
        names.push_back(machine->host.name());
      context_.out << fmt::format("{}:\n", base::join(names, ", "));
      const std::string files = shown.value("files", "");
      context_.out << (files.empty() ? "the files are the same\n" : files) << shown.value("traffic", "");
      left.erase(left.begin(), others.begin());
    }
    context_.out.flush();
  }

  ExitCode put_in_force(Machine& machine) {
    std::vector<std::string> words{
        fmt::format("--confirm={}", arguments_.value("confirm").value_or(std::string(kConfirmSeconds)))};
    for (const std::string_view name :
         {kCommentOption.name, kBackendOption.name, kConnectionsOption.name, kWaitOption.name})
      if (const auto value = arguments_.value(name)) words.push_back(fmt::format("--{}={}", name, *value));
    for (const std::string_view name : {std::string_view("force"), kCommentsOption.name, kNoCommentsOption.name})
      if (arguments_.has(name)) words.push_back(fmt::format("--{}", name));
    const auto answer = ask(machine, receive(std::move(words)), archive_);
    if (answer.status == 0) {
      machine.stage = Stage::InForce;
      return ExitCode::Done;
    }
    tell_failure(machine, "it did not apply the policy", answer.status);
    // What became of it there is only known when it could say so.
    const bool is_known = answer.status >= 1 && answer.status <= static_cast<int>(ExitCode::Refused);
    if (!is_known) machine.stage = Stage::InForce;
    return is_known ? static_cast<ExitCode>(answer.status) : ExitCode::RolledBack;
  }

  bool is_reached(const Machine& machine) {
    const auto answer = ask(machine, {"status", "--json"});
    if (answer.status == 0) return true;
    tell_failure(machine, "by a new connection", answer.status);
    return false;
  }

  bool confirm(Machine& machine) {
    const auto answer = ask(machine, {"confirm"});
    if (answer.status == 0) {
      machine.stage = Stage::Confirmed;
      return true;
    }
    tell_failure(machine, "it was not confirmed", answer.status);
    return false;
  }

  /// Takes it back where it is in force, the last one first. `why`: the status when nothing was in force anywhere.
  ExitCode take_back(ExitCode why) {
    bool is_all = true, was_any = false;
    for (Machine& machine : machines_ | std::views::reverse) {
      if (machine.stage == Stage::Untouched) continue;
      was_any = true;
      const auto answer = ask(machine, receive({"--back"}));
      machine.stage = answer.status == 0 ? Stage::TakenBack : Stage::Unknown;
      if (answer.status == 0) continue;
      is_all = false;
      tell_failure(
          machine,
          "it could not be taken back from here. What nobody confirms goes back by itself; then 'vuurmuur receive "
          "--back' there brings back the files",
          answer.status);
    }
    if (!is_all) return ExitCode::NeedsPerson;
    return was_any ? ExitCode::RolledBack : why;
  }

  ExitCode finish(ExitCode code) {
    if (context_.json) {
      Json document{{"status", static_cast<int>(code)}, {"machines", Json::array()}};
      for (const Machine& machine : machines_)
        document["machines"].push_back({{"machine", machine.host.name()},
                                        {"state", name_of(machine.stage)},
                                        {"differences", machine.differences}});
      context_.out << document.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) << '\n';
      return code;
    }
    if (arguments_.has("dry-run") && code == ExitCode::Done)
      context_.out << "nothing was changed\n";
    else
      for (const Machine& machine : machines_)
        context_.out << fmt::format("{}: {}\n", machine.host.name(), name_of(machine.stage));
    return code;
  }

  Context& context_;
  const Arguments& arguments_;
  std::vector<Machine> machines_;
  std::string archive_;
};

/// What does not go with other machines; the error is a message for the user.
std::optional<std::string> wrong_options(const Arguments& arguments) {
  if (arguments.value("confirm") == "0")
    return "with --to it always waits to be confirmed, so '--confirm=0' makes no sense";
  if (arguments.has(kStateDirOption.name)) return "'--state-dir' is of this machine, and does not go with --to";
  return wrong_confirm_option(arguments);
}

std::expected<std::vector<Machine>, std::string> machines_of(const Arguments& arguments) {
  std::vector<Machine> machines;
  for (std::string& name : arguments.values(kToOption.name)) {
    auto host = RemoteHost::named(std::move(name));
    if (!host) return std::unexpected(std::move(host).error());
    if (std::ranges::any_of(machines, [&](const Machine& machine) { return machine.host.name() == host->name(); }))
      return std::unexpected(fmt::format("option '--to': '{}' is named twice", host->name()));
    machines.push_back({.host = std::move(*host), .differences = {}});
  }
  return machines;
}

}  // namespace

ExitCode apply_to(Context& context, const Arguments& arguments) {
  if (const auto wrong = wrong_options(arguments)) return usage_error(context, kApplyCommand, *wrong);
  auto machines = machines_of(arguments);
  if (!machines) return usage_error(context, kApplyCommand, machines.error());
  const control::TreeRecorder recorder(context.files);
  const auto checked = check_tree(recorder, directory_of(arguments), known_names(context, arguments));
  control::check_assertions(*checked);
  print_diagnostics(context, *checked);
  if (checked->sink.has_errors())
    return report_failure(context, "the configuration has errors; nothing was changed anywhere",
                          ExitCode::Configuration);
  auto archive = history::pack(recorder.below(checked->tree.root));
  if (!archive) return report_refusal(context, archive.error());
  return Round(context, arguments, std::move(*machines), std::move(*archive)).run();
}

}  // namespace vuurmuur::cli
