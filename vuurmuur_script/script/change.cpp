// SPDX-License-Identifier: GPL-2.0-or-later
#include "script/change.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/line_diff.h"
#include "base/strings.h"
#include "cli/caller.h"
#include "cli/daemon_client.h"
#include "cli/service.h"
#include "cli/state_directory.h"
#include "cli/terminal.h"
#include "diag/render.h"
#include "edit/audit.h"
#include "edit/blocklist.h"
#include "edit/lines.h"
#include "edit/objects.h"
#include "edit/save.h"
#include "script/apply.h"

namespace vuurmuur::script {
namespace {

using edit::Draft;
using edit::Wish;

edit::Object blocklist() { return {edit::Kind::Blocklist, "blocklist"}; }

edit::Object object_of(const Request& request) {
  const bool is_block = request.command == Command::Block || request.command == Command::Unblock;
  return is_block ? blocklist() : request.object;
}

Wish<void> edit_line(const Request& request, config::Document& document) {
  const std::string line = request.values.empty() ? "" : request.values.front();
  switch (request.command) {
    case Command::Insert: return edit::insert_line(document, request.line, line);
    case Command::Replace: return edit::replace_line(document, request.line, line);
    case Command::DeleteLine: return edit::delete_line(document, request.line);
    default: return edit::move_line(document, request.line, request.to);
  }
}

/// Does it to the draft.
Wish<void> edit_draft(Context& context, const Request& request, Draft& draft) {
  switch (request.command) {
    case Command::Create: return edit::create_object(draft, request.object);
    case Command::Delete: return edit::remove_object(draft, context.files, request.object);
    case Command::Rename: return edit::rename_object(draft, context.files, request.object, request.values.front());
    case Command::Modify:
      return edit::modify_object(draft, request.object, request.variable, request.values, request.how);
    default: break;
  }
  const auto document = edit::open_object(draft, object_of(request));
  if (!document) return std::unexpected(document.error());
  if (request.command == Command::Block) return static_cast<void>(edit::block(**document, request.whom)), Wish<void>{};
  if (request.command == Command::Unblock) {
    if (edit::unblock(**document, request.whom)) return {};
    return edit::refuse(edit::Refusal::Why::NotFound, fmt::format("'{}' is not on the blocklist", request.whom));
  }
  return edit_line(request, **document);
}

/// For the audit log, in the original's words where it had some.
std::string text_of(const Request& request) {
  const std::string object = edit::text_of(object_of(request));
  std::string values;
  for (const std::string& value : request.values) values += fmt::format("{}'{}'", values.empty() ? "" : ", ", value);
  switch (request.command) {
    case Command::Create: return fmt::format("{} created", object);
    case Command::Delete: return fmt::format("{} deleted", object);
    case Command::Rename: return fmt::format("{} renamed to {}", object, values);
    case Command::Modify:
      return fmt::format("for {} variable '{}' {} {}", object, request.variable,
                         request.how == edit::How::Append ? "appended" : "set to", values);
    case Command::Insert: return fmt::format("in {} number {} inserted: {}", object, request.line, values);
    case Command::Replace: return fmt::format("in {} number {} replaced by {}", object, request.line, values);
    case Command::DeleteLine: return fmt::format("in {} number {} deleted", object, request.line);
    case Command::Move: return fmt::format("in {} number {} moved to {}", object, request.line, request.to);
    case Command::Block: return fmt::format("'{}' put on the blocklist", request.whom);
    case Command::Unblock: return fmt::format("'{}' taken off the blocklist", request.whom);
    default: return object;
  }
}

/// Whether the daemon noted it, for an editor that may not write the state directory.
bool is_noted_by_daemon(Context& context, const edit::AuditEntry& entry, const cli::Arguments& arguments) {
  cli::Context asking{.out = context.out, .err = context.err, .files = context.files};
  auto daemon = cli::DaemonClient::find(asking, arguments);
  if (!daemon) return false;
  const ipc::Json parameters{{"program", entry.program}, {"directory", entry.directory}, {"what", entry.what}};
  return daemon->ask("NoteEdit", cli::with_caller(parameters)).error.empty();
}

/// A change that is made all the same is not undone because nobody could note it.
void note(Context& context, const Request& request, const cli::Arguments& arguments) {
  std::error_code error;
  const std::string directory = std::filesystem::absolute(request.directory, error).lexically_normal().string();
  const edit::AuditEntry entry{.time = std::time(nullptr),
                               .who = cli::caller(),
                               .program = "vuurmuur_script",
                               .directory = error ? request.directory : directory,
                               .what = text_of(request)};
  if (context.verbose) context.out << entry.what << '\n';
  const auto written = edit::append_audit(cli::state_directory(arguments), entry);
  const bool is_forbidden = !written && (written.error().code == EACCES || written.error().code == EPERM);
  if (!written && !(is_forbidden && is_noted_by_daemon(context, entry, arguments)))
    tell(context, "warning", fmt::format("the audit log has no note of this change: {}", written.error().message));
}

/// Whether the object is still what a file holds that -P printed; the diff is told when it is not.
std::expected<void, ExitCode> check_unchanged(Context& context, const Request& request, Draft& draft) {
  if (!request.unchanged) return {};
  const auto before = context.files.read_file(*request.unchanged);
  if (!before) return std::unexpected(fail(context, before.error()));
  const auto object = object_of(request);
  const auto document = edit::open_object(draft, object);
  const std::string now = document ? edit::print_object(**document, object.kind) : "";
  if (now == *before) return {};
  const edit::Conflict conflict{.path = edit::text_of(object), .theirs = base::diff_lines(*before, now)};
  fail(context, ExitCode::Inconsistent,
       fmt::format("{} changed since {} was written; nothing is done", edit::text_of(object), *request.unchanged));
  context.err << edit::text_of(conflict);
  return std::unexpected(ExitCode::Inconsistent);
}

ExitCode report(Context& context, const edit::Outcome& outcome) {
  if (!outcome.conflicts.empty()) {
    fail(context, ExitCode::Inconsistent, "somebody else changed the configuration meanwhile; nothing is written");
    for (const edit::Conflict& conflict : outcome.conflicts) context.err << edit::text_of(conflict);
    return ExitCode::Inconsistent;
  }
  if (!outcome.verdict.found.all().empty())
    context.err << diag::render(outcome.verdict.found, outcome.verdict.sources,
                                cli::style_for(cli::Colour::Auto, STDERR_FILENO));
  if (outcome.verdict.is_refused()) return fail(context, ExitCode::Usage, "nothing is written");
  return ExitCode::Done;
}

/// Reads, changes and writes in one turn, which is over when it returns.
ExitCode change_files(Context& context, const Request& request, const cli::Arguments& arguments) {
  const auto turn = edit::Turn::take(context.files, request.directory);
  if (!turn && turn.error().code == ENOENT)
    return fail(context, ExitCode::Failed, fmt::format("there is no configuration tree {}", request.directory));
  if (!turn) return fail(context, turn.error());
  Draft draft(context.files, turn->root());
  if (const auto unchanged = check_unchanged(context, request, draft); !unchanged) return unchanged.error();
  if (const auto edited = edit_draft(context, request, draft); !edited) return fail(context, edited.error());
  const edit::Changes changes = draft.changes();
  if (changes.is_empty()) return ExitCode::Done;
  const auto outcome = edit::save(context.files, *turn, changes);
  if (!outcome) return fail(context, outcome.error());
  const ExitCode code = report(context, *outcome);
  // Within the turn, so that the log has the order in which it was done.
  if (code == ExitCode::Done) note(context, request, arguments);
  return code;
}

}  // namespace

ExitCode change(Context& context, const Request& request, const cli::Arguments& arguments) {
  const ExitCode code = change_files(context, request, arguments);
  if (code != ExitCode::Done) return code;
  const bool is_block = request.command == Command::Block || request.command == Command::Unblock;
  if (request.apply.value_or(is_block))
    return apply(context, request.directory, arguments,
                 request.apply.value_or(false) ? WithoutDaemon::ApplyHere : WithoutDaemon::Warn);
  return code;
}

}  // namespace vuurmuur::script
