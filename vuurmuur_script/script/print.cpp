// SPDX-License-Identifier: GPL-2.0-or-later
#include "script/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include "edit/blocklist.h"
#include "edit/lines.h"
#include "edit/objects.h"

namespace vuurmuur::script {
namespace {

using edit::Draft;
using edit::Kind;

constexpr int kMostTries = 30;
constexpr std::chrono::milliseconds kBetweenTries{10};

const diag::Diagnostic* find_problem(const Draft& draft, std::string_view code) {
  const auto& all = draft.problems().all();
  const auto found = std::ranges::find(all, code, &diag::Diagnostic::code);
  return found == all.end() ? nullptr : &*found;
}

/// Whether a zone or network of that name is there, whose insides are asked for.
bool is_container(const config::Tree& tree, const std::string& name) {
  for (const Kind kind : {Kind::Zone, Kind::Network}) {
    const auto names = edit::names_in(tree, kind);
    if (std::ranges::find(names, name) != names.end()) return true;
  }
  return false;
}

ExitCode list(Context& context, const Request& request, Draft& draft) {
  const edit::Object& wanted = request.object;
  const bool is_list = wanted.kind == Kind::Rules || wanted.kind == Kind::Blocklist;
  if (is_list) {
    context.out << (wanted.name == "any" ? "rules\nblocklist\n" : wanted.name + "\n");
    return ExitCode::Done;
  }
  std::vector<std::string> names = edit::names_in(draft.tree(), wanted.kind);
  if (wanted.name != "any") {
    std::erase_if(names,
                  [&](const std::string& name) { return name != wanted.name && !name.ends_with("." + wanted.name); });
    if (names.empty() && !is_container(draft.tree(), wanted.name))
      return fail(context, ExitCode::NotFound,
                  fmt::format("there is neither {} nor a zone or network of that name", edit::text_of(wanted)));
  }
  for (const std::string& name : names) context.out << name << '\n';
  return ExitCode::Done;
}

ExitCode print_lines(Context& context, const config::Document& document, bool with_numbers) {
  std::size_t number = 0;
  for (const std::string& line : edit::lines_of(document)) {
    if (with_numbers) context.out << fmt::format("{:4}: ", ++number);
    context.out << fmt::format("RULE=\"{}\"\n", config::escape(line));
  }
  return ExitCode::Done;
}

ExitCode print_object(Context& context, const Request& request, Draft& draft) {
  const auto document = edit::open_object(draft, request.object);
  if (!document) return fail(context, document.error());
  const config::KeyRow* variable = nullptr;
  if (!request.variable.empty()) {
    const auto found = edit::find_variable(request.object.kind, request.variable);
    if (!found) return fail(context, found.error());
    variable = *found;
  }
  if (request.object.kind == Kind::Rules || request.object.kind == Kind::Blocklist)
    return print_lines(context, **document, request.rule_numbers);
  context.out << edit::print_object(**document, request.object.kind, variable);
  return ExitCode::Done;
}

}  // namespace

ExitCode print(Context& context, const Request& request) {
  std::optional<Draft> read(std::in_place, context.files, request.directory);
  // Another script may be writing several files just now.
  for (int tries = 0; find_problem(*read, "unfinished-edit") != nullptr && tries < kMostTries; ++tries) {
    std::this_thread::sleep_for(kBetweenTries);
    read.emplace(context.files, request.directory);
  }
  Draft& draft = *read;
  for (const std::string_view code : {"missing-tree", "unfinished-edit"})
    if (const auto* problem = find_problem(draft, code)) return fail(context, ExitCode::Failed, problem->message);
  if (request.command == Command::List) return list(context, request, draft);
  if (request.command == Command::Print) return print_object(context, request, draft);
  const auto blocklist = edit::open_object(draft, {Kind::Blocklist, "blocklist"});
  if (!blocklist) return fail(context, blocklist.error());
  for (const std::string& whom : edit::blocked_in(**blocklist)) context.out << whom << '\n';
  return ExitCode::Done;
}

}  // namespace vuurmuur::script
