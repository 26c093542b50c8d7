// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/users.h"

#include <algorithm>

#include "base/strings.h"
#include "edit/references.h"
#include "screens/blocklist_screen.h"
#include "screens/interfaces_screen.h"
#include "screens/picker.h"
#include "screens/rules_screen.h"
#include "screens/services_screen.h"
#include "screens/zones_screen.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using edit::Kind;
using edit::Object;
using ui::fill;
using ui::tr;

constexpr std::string_view kRule = "rule ";

std::string without(std::string_view text, std::string_view end) {
  return std::string(text.substr(0, text.size() - end.size()));
}

}  // namespace

std::optional<Object> object_of_path(std::string_view path) {
  if (path == "rules/rules.conf") return Object{Kind::Rules, "rules"};
  if (path == "rules/blocklist.conf") return Object{Kind::Blocklist, "blocklist"};
  const auto parts = base::split(path, '/');
  if (parts.size() == 2 && parts[0] == "services") return Object{Kind::Service, std::string(parts[1])};
  if (parts.size() == 2 && parts[0] == "interfaces" && parts[1].ends_with(".conf"))
    return Object{Kind::Interface, without(parts[1], ".conf")};
  if (parts.size() < 3 || parts[0] != "zones") return std::nullopt;
  const std::string zone(parts[1]);
  if (parts.size() == 3) return Object{Kind::Zone, zone};
  if (parts.size() < 5) return std::nullopt;
  const std::string network = std::string(parts[3]) + "." + zone;
  if (parts.size() == 5) return Object{Kind::Network, network};
  if (parts[5].ends_with(".host")) return Object{Kind::Host, without(parts[5], ".host") + "." + network};
  if (parts[5].ends_with(".group")) return Object{Kind::Group, without(parts[5], ".group") + "." + network};
  return std::nullopt;
}

std::unique_ptr<app::Screen> make_screen_of(const Object& object) {
  switch (object.kind) {
    case Kind::Zone:
    case Kind::Network:
    case Kind::Host:
    case Kind::Group: return make_zones(object);
    case Kind::Service: return make_services(object.name);
    case Kind::Interface: return make_interfaces(object.name);
    case Kind::Blocklist: return make_blocklist();
    case Kind::Rules: break;
  }
  return make_rules();
}

std::unique_ptr<app::Screen> make_users(const app::Model& model, const Object& object) {
  const config::Tree& tree = model.workspace.tree();
  std::vector<Choice> choices;
  for (const edit::Reference& reference : edit::references_to(tree, object)) {
    if (std::ranges::find(choices, reference.by, &Choice::label) != choices.end()) continue;
    const std::string& path = tree.sources.file(reference.span.file).path();
    // A rule is gone to by its number, which is what its text begins with.
    choices.push_back(
        {.value = reference.by.starts_with(kRule) ? reference.by : path, .label = reference.by, .note = ""});
  }
  if (choices.empty()) return nullptr;
  return make_picker(fill(tr("Who uses {}"), edit::text_of(object)), std::move(choices), "",
                     [](app::Context& context, const std::string& value) {
                       const std::string_view text = value;
                       if (text.starts_with(kRule)) {
                         const std::string_view number =
                             text.substr(kRule.size(), text.find(' ', kRule.size()) - kRule.size());
                         if (const auto rule = base::parse_number<std::uint32_t>(number))
                           context.push(make_rules(*rule));
                       } else if (const auto user = object_of_path(text)) {
                         context.push(make_screen_of(*user));
                       }
                     });
}

}  // namespace vuurmuur::screens
