// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/port_form.h"

#include <algorithm>
#include <array>

#include "screens/picker.h"
#include "screens/port_fields.h"
#include "screens/window.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::Binding;
using app::call;
using app::Context;
using app::Needs;
using ui::to_translate;
using ui::tr;

class PortForm final : public app::Screen {
 public:
  PortForm(std::string title, const std::optional<model::PortSet>& ports,
           std::function<void(Context&, const model::PortSet&)> on_ports)
      : title_(std::move(title)), fields_(ports), on_ports_(std::move(on_ports)) {
    form_.set_rows(fields_.rows());
    if (ports) form_.focus(net::has_ports(ports->protocol) ? "to" : "type");
  }

  [[nodiscard]] std::string title() const override { return title_; }
  [[nodiscard]] bool is_overlay() const override { return true; }
  [[nodiscard]] bool is_typing() const override { return true; }

  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override {
    static constexpr std::array kRows{
        Binding{.id = "port.keep",
                .keys = "F2 Ctrl-s",
                .label = to_translate("keep"),
                .help = to_translate("keep these ports, in the draft"),
                .needs = Needs::Writing,
                .act = call<&PortForm::keep>},
        Binding{.id = "port.pick",
                .keys = "Enter",
                .label = to_translate("choose"),
                .help = to_translate("choose a value, or go to the next field; keeps the ports behind the last"),
                .act = call<&PortForm::pick>},
        Binding{.id = "port.next",
                .keys = "Tab Down",
                .label = "",
                .help = to_translate("the next field"),
                .act = call<&PortForm::next>},
        Binding{.id = "port.previous",
                .keys = "Shift-Tab Up",
                .label = "",
                .help = to_translate("the field before"),
                .act = call<&PortForm::previous>},
    };
    return {kRows};
  }

  void update(const app::Event& event, Context& context) override {
    if (const auto* key = std::get_if<ui::Key>(&event)) {
      if (form_.take(*key)) note();
    } else if (const auto* paste = std::get_if<ui::Paste>(&event)) {
      form_.paste(paste->text);
      note();
    } else if (const auto* click = std::get_if<app::Click>(&event); click != nullptr && click->item >= 0) {
      form_.focus(form_.rows()[static_cast<std::size_t>(click->item)].id);
      if (click->is_double) pick(context);
    }
  }

  void next(Context&) { form_.move(1); }
  void previous(Context&) { form_.move(-1); }

  void pick(Context& context) {
    const std::string id = form_.focused().id;
    if (id == "protocol") {
      context.push(make_picker(tr("Protocol"), PortFields::protocol_choices(), fields_.value(id),
                               [this](Context&, const std::string& value) {
                                 set("protocol", value);
                                 form_.move(1);
                               }));
    } else if (id == "type" || id == "code") {
      context.push(
          make_picker(tr("ICMP message"), fields_.icmp_choices(), at(), [this](Context&, const std::string& value) {
            const std::size_t slash = value.find('/');
            set("type", value.substr(0, slash));
            set("code", slash == std::string::npos ? "" : value.substr(slash + 1));
          }));
    } else if (id == "to") {
      form_.move(1);
    } else {
      keep(context);
    }
  }

  void keep(Context& context) {
    const auto ports = fields_.ports();
    if (!ports) return context.fail(fields_.problems().front().text);
    context.pop();
    on_ports_(context, *ports);
  }

  void view(const app::Model&, ui::Canvas canvas) const override {
    ui::Form form = form_;
    const auto problems = fields_.problems();
    form.set_problems(problems);
    form.view(window(canvas, {.rows = 7, .columns = std::min(66, canvas.columns() - 8)}, title_));
  }

 private:
  void note() {
    fields_.set(form_.focused().id, form_.focused().value);
    form_.set_rows(fields_.rows());
  }
  void set(const std::string& row, const std::string& value) {
    fields_.set(row, value);
    form_.set_rows(fields_.rows());
    form_.set_value(row, value);
  }
  [[nodiscard]] std::string at() const {
    return fields_.value("type") + (fields_.value("code").empty() ? "" : "/" + fields_.value("code"));
  }

  std::string title_;
  PortFields fields_;
  std::function<void(Context&, const model::PortSet&)> on_ports_;
  ui::Form form_;
};

}  // namespace

std::unique_ptr<app::Screen> make_port_form(std::string title, std::optional<model::PortSet> ports,
                                            std::function<void(app::Context&, const model::PortSet&)> on_ports) {
  return std::make_unique<PortForm>(std::move(title), ports, std::move(on_ports));
}

}  // namespace vuurmuur::screens
