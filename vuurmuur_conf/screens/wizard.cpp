// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/wizard.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "config/document.h"
#include "config/schema.h"
#include "edit/lines.h"
#include "edit/object.h"
#include "screens/proposal.h"
#include "screens/rules_screen.h"
#include "ui/form.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::Binding;
using app::call;
using app::Context;
using app::Model;
using app::Needs;
using app::Why;
using ui::fill;
using ui::FormRow;
using ui::Role;
using ui::to_translate;
using ui::tr;

constexpr const char* kMayOut = "may-out";
constexpr const char* kMasquerade = "masquerade";

/// The words of sides in the form, in the order of Side.
std::vector<std::string> side_words() { return {tr("not used"), tr("internet"), tr("LAN"), tr("DMZ")}; }
std::vector<std::string> opening_words() { return {tr("nobody"), tr("everybody"), tr("the LAN")}; }

config::FileType type_of(std::string_view path) {
  using enum config::FileType;
  const auto ends = [path](std::string_view end) { return path.ends_with(end); };
  if (path == "config.conf") return Settings;
  if (path == "rules/rules.conf") return Rules;
  if (path == "rules/blocklist.conf") return Blocklist;
  if (path.starts_with("interfaces/")) return Interface;
  if (path.starts_with("services/")) return Service;
  if (ends("zone.config")) return Zone;
  return Network;
}

class Wizard final : public app::Screen {
 public:
  [[nodiscard]] std::string title() const override { return tr("First configuration"); }
  [[nodiscard]] bool is_typing() const override { return false; }

  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override {
    static constexpr std::array kRows{
        Binding{.id = "wizard.take",
                .keys = "F2 Enter",
                .label = to_translate("take it"),
                .help = to_translate("take the proposal as a draft, to be looked at, changed and applied"),
                .needs = Needs::Writing,
                .act = call<&Wizard::take>,
                .why_not = app::ask<&Wizard::why_not_take>},
        Binding{.id = "wizard.next",
                .keys = "Tab Down j",
                .label = "",
                .help = to_translate("the next question"),
                .act = call<&Wizard::next>},
        Binding{.id = "wizard.previous",
                .keys = "Shift-Tab Up k",
                .label = "",
                .help = to_translate("the question before"),
                .act = call<&Wizard::previous>},
    };
    return {kRows};
  }

  void next(Context& context) {
    begin(context.model());
    form_.move(1);
  }
  void previous(Context& context) {
    begin(context.model());
    form_.move(-1);
  }
  void take(Context& context) {
    begin(context.model());
    const auto files = propose(context.model().machine, wishes());
    const bool is_made =
        context.edit(tr("a first configuration"), [&](edit::Draft& draft, const base::FileSystem&) -> edit::Wish<void> {
          for (const auto& [path, text] : files)
            if (draft.find(path) == nullptr || path == "rules/rules.conf") draft.put(path, type_of(path), text);
          return {};
        });
    if (!is_made) return;
    context.pop();
    context.push(make_rules());
    context.say(tr("This is a draft: look at it, then F11 applies it, and it goes back unless you confirm it."));
  }
  [[nodiscard]] Why why_not_take(const Model& model) const {
    if (!is_unconfigured(model)) return tr("there is a configuration already: this is for an empty one");
    if (model.machine.devices.empty()) return tr("this machine has no network devices");
    return std::nullopt;
  }

  void update(const app::Event& event, Context& context) override {
    begin(context.model());
    if (const auto* key = std::get_if<ui::Key>(&event)) {
      form_.take(*key);
    } else if (const auto* click = std::get_if<app::Click>(&event); click != nullptr && click->item >= 0) {
      form_.focus(form_.rows()[static_cast<std::size_t>(click->item)].id);
    } else if (const auto* wheel = std::get_if<app::Wheel>(&event)) {
      form_.move(wheel->by > 0 ? 1 : -1);
    }
  }

