// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/interfaces_screen.h"

#include <algorithm>
#include <array>

#include "screens/object_screen.h"
#include "screens/table.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::ask;
using app::Binding;
using app::call;
using app::Context;
using app::Model;
using ui::Role;
using ui::to_translate;
using ui::tr;

enum At { kMarks, kName, kDevice, kAddresses, kNetworks, kComment };

/// The networks that are reached by an interface: "local.lan, guests.lan".
std::string networks_by(const model::Policy& policy, const std::string& interface) {
  std::string names;
  for (const model::Network& network : policy.networks)
    if (std::ranges::any_of(network.interfaces, [&](const auto& name) { return *name == interface; }))
      names += (names.empty() ? "" : ", ") + network.full_name();
  return names;
}

class Interfaces final : public ObjectScreen {
 public:
  explicit Interfaces(std::string name) : at_(std::move(name)) {}

  [[nodiscard]] std::string title() const override {
    return filter().empty() ? std::string(tr("Interfaces")) : std::string(tr("Interfaces")) + " /" + filter();
  }
  void opened(Context& context) override { go_to({edit::Kind::Interface, at_}, context); }

  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override {
    static constexpr std::array kOpen{
        Binding{.id = "interfaces.open",
                .keys = "Enter Right",
                .label = "",
                .help = to_translate("edit the interface in a form"),
                .act = call<&Interfaces::edit>,
                .why_not = ask<&Interfaces::why_no_object>},
    };
    return {kOpen, object_actions(), navigation()};
  }

  void view(const Model& model, ui::Canvas canvas) const override {
    find(model);
    constexpr std::array kTable{
        ui::Column{.head = "", .least = 4, .most = 4},
        ui::Column{.head = to_translate("Name"), .least = 10, .most = 20},
        ui::Column{.head = to_translate("Device"), .least = 8, .most = 16},
        ui::Column{.head = to_translate("Addresses"), .least = 16, .most = 50},
        ui::Column{.head = to_translate("Networks"), .least = 14, .most = 50, .rank = 1},
        ui::Column{.head = to_translate("Comment"), .least = 10, .most = 60, .rank = 2},
    };
    const int details = canvas.rows() >= 18 ? 4 : 0;
    const Table table(kTable, canvas);
    table.draw_heads(canvas);
    const ui::Canvas body = canvas.rows_from(1, canvas.rows() - 1 - details);
    if (found().empty())
      ui::Canvas(body).put_centred(body.rows() / 2,
                                   filter().empty() ? tr("There are no interfaces yet: i makes one.")
                                                    : tr("No interface is shown: \\ ends the filter."),
                                   Role::Dim);
    const model::Policy& policy = model.workspace.policy();
    list().view(body, static_cast<int>(found().size()), [&](ui::Canvas row, int item) {
      const ObjectLine& line = found()[static_cast<std::size_t>(item)];
      const auto put = [&](At at, std::string_view text, Role role) {
        table.put(row, at, text, line.is_active ? role : Role::Dim);
      };
      draw_marks(row, line);
      put(kName, line.object.name, Role::Normal);
      put(kDevice, line.value, Role::Normal);
      const auto interface =
          std::ranges::find_if(policy.interfaces, [&](const auto& one) { return *one.name == line.object.name; });
      if (interface != policy.interfaces.end()) put(kAddresses, addresses_of(*interface), Role::Normal);
      const std::string networks = networks_by(policy, line.object.name);
      put(kNetworks, networks.empty() ? std::string_view(tr("none")) : networks,
          networks.empty() ? Role::Dim : Role::Normal);
      put(kComment, line.comment, Role::Dim);
    });
    if (details != 0) draw_details(canvas.rows_from(canvas.rows() - details), model);
  }

 private:
  [[nodiscard]] std::vector<ObjectLine> lines(const Model& model) const override {
    return interface_lines(model.workspace.policy());
  }
  [[nodiscard]] std::vector<edit::Object> can_make() const override { return {{edit::Kind::Interface, ""}}; }
  void open(Context& context) override { edit(context); }

  std::string at_;
};

}  // namespace

std::unique_ptr<app::Screen> make_interfaces(std::string name) { return std::make_unique<Interfaces>(std::move(name)); }

}  // namespace vuurmuur::screens
