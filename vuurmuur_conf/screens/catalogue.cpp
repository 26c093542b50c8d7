// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/catalogue.h"

#include <array>

#include "screens/apply_screen.h"
#include "screens/rules_screen.h"
#include "screens/traffic_screen.h"
#include "screens/wizard.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using ui::to_translate;

constexpr std::array kRows{
    CatalogueRow{.id = "rules",
                 .label = to_translate("Rules"),
                 .help = to_translate("who may connect to whom"),
                 .key = "r F9",
                 .make = [] { return make_rules(); }},
    CatalogueRow{.id = "traffic",
                 .label = to_translate("Traffic"),
                 .help = to_translate("rates and volumes of interfaces, zones and rules"),
                 .key = "a",
                 .make = [] { return make_traffic(); }},
    CatalogueRow{.id = "apply",
                 .label = to_translate("Apply"),
                 .help = to_translate("put the configuration in force"),
                 .key = "A F11",
                 .make = make_apply},
    CatalogueRow{.id = "wizard",
                 .label = to_translate("First configuration"),
                 .help = to_translate("proposed from what this machine is connected to"),
                 .key = "W",
                 .make = [] { return make_wizard(); }},
};

}  // namespace

std::span<const CatalogueRow> catalogue() { return kRows; }

}  // namespace vuurmuur::screens