  void view(const Model& model, ui::Canvas canvas) const override {
    begin(model);
    const auto files = propose(model.machine, wishes());
    const int columns = canvas.columns() >= 100 ? canvas.columns() / 2 : canvas.columns();
    const int rows = canvas.columns() >= 100 ? canvas.rows() : canvas.rows() / 2;
    form_.view(canvas.part({.row = 0, .column = 1, .rows = rows, .columns = columns - 2}));
    ui::Canvas preview =
        canvas.columns() >= 100
            ? canvas.part({.column = columns, .rows = canvas.rows(), .columns = canvas.columns() - columns})
            : canvas.rows_from(rows);
    preview.box(tr("What it says"));
    ui::Canvas text = preview.inside();
    int row = 0;
    const auto document = config::Document(files.at("rules/rules.conf"));
    for (const std::string& line : edit::lines_of(document)) {
      if (row >= text.rows()) break;
      text.put(row++, 1, line, line.starts_with("separator") ? Role::Heading : Role::Normal);
    }
  }

 private:
  /// The questions, made of the machine when it is first seen.
  void begin(const Model& model) const;
  [[nodiscard]] Wishes wishes() const;

  mutable bool has_begun_ = false;
  mutable Wishes guessed_;
  mutable std::vector<app::Listener> listeners_;
  mutable ui::Form form_;
};

void Wizard::begin(const Model& model) const {
  if (std::exchange(has_begun_, true)) return;
  guessed_ = guess(model.machine, model.own_connection);
  const auto sides = side_words();
  std::vector<FormRow> rows;
  for (std::size_t i = 0; i < model.machine.devices.size(); ++i) {
    const app::Device& device = model.machine.devices[i];
    std::string addresses;
    for (const net::Address& address : device.addresses)
      addresses += (addresses.empty() ? "" : ", ") + address.to_string();
    rows.push_back({.id = "device " + device.name,
                    .label = device.name,
                    .kind = FormRow::Kind::Choice,
                    .value = sides[static_cast<std::size_t>(guessed_.sides[i])],
                    .choices = sides,
                    .help = fill(tr("what {} is connected to: it has {}"), device.name,
                                 addresses.empty() ? std::string(tr("no address")) : addresses)});
  }
  rows.push_back({.id = kMayOut,
                  .label = tr("LAN may go out"),
                  .kind = FormRow::Kind::Toggle,
                  .value = guessed_.lan_may_out ? "yes" : "",
                  .help = tr("the LAN may connect to the internet")});
  rows.push_back({.id = kMasquerade,
                  .label = tr("Masquerade"),
                  .kind = FormRow::Kind::Toggle,
                  .value = guessed_.masquerades ? "yes" : "",
                  .help = tr("the others go out under the firewall's own address")});
  for (const auto& [listener, side] : guessed_.open) {
    listeners_.push_back(listener);
    rows.push_back({.id = "open " + std::to_string(listeners_.size()),
                    .label = service_of(model.machine, listener),
                    .kind = FormRow::Kind::Choice,
                    .value = opening_words()[0],
                    .choices = opening_words(),
                    .help = fill(tr("something listens here on {} port {}: who may connect to it"),
                                 listener.is_udp ? "UDP" : "TCP", listener.port)});
  }
  form_.set_rows(std::move(rows));
}

Wishes Wizard::wishes() const {
  Wishes wishes = guessed_;
  const auto sides = side_words();
  std::size_t device = 0;
  for (const FormRow& row : form_.rows())
    if (row.id.starts_with("device "))
      wishes.sides[device++] = static_cast<Side>(std::ranges::find(sides, row.value) - sides.begin());
  wishes.lan_may_out = !form_.value(kMayOut).empty();
  wishes.masquerades = !form_.value(kMasquerade).empty();
  const auto openings = opening_words();
  for (std::size_t i = 0; i < listeners_.size(); ++i)
    wishes.open[listeners_[i]] =
        static_cast<Side>(std::ranges::find(openings, form_.value("open " + std::to_string(i + 1))) - openings.begin());
  return wishes;
}

}  // namespace

std::unique_ptr<app::Screen> make_wizard() { return std::make_unique<Wizard>(); }

bool is_unconfigured(const Model& model) {
  return model.workspace.now().rules.empty() && model.workspace.policy().zones.empty();
}

}  // namespace vuurmuur::screens
