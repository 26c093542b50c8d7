// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/traffic_change_lines.h"

#include <array>

#include "ui/text.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using analyse::Change;
using analyse::NotCompared;
using analyse::OtherwiseSet;
using ui::fill;
using ui::Role;
using ui::to_translate;
using ui::tr;

/// By Change.
struct ChangeRow {
  const char* heading;
  Role role;
};
constexpr std::array<ChangeRow, analyse::kChanges> kChangeRows{
    ChangeRow{to_translate("+ newly allowed"), Role::Added},
    ChangeRow{to_translate("- newly blocked"), Role::Removed},
    ChangeRow{to_translate("~ refused otherwise"), Role::Reject},
    ChangeRow{to_translate("~ queued otherwise"), Role::Queue},
    ChangeRow{to_translate("~ marked otherwise, or with another helper"), Role::Heading},
    ChangeRow{to_translate("~ logged otherwise"), Role::Log},
    ChangeRow{to_translate("+ logged as well"), Role::Log},
    ChangeRow{to_translate("- no longer logged"), Role::Log},
};

const char* text_of(NotCompared::Why why) {
  switch (why) {
    case NotCompared::Why::OnlyBefore: return to_translate("~ not compared, only in force: {}");
    case NotCompared::Why::OnlyAfter: return to_translate("~ not compared, only here: {}");
    case NotCompared::Why::Order: return to_translate("~ not compared, at another place among others: {}");
  }
  return "";
}

const char* text_of(OtherwiseSet::What what) {
  switch (what) {
    case OtherwiseSet::What::Setting: return to_translate("~ not compared: {} is set otherwise");
    case OtherwiseSet::What::Blocklist: return to_translate("~ not compared: the blocklist has other addresses");
    case OtherwiseSet::What::Interface: return to_translate("~ not compared: interface {} is protected otherwise");
    case OtherwiseSet::What::Network: return to_translate("~ not compared: network {} is protected otherwise");
  }
  return "";
}

}  // namespace

std::vector<TextLine> traffic_change_lines(const app::TrafficChange& change) {
  std::vector<TextLine> lines;
  const auto add = [&lines](Role role, std::string text) { lines.push_back({.text = std::move(text), .role = role}); };
  if (!change.is_readable) {
    add(Role::Warning,
        tr("~ what is treated otherwise cannot be told: what is in force is no good configuration any more"));
    return lines;
  }
  if (change.is_equal) {
    add(Role::Good, tr("✓ every packet that begins a connection is treated as it is now"));
    return lines;
  }
  if (!change.rows.empty()) add(Role::Heading, tr("Packets that are treated otherwise than now"));
  for (const app::TrafficChange::Row& row : change.rows) {
    const ChangeRow& how = kChangeRows[static_cast<std::size_t>(row.change)];
    add(how.role, tr(how.heading));
    const char* none = tr("no rule: the policy of the chain drops them");
    if (row.change != Change::LogAdded)
      add(Role::Normal, fill(tr("  before   {}"), row.before.empty() ? none : row.before));
    if (row.change != Change::LogRemoved)
      add(Role::Normal, fill(tr("  after    {}"), row.after.empty() ? none : row.after));
    for (const std::string& packets : row.packets)
      add(Role::Normal, fill(row.is_outline ? tr("  within   {}") : tr("  packets  {}"), packets));
    if (row.more > 0) add(Role::Dim, fill(tr("           and {} more"), row.more));
    add(Role::Dim, fill(tr("  example  {}"), row.example));
  }
  for (const app::TrafficChange::Rule& rule : change.not_compared)
    add(Role::Warning, fill(tr(text_of(rule.why)), rule.text));
  for (const OtherwiseSet& each : change.otherwise_set) add(Role::Warning, fill(tr(text_of(each.what)), each.name));
  if (!change.is_finished) add(Role::Warning, tr("~ it takes too long to find out whether there is more"));
  return lines;
}

}  // namespace vuurmuur::screens
