// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/catalogue.h"

#include <array>

#include "screens/about.h"
#include "screens/apply_screen.h"
#include "screens/blocklist_screen.h"
#include "screens/connections_screen.h"
#include "screens/diagnostics_screen.h"
#include "screens/history_screen.h"
#include "screens/interfaces_screen.h"
#include "screens/log_screen.h"
#include "screens/object_form.h"
#include "screens/queues_screen.h"
#include "screens/rules_screen.h"
#include "screens/services_screen.h"
#include "screens/status_screen.h"
#include "screens/traffic_screen.h"
#include "screens/wizard.h"
#include "screens/zones_screen.h"
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
    CatalogueRow{.id = "blocklist",
                 .label = to_translate("Blocklist"),
                 .help = to_translate("who may not connect at all"),
                 .key = "b",
                 .make = [] { return make_blocklist(); }},
    CatalogueRow{.id = "zones",
                 .label = to_translate("Zones"),
                 .help = to_translate("zones, their networks, hosts and groups"),
                 .key = "z F7",
                 .make = [] { return make_zones(); }},
    CatalogueRow{.id = "interfaces",
                 .label = to_translate("Interfaces"),
                 .help = to_translate("network devices by their names"),
                 .key = "i",
                 .make = [] { return make_interfaces(); }},
    CatalogueRow{.id = "services",
                 .label = to_translate("Services"),
                 .help = to_translate("kinds of traffic by their names"),
                 .key = "v F8",
                 .make = [] { return make_services(); }},
    CatalogueRow{.id = "settings",
                 .label = to_translate("Settings"),
                 .help = to_translate("limits, protections, logging, the rule engine"),
                 .key = "t F6",
                 .make = [] { return make_settings(); }},
    CatalogueRow{.id = "traffic",
                 .label = to_translate("Traffic"),
                 .help = to_translate("rates and volumes of interfaces, zones and rules"),
                 .key = "a",
                 .make = [] { return make_traffic(); }},
    CatalogueRow{.id = "log",
                 .label = to_translate("Log"),
                 .help = to_translate("what rules log, as it happens"),
                 .key = "l",
                 .make = [] { return make_log(); }},
    CatalogueRow{.id = "connections",
                 .label = to_translate("Connections"),
                 .help = to_translate("who is connected to whom"),
                 .key = "c",
                 .make = [] { return make_connections(); }},
    CatalogueRow{.id = "queues",
                 .label = to_translate("Queues"),
                 .help = to_translate("who listens to NFQUEUE, and whether he keeps up"),
                 .key = "n",
                 .make = [] { return make_queues(); }},
    CatalogueRow{.id = "problems",
                 .label = to_translate("Problems"),
                 .help = to_translate("what is wrong with the configuration, and where"),
                 .key = "d",
                 .make = make_diagnostics},
    CatalogueRow{.id = "status",
                 .label = to_translate("Status"),
                 .help = to_translate("what is in force, and what goes through it"),
                 .key = "s",
                 .make = make_status},
    CatalogueRow{.id = "history",
                 .label = to_translate("History"),
                 .help = to_translate("what was put in force when and by whom; bring it back"),
                 .key = "h",
                 .make = make_history},
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
    CatalogueRow{.id = "about",
                 .label = to_translate("About"),
                 .help = to_translate("version, licence, and which daemon"),
                 .key = "V",
                 .make = make_about},
};

}  // namespace

std::span<const CatalogueRow> catalogue() { return kRows; }

}  // namespace vuurmuur::screens
