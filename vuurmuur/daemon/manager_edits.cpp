// SPDX-License-Identifier: GPL-2.0-or-later
// What the service knows of who changed the files of configurations.
#include <algorithm>
#include <ctime>
#include <ranges>

#include "daemon/manager_service.h"
#include "daemon/replies.h"
#include "edit/audit.h"

namespace vuurmuur::daemon {

using ipc::Json;
using ipc::Reply;

namespace {

/// As long as names of programs, paths (PATH_MAX) and texts of a change may be.
constexpr std::size_t kLongestProgram = 64, kLongestPath = 4096, kLongestText = 65536;

/// A parameter that has to be there, of one line. A terminal prints it sooner or later.
std::string read_line(Parameters& parameters, const std::string& name, std::size_t longest) {
  const std::string text = parameters.text(name).value_or("");
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (text.empty() || text.size() > longest || std::ranges::any_of(text, is_control)) parameters.refuse(name);
  return text;
}

}  // namespace

Reply ManagerService::edits(const Caller&, Parameters& parameters) {
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  const auto entries = edit::read_audit(files_, settings_.state_directory);
  if (!entries) return refusal(entries.error());
  Json edits = Json::array();
  for (const edit::AuditEntry& entry : *entries | std::views::reverse) edits.push_back(edit::json_of(entry));
  return {.parameters = {{"edits", std::move(edits)}}};
}

Reply ManagerService::note_edit(const Caller& caller, Parameters& parameters) {
  const edit::AuditEntry entry{.time = std::time(nullptr),
                               .who = read_actor(caller.peer, parameters),
                               .program = read_line(parameters, "program", kLongestProgram),
                               .directory = read_line(parameters, "directory", kLongestPath),
                               .what = read_line(parameters, "what", kLongestText)};
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  if (const auto written = edit::append_audit(settings_.state_directory, entry); !written)
    return refusal(written.error());
  return {.parameters = Json::object()};
}

}  // namespace vuurmuur::daemon
