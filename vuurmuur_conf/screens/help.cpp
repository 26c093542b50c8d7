// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/help.h"

#include <algorithm>

#include "screens/globals.h"
#include "screens/picker.h"
#include "ui/translate.h"

namespace vuurmuur::screens {

using ui::tr;

std::string key_names(const app::Binding& binding) {
  std::string names;
  for (const ui::Key& key : app::keys_of(binding)) names += (names.empty() ? "" : ", ") + ui::name_of(key);
  return names;
}

std::unique_ptr<app::Screen> make_help(const app::Screen& of) {
  // The rows stand in tables that outlive every screen.
  std::vector<const app::Binding*> rows;
  for (const std::span<const app::Binding> table : of.bindings())
    for (const app::Binding& row : table) rows.push_back(&row);
  for (const app::Binding& row : globals()) rows.push_back(&row);
  std::size_t columns = 0;
  for (const app::Binding* row : rows) columns = std::max(columns, key_names(*row).size());
  std::vector<Choice> choices;
  for (const app::Binding* row : rows) {
    std::string label = key_names(*row);
    label.resize(columns + 2, ' ');
    choices.push_back({.value = row->id, .label = label + tr(row->help), .note = ""});
  }
  return make_picker(tr("Help"), std::move(choices), "", [rows](app::Context& context, const std::string& id) {
    for (const app::Binding* row : rows)
      if (id == row->id) return context.run(*row);
  });
}

}  // namespace vuurmuur::screens
