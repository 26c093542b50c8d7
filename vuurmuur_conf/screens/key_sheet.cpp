// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/key_sheet.h"

#include <fmt/format.h>

#include "screens/catalogue.h"
#include "screens/confirm.h"
#include "screens/conflict_screen.h"
#include "screens/countdown_screen.h"
#include "screens/generation_screen.h"
#include "screens/globals.h"
#include "screens/help.h"
#include "screens/list_screen.h"
#include "screens/main_screen.h"
#include "screens/picker.h"
#include "screens/prompt.h"
#include "screens/rule_form.h"
#include "screens/saving.h"

namespace vuurmuur::screens {
namespace {

/// What Markdown would take for something else.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '|' || c == '\\' || c == '`' || c == '*' || c == '_') result += '\\';
    result += c;
  }
  return result;
}

void add_table(std::string& sheet, const std::string& name, std::span<const app::Binding> rows) {
  if (!name.empty()) sheet += fmt::format("\n## {}\n\n| keys | what they do |\n|---|---|\n", name);
  for (const app::Binding& row : rows)
    // In English whatever the user's language is: the sheet is a file of the project.
    sheet += fmt::format("| {} | {} |\n", escaped(key_names(row)), row.help);
}

}  // namespace

std::vector<ScreenKind> every_screen() {
  std::vector<ScreenKind> kinds;
  kinds.push_back({"Main", make_main()});
  for (const CatalogueRow& row : catalogue()) kinds.push_back({row.label, row.make()});
  kinds.push_back({"A rule", make_rule_form(1, "", true)});
  kinds.push_back({"Saving", make_saving({})});
  kinds.push_back({"Countdown", make_countdown({}, 0)});
  kinds.push_back({"Merge", make_conflict()});
  kinds.push_back({"A generation", make_generation(ipc::Json::object())});
  kinds.push_back({"Questions", make_confirm("", {}, [](app::Context&) {})});
  kinds.push_back({"Input", make_prompt({})});
  kinds.push_back({"One of many", make_picker("", {}, "", [](app::Context&, const std::string&) {})});
  return kinds;
}

std::string key_sheet() {
  std::string sheet =
      "# Keys of vuurmuur_conf\n\nMade by `vuurmuur_conf --keys`. In every screen `?` shows those that mean something "
      "there.\n";
  add_table(sheet, "Every screen", globals());
  add_table(sheet, "Lists", ListScreen::navigation());
  for (const ScreenKind& kind : every_screen()) {
    bool is_first = true;
    for (const std::span<const app::Binding> table : kind.screen->bindings()) {
      if (table.data() == ListScreen::navigation().data() || table.empty()) continue;
      add_table(sheet, is_first ? kind.name : "", table);
      is_first = false;
    }
  }
  return sheet;
}

}  // namespace vuurmuur::screens
