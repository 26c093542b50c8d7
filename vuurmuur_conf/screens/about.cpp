// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/about.h"

#include "screens/list_screen.h"
#include "screens/reader.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::Context;
using app::Model;
using app::RequestId;
using ui::fill;
using ui::Role;
using ui::tr;

class About final : public ListScreen {
 public:
  [[nodiscard]] std::string title() const override { return tr("About"); }
  [[nodiscard]] std::vector<std::span<const app::Binding>> bindings() const override { return {navigation()}; }
  void opened(Context& context) override {
    if (context.model().daemon.link == app::Link::There) asking_ = context.call("About");
  }

  void update(const app::Event& event, Context& context) override {
    if (const auto* reply = std::get_if<app::Reply>(&event);
        reply != nullptr && asking_ != RequestId::None && reply->request == asking_) {
      asking_ = RequestId::None;
      daemon_ = reply->reply.error.empty() ? reply->reply.parameters : ipc::Json::object();
    }
    if (const auto* link = std::get_if<app::LinkChanged>(&event)) {
      daemon_ = ipc::Json::object();
      if (link->link == app::Link::There) asking_ = context.call("About");
    }
    ListScreen::update(event, context);
  }

  void view(const Model& model, ui::Canvas canvas) const override {
    const std::vector<TextLine> shown = wrapped(lines(model), canvas.columns() - 4);
    columns_ = canvas.columns() - 4;
    list().view(canvas.rows_from(1), static_cast<int>(shown.size()), [&shown](ui::Canvas row, int item) {
      const TextLine& line = shown[static_cast<std::size_t>(item)];
      row.put(0, 2, line.text, line.role);
    });
  }

 private:
  [[nodiscard]] int count(const Model& model) const override {
    return static_cast<int>(wrapped(lines(model), columns_).size());
  }

  [[nodiscard]] std::vector<TextLine> lines(const Model& model) const {
    std::vector<TextLine> lines;
    const auto add = [&lines](std::string text, Role role = Role::Normal) {
      lines.push_back({.text = std::move(text), .role = role});
    };
    add(fill(tr("Vuurmuur {}"), model.version), Role::Heading);
    add(tr("A firewall for Linux in the words of its administrator: zones, networks, hosts and services."));
    add("");
    add(tr(
        "Licence: GNU General Public License, version 2 or later. There is no warranty, as far as the law permits."));
    add("");
    add(fill(tr("Configuration: {}"), model.workspace.root()));
    if (!model.why_read_only.empty()) add(fill(tr("Read-only: {}"), model.why_read_only), Role::Warning);
    if (!model.user.empty()) add(fill(tr("User: {} on {}"), model.user, model.host));
    if (!model.own_connection.empty()) add(fill(tr("This session: {}"), model.own_connection));
    if (const auto why = app::why_not_daemon(model)) {
      add(fill(tr("Daemon: {}"), *why), model.daemon.link == app::Link::Lost ? Role::Error : Role::Dim);
      return lines;
    }
    add(fill(tr("Daemon: version {}, configuration {}, state in {}"), app::text_in(daemon_, "version"),
             app::text_in(daemon_, "configuration"), app::text_in(daemon_, "state_directory")));
    add("");
    add(tr("? tells the keys of every screen."), Role::Dim);
    return lines;
  }

  ipc::Json daemon_ = ipc::Json::object();
  RequestId asking_{};
  mutable int columns_ = 76;
};

}  // namespace

std::unique_ptr<app::Screen> make_about() { return std::make_unique<About>(); }

}  // namespace vuurmuur::screens
