// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/list_screen.h"

#include <array>

#include "ui/translate.h"

namespace vuurmuur::screens {

using app::call;
using ui::to_translate;

std::span<const app::Binding> ListScreen::navigation() {
  static constexpr std::array kRows{
      app::Binding{.id = "list.up",
                   .keys = "Up k",
                   .label = "",
                   .help = to_translate("the item before"),
                   .act = call<&ListScreen::up>},
      app::Binding{.id = "list.down",
                   .keys = "Down j",
                   .label = "",
                   .help = to_translate("the next item"),
                   .act = call<&ListScreen::down>},
      app::Binding{.id = "list.page-up",
                   .keys = "PgUp",
                   .label = "",
                   .help = to_translate("a page back"),
                   .act = call<&ListScreen::page_up>},
      app::Binding{.id = "list.page-down",
                   .keys = "PgDn",
                   .label = "",
                   .help = to_translate("a page on"),
                   .act = call<&ListScreen::page_down>},
      app::Binding{.id = "list.first",
                   .keys = "Home g",
                   .label = "",
                   .help = to_translate("the first item"),
                   .act = call<&ListScreen::first>},
      app::Binding{.id = "list.last",
                   .keys = "End G",
                   .label = "",
                   .help = to_translate("the last item"),
                   .act = call<&ListScreen::last>},
  };
  return kRows;
}

void ListScreen::update(const app::Event& event, app::Context& context) {
  if (const auto* click = std::get_if<app::Click>(&event)) {
    if (click->item >= 0) select(click->item, context);
    if (click->is_double) open(context);
  } else if (const auto* wheel = std::get_if<app::Wheel>(&event)) {
    move(wheel->by, context);
  } else {
    // What is there may have changed.
    move(0, context);
  }
}

}  // namespace vuurmuur::screens
