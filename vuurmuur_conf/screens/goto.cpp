// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/goto.h"

#include "base/strings.h"
#include "screens/catalogue.h"
#include "screens/object_lines.h"
#include "screens/picker.h"
#include "screens/rules_screen.h"
#include "screens/users.h"
#include "ui/translate.h"

namespace vuurmuur::screens {

using ui::fill;
using ui::tr;

namespace {
constexpr std::string_view kScreen = "screen ", kRule = "rule ", kObject = "object ";

/// Objects by the paths of their files, which say what they are.
void add_objects(const model::Policy& policy, std::vector<Choice>& choices) {
  const auto add = [&choices](edit::Kind kind, const std::string& name, const std::string& value) {
    const edit::Object object{kind, name};
    if (edit::fault_of_name(object)) return;
    choices.push_back({.value = std::string(kObject) + edit::path_of(object),
                       .label = name,
                       .note = std::string(edit::word_of(kind)) + (value.empty() ? "" : " ") + value});
  };
  for (const model::Zone& zone : policy.zones) add(edit::Kind::Zone, *zone.name, zone.comment);
  for (const model::Network& network : policy.networks)
    add(edit::Kind::Network, network.full_name(), addresses_of(network));
  for (const model::Host& host : policy.hosts) add(edit::Kind::Host, host.full_name(), addresses_of(host));
  for (const model::Group& group : policy.groups) add(edit::Kind::Group, group.full_name(), group.comment);
  for (const model::Service& service : policy.services) add(edit::Kind::Service, *service.name, ports_of(service));
  for (const model::Interface& interface : policy.interfaces)
    add(edit::Kind::Interface, *interface.name, *interface.device);
}
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
  add_objects(model.workspace.policy(), choices);
  return make_picker(tr("Go to"), std::move(choices), "", [](app::Context& context, const std::string& value) {
    const std::string_view name = value;
    if (name.starts_with(kRule)) {
      if (const auto rule = base::parse_number<std::uint32_t>(name.substr(kRule.size())))
        context.push(make_rules(*rule));
      return;
    }
    if (name.starts_with(kObject)) {
      if (const auto object = object_of_path(name.substr(kObject.size()))) context.push(make_screen_of(*object));
      return;
    }
    for (const CatalogueRow& row : catalogue())
      if (name == std::string(kScreen) + row.id) context.push(row.make());
  });
}

}  // namespace vuurmuur::screens
