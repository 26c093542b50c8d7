// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/ports_screen.h"

#include <algorithm>
#include <array>

#include "config/ranges.h"
#include "edit/objects.h"
#include "screens/confirm.h"
#include "screens/list_screen.h"
#include "screens/names.h"
#include "screens/object_lines.h"
#include "screens/port_fields.h"
#include "screens/port_form.h"
#include "screens/table.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::ask;
using app::Binding;
using app::call;
using app::Context;
using app::Model;
using app::Needs;
using app::Why;
using model::PortSet;
using ui::fill;
using ui::Role;
using ui::to_translate;
using ui::tr;

class Ports final : public ListScreen {
 public:
  explicit Ports(std::string service) : service_(std::move(service)) {}

  [[nodiscard]] std::string title() const override { return fill(tr("Ports of {}"), service_); }

  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override {
    static constexpr std::array kRows{
        Binding{.id = "ports.edit",
                .keys = "Enter e",
                .label = to_translate("edit"),
                .help = to_translate("edit the ports of this row"),
                .needs = Needs::Writing,
                .act = call<&Ports::edit>,
                .why_not = ask<&Ports::why_no_row>},
        Binding{.id = "ports.add",
                .keys = "i Ins",
                .label = to_translate("new"),
                .help = to_translate("add ports, or a protocol"),
                .needs = Needs::Writing,
                .act = call<&Ports::add>,
                .why_not = ask<&Ports::why_no_service>},
        Binding{.id = "ports.delete",
                .keys = "d Del",
                .label = to_translate("delete"),
                .help = to_translate("take the ports of this row away"),
                .needs = Needs::Writing,
                .act = call<&Ports::remove>,
                .why_not = ask<&Ports::why_no_row>},
    };
    return {kRows, navigation()};
  }

  void edit(Context& context) {
    const std::size_t at = index(context.model());
    context.push(make_port_form(fill(tr("Ports of {}"), service_), sets(context.model())[at],
                                [this, at](Context& then, const PortSet& ports) {
                                  auto all = sets(then.model());
                                  if (at >= all.size()) return;
                                  all[at] = ports;
                                  write(fill(tr("ports of {}: {}"), service_, text_of(ports)), all, then);
                                }));
  }
  void add(Context& context) {
    context.push(make_port_form(fill(tr("New ports of {}"), service_), std::nullopt,
                                [this](Context& then, const PortSet& ports) {
                                  auto all = sets(then.model());
                                  all.push_back(ports);
                                  write(fill(tr("ports of {}: {}"), service_, text_of(ports)), all, then);
                                  select(static_cast<int>(all.size()) - 1, then);
                                }));
  }
  void remove(Context& context) {
    auto all = sets(context.model());
    const auto gone = all.begin() + static_cast<std::ptrdiff_t>(index(context.model()));
    const std::string what = fill(tr("{} is no part of {} any more; u undoes it"), text_of(*gone), service_);
    all.erase(gone);
    write(what, all, context);
  }

  [[nodiscard]] Why why_no_service(const Model& model) const {
    return find(model) == nullptr ? Why(fill(tr("there is no service '{}' any more"), service_)) : std::nullopt;
  }
  [[nodiscard]] Why why_no_row(const Model& model) const {
    return sets(model).empty() ? Why(tr("there are no ports here")) : std::nullopt;
  }

  void view(const Model& model, ui::Canvas canvas) const override {
    constexpr std::array kTable{
        ui::Column{.head = "", .least = 1, .most = 1},
        ui::Column{.head = to_translate("Protocol"), .least = 10, .most = 12},
        ui::Column{.head = to_translate("To"), .least = 12, .most = 16},
        ui::Column{.head = to_translate("From"), .least = 12, .most = 16},
        ui::Column{.head = to_translate("What it is"), .least = 10, .most = 60, .rank = 1},
    };
    const Table table(kTable, canvas);
    table.draw_heads(canvas);
    const auto all = sets(model);
    const ui::Canvas body = canvas.rows_from(1);
    if (all.empty())
      ui::Canvas(body).put_centred(body.rows() / 2, tr("No ports yet: i adds some. Without any, rules match nothing."),
                                   Role::Dim);
    list().view(body, static_cast<int>(all.size()), [&](ui::Canvas row, int item) {
      const PortSet& ports = all[static_cast<std::size_t>(item)];
      const PortFields fields(ports);
      table.put(row, 1, fields.value("protocol"), Role::Heading);
      if (net::has_ports(ports.protocol)) {
        const auto shown = [](const std::string& text) { return text.empty() ? std::string(tr("any")) : text; };
        table.put(row, 2, shown(fields.value("to")));
        table.put(row, 3, shown(fields.value("from")), Role::Dim);
      } else if (fields.rows().size() > 1) {
        const std::string& code = fields.value("code");
        table.put(row, 2,
                  ports.icmp_type ? fields.value("type") + (code.empty() ? "" : "/" + code) : std::string(tr("any")));
        table.put(row, 4, icmp_name(ports), Role::Dim);
      }
    });
  }

 private:
  [[nodiscard]] int count(const Model& model) const override { return static_cast<int>(sets(model).size()); }
  void open(Context& context) override {
    if (!why_no_row(context.model()) && !app::why_not_write(context.model())) edit(context);
  }

  [[nodiscard]] const model::Service* find(const Model& model) const {
    for (const model::Service& service : model.workspace.policy().services)
      if (*service.name == service_) return &service;
    return nullptr;
  }
  [[nodiscard]] std::vector<PortSet> sets(const Model& model) const {
    std::vector<PortSet> all;
    if (const model::Service* service = find(model))
      for (const auto& ports : service->port_sets) all.push_back(*ports);
    return all;
  }
  [[nodiscard]] std::size_t index(const Model& model) const {
    return static_cast<std::size_t>(std::min(selected(), std::max(0, count(model) - 1)));
  }

  /// What the file says and nobody can read.
  [[nodiscard]] std::vector<std::string> unreadable(const Model& model) const {
    const edit::Object object{edit::Kind::Service, service_};
    ProblemsByFile problems;
    problems.look_at(model.workspace.shared());
    std::vector<std::string> errors;
    for (const diag::Diagnostic* problem : problems.of(object))
      if (problem->severity == diag::Severity::Error) errors.push_back(text_of(*problem));
    return errors;
  }

  void write(const std::string& what, const std::vector<PortSet>& all, Context& context) {
    std::vector<std::string> errors = unreadable(context.model());
    if (errors.empty()) return write_ranges(what, all, context);
    context.push(
        make_confirm(fill(tr("The file of '{}' has errors. What cannot be read as ports goes with this change. "
                             "Make it?"),
                          service_),
                     std::move(errors), [this, what, all](Context& then) { write_ranges(what, all, then); }));
  }

  void write_ranges(const std::string& what, const std::vector<PortSet>& all, Context& context) {
    std::vector<std::string> ranges;
    for (const PortSet& ports : all) ranges.push_back(config::range_to_text(ports));
    context.edit(what, [&](edit::Draft& draft, const base::FileSystem&) {
      return edit::modify_object(draft, {edit::Kind::Service, service_}, "RANGE", ranges, edit::How::Overwrite);
    });
  }

  std::string service_;
};

}  // namespace

std::unique_ptr<app::Screen> make_ports(std::string service) { return std::make_unique<Ports>(std::move(service)); }

}  // namespace vuurmuur::screens
