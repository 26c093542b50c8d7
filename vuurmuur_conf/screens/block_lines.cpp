// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/block_lines.h"

#include <algorithm>

#include "base/strings.h"
#include "config/read.h"
#include "edit/lines.h"
#include "edit/object.h"
#include "net/address.h"
#include "screens/object_lines.h"
#include "sema/names.h"
#include "sema/objects.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using ui::fill;
using ui::tr;

// What the daemon takes (the kernel's sets count milliseconds in 32 bits).
constexpr std::int64_t kMostSeconds = UINT32_MAX / 1000;

/// What a line says by itself, with what is wrong with it.
std::optional<model::BlockEntry> entry_of(const std::string& line, diag::Sink& sink) {
  config::Document document;
  document.set("RULE", line);
  const config::Document as_read(document.to_text());
  auto entries = config::read_blocklist({as_read, {}, sink});
  return entries.empty() ? std::nullopt : std::optional(std::move(entries.front()));
}

std::string what_of(const model::BlockEntry& entry, const model::Policy& policy) {
  if (entry.prefix) {
    const bool is_host = entry.prefix->length == net::address_bits(entry.prefix->family());
    return is_host ? tr("an address") : tr("a network");
  }
  for (const model::Host& host : policy.hosts)
    if (host.full_name() == *entry.text) return fill(tr("host {}"), addresses_of(host));
  for (const model::Group& group : policy.groups)
    if (group.full_name() == *entry.text)
      return fill(ui::tr_count("group of {} host", "group of {} hosts", static_cast<long>(group.members.size())),
                  group.members.size());
  return "";
}

/// What only shows when names are looked up.
void check_names(const model::BlockEntry& entry, const model::Policy& policy, diag::Sink& sink) {
  model::Policy only;
  only.hosts = policy.hosts;
  only.groups = policy.groups;
  only.blocklist = {entry};
  diag::Sink ignored;
  sema::ActiveObjects active;
  active.hosts.resize(only.hosts.size());
  active.groups.resize(only.groups.size());
  static_cast<void>(sema::resolve_blocklist(only, sema::index_names(only, ignored), active, sink));
}

void note_problem(const diag::Sink& sink, BlockLine& line) {
  if (sink.all().empty()) return;
  // An error says more than a warning before it.
  const auto worst = std::ranges::min_element(sink.all(), {}, &diag::Diagnostic::severity);
  line.problem = text_of(*worst);
  line.is_error = worst->severity == diag::Severity::Error;
}

}  // namespace

std::vector<BlockLine> block_lines(const app::Reading& reading) {
  const auto& documents = reading.tree->documents;
  const auto document = documents.find(edit::path_of({edit::Kind::Blocklist, "blocklist"}));
  if (document == documents.end()) return {};
  std::vector<BlockLine> lines;
  for (std::string& text : edit::lines_of(document->second)) {
    BlockLine line{.number = static_cast<std::uint32_t>(lines.size() + 1),
                   .text = std::move(text),
                   .whom = {},
                   .what = {},
                   .problem = {}};
    line.is_active = !base::trim(line.text).starts_with(';');
    diag::Sink sink;
    const auto entry = entry_of(line.text, sink);
    line.whom = entry ? *entry->text : line.text;
    if (entry) line.what = what_of(*entry, reading.tree->policy);
    if (entry && line.what.empty()) check_names(*entry, reading.tree->policy, sink);
    note_problem(sink, line);
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string fault_of_block(const std::string& text, const model::Policy& policy) {
  const std::string_view whom = base::trim(text);
  if (whom.empty()) return "";
  diag::Sink sink;
  const auto entry = entry_of("block " + std::string(whom), sink);
  if (entry) check_names(*entry, policy, sink);
  for (const diag::Diagnostic& problem : sink.all())
    if (problem.severity == diag::Severity::Error) return text_of(problem);
  return "";
}

std::string fault_of_address(const std::string& text) {
  const std::string_view address = base::trim(text);
  if (address.empty()) return "";
  const auto prefix = net::Prefix::parse(address);
  if (!prefix) return fill(tr("expects an address like 192.0.2.7 or 2001:db8::/64, not '{}'"), address);
  return prefix->is_any() ? std::string(tr("that is everybody: it would lock everyone out")) : "";
}

std::optional<std::int64_t> seconds_from(std::string_view text) {
  text = base::trim(text);
  std::int64_t unit = 1;
  constexpr std::string_view kUnits = "smhd";
  constexpr std::int64_t kSeconds[] = {1, 60, 3600, 86400};
  if (const std::size_t at = text.empty() ? kUnits.npos : kUnits.find(text.back()); at != kUnits.npos) {
    unit = kSeconds[at];
    text.remove_suffix(1);
  }
  const auto number = base::parse_number<std::uint32_t>(base::trim(text));
  if (!number || *number == 0 || *number > kMostSeconds / unit) return std::nullopt;
  return *number * unit;
}

std::string fault_of_time(const std::string& text) {
  if (base::trim(text).empty() || seconds_from(text)) return "";
  return fill(tr("expects a time like 30s, 10m, 2h or 7d (at most {} days), not '{}'"), kMostSeconds / 86400, text);
}

}  // namespace vuurmuur::screens
