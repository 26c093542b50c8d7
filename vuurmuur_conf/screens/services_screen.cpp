// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/services_screen.h"

#include <algorithm>
#include <array>

#include "screens/object_screen.h"
#include "screens/ports_screen.h"
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

enum At { kMarks, kName, kPorts, kHelper, kComment };

class Services final : public ObjectScreen {
 public:
  explicit Services(std::string name) : at_(std::move(name)) {}

  [[nodiscard]] std::string title() const override {
    return filter().empty() ? std::string(tr("Services")) : std::string(tr("Services")) + " /" + filter();
  }
  void opened(Context& context) override { go_to({edit::Kind::Service, at_}, context); }

  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override {
    static constexpr std::array kOpen{
        Binding{.id = "services.open",
                .keys = "Enter",
                .label = "",
                .help = to_translate("edit the service in a form"),
                .act = call<&Services::edit>,
                .why_not = ask<&Services::why_no_object>},
        Binding{.id = "services.ports",
                .keys = "p Right F6",
                .label = to_translate("ports"),
                .help = to_translate("the ports of the service"),
                .act = call<&Services::ports>,
                .why_not = ask<&Services::why_no_object>},
    };
    return {kOpen, object_actions(), navigation()};
  }

  void ports(Context& context) { context.push(make_ports(current(context.model())->object.name)); }

  void view(const Model& model, ui::Canvas canvas) const override {
    find(model);
    constexpr std::array kTable{
        ui::Column{.head = "", .least = 4, .most = 4},
        ui::Column{.head = to_translate("Name"), .least = 12, .most = 24},
        ui::Column{.head = to_translate("Ports"), .least = 24, .most = 90},
        ui::Column{.head = to_translate("Helper"), .least = 6, .most = 10, .rank = 2},
        ui::Column{.head = to_translate("Comment"), .least = 10, .most = 60, .rank = 1},
    };
    const int details = canvas.rows() >= 18 ? 4 : 0;
    const Table table(kTable, canvas);
    table.draw_heads(canvas);
    const ui::Canvas body = canvas.rows_from(1, canvas.rows() - 1 - details);
    if (found().empty())
      ui::Canvas(body).put_centred(body.rows() / 2,
                                   filter().empty() ? tr("There are no services yet: i makes one.")
                                                    : tr("No service is shown: \\ ends the filter."),
                                   Role::Dim);
    const auto& services = model.workspace.policy().services;
    list().view(body, static_cast<int>(found().size()), [&](ui::Canvas row, int item) {
      const ObjectLine& line = found()[static_cast<std::size_t>(item)];
      const auto put = [&](At at, std::string_view text, Role role) {
        table.put(row, at, text, line.is_active ? role : Role::Dim);
      };
      draw_marks(row, line);
      put(kName, line.object.name, Role::Normal);
      put(kPorts, line.value, Role::Normal);
      const auto service =
          std::ranges::find_if(services, [&](const auto& one) { return *one.name == line.object.name; });
      if (service != services.end()) put(kHelper, *service->helper, Role::Dim);
      put(kComment, line.comment, Role::Dim);
    });
    if (details != 0) draw_details(canvas.rows_from(canvas.rows() - details), model);
  }

 private:
  [[nodiscard]] std::vector<ObjectLine> lines(const Model& model) const override {
    return service_lines(model.workspace.policy());
  }
  [[nodiscard]] std::vector<edit::Object> can_make() const override { return {{edit::Kind::Service, ""}}; }
  void open(Context& context) override { edit(context); }

  std::string at_;
};

}  // namespace

std::unique_ptr<app::Screen> make_services(std::string name) { return std::make_unique<Services>(std::move(name)); }

}  // namespace vuurmuur::screens
