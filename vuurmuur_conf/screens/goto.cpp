// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/goto.h"

#include "base/strings.h"
#include "screens/catalogue.h"
#include "screens/picker.h"
#include "screens/rules_screen.h"
#include "ui/translate.h"

namespace vuurmuur::screens {

using ui::fill;
using ui::tr;

namespace {
constexpr std::string_view kScreen = "screen ", kRule = "rule ";
}  // namespace

std::unique_ptr<app::Screen> make_goto(const app::Model& model) {
  std::vector<Choice> choices;
  for (const CatalogueRow& row : catalogue())
    choices.push_back({.value = std::string(kScreen) + row.id, .label = tr(row.label), .note = tr(row.help)});
  std::size_t number = 0;
  for (const app::RuleLine& line : model.workspace.now().rules) {
    ++number;
    choices.push_back({.value = std::string(kRule) + std::to_string(number),
                       .label = line.text,
                       .note = fill(tr("rule {}"), number)});
  }
  return make_picker(tr("Go to"), std::move(choices), "", [](app::Context& context, const std::string& value) {
    const std::string_view name = value;
    if (name.starts_with(kRule)) {
      if (const auto rule = base::parse_number<std::uint32_t>(name.substr(kRule.size())))
        context.push(make_rules(*rule));
      return;
    }
    for (const CatalogueRow& row : catalogue())
      if (name == std::string(kScreen) + row.id) context.push(row.make());
  });
}

}  // namespace vuurmuur::screens
