// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/main_screen.h"

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "screens/catalogue.h"
#include "screens/conflict_screen.h"
#include "screens/list_screen.h"
#include "screens/numbers.h"
#include "screens/wizard.h"
#include "ui/text.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::Binding;
using app::call;
using app::Context;
using app::Model;
using ui::fill;
using ui::Role;
using ui::to_translate;
using ui::tr;

struct Remark {
  std::string text;
  Role role = Role::Normal;
};

/// How the firewall is, the worst first.
std::vector<Remark> remarks_on(const Model& model) {
  std::vector<Remark> remarks;
  const auto add = [&](Role role, std::string text) { remarks.push_back({.text = std::move(text), .role = role}); };
  const app::DaemonState& daemon = model.daemon;
  const diag::Sink& problems = model.workspace.now().problems;
  if (is_unconfigured(model)) add(Role::Warning, tr("! there is no configuration yet: W proposes one"));
  if (problems.has_errors())
    add(Role::Error, fill(ui::tr_count("! the configuration has {} error and cannot be applied",
                                       "! the configuration has {} errors and cannot be applied",
                                       static_cast<long>(problems.error_count())),
                          problems.error_count()));
  if (daemon.link == app::Link::Lost)
    add(Role::Error, "! " + (daemon.reason.empty() ? std::string(tr("the daemon does not answer")) : daemon.reason));
  if (const auto left = app::seconds_left(model))
    add(Role::Warning, fill(tr("! generation {} waits to be confirmed and goes back in {} s"),
                            daemon.status.generation ? daemon.status.generation->number : 0, *left));
  if (daemon.link == app::Link::There && !daemon.status.generation)
    add(Role::Error, tr("! no rules of ours are loaded: the firewall is open"));
  if (!daemon.status.drift.empty())
    add(Role::Warning, fill(tr("~ another program changed our rules: {}"), daemon.status.drift));
  if (!daemon.status.refused.empty())
    add(Role::Warning, fill(tr("~ the last configuration was refused: {}"), daemon.status.refused));
  if (!model.changed_underneath.empty())
    add(Role::Warning, fill(ui::tr_count("~ somebody else changed {} file: F5 reads it",
                                         "~ somebody else changed {} files: F5 reads them",
                                         static_cast<long>(model.changed_underneath.size())),
                            model.changed_underneath.size()));
  if (const std::size_t warnings = problems.warning_count(); warnings > 0)
    add(Role::Warning, fill(ui::tr_count("~ {} warning on the configuration", "~ {} warnings on the configuration",
                                         static_cast<long>(warnings)),
                            warnings));
  if (daemon.link == app::Link::There && daemon.status.generation)
    add(Role::Good, fill(tr("✓ generation {} is in force ({})"), daemon.status.generation->number,
                         daemon.status.generation->backend));
  return remarks;
}

class Main final : public ListScreen {
 public:
  [[nodiscard]] std::string title() const override { return tr("Main"); }
  [[nodiscard]] app::Streams streams() const override { return {.counters = true}; }

  void enter(Context& context) { context.push(catalogue()[static_cast<std::size_t>(selected())].make()); }
  /// A draft meets what somebody else wrote.
  void read(Context& context) { context.push(make_conflict()); }

  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override {
    static constexpr std::array kRows{
        Binding{.id = "main.enter",
                .keys = "Enter Right",
                .label = to_translate("open"),
                .help = to_translate("open the selected screen"),
                .act = call<&Main::enter>},
        Binding{.id = "main.read",
                .keys = "F5",
                .label = to_translate("read again"),
                .help = to_translate("read the files of the configuration again"),
                .act = call<&Main::read>},
    };
    return {kRows, ways(), navigation()};
  }

  void view(const Model& model, ui::Canvas canvas) const override {
    const auto remarks = remarks_on(model);
    int row = 1;
    for (const Remark& remark : remarks) {
      if (row + 4 >= canvas.rows()) break;
      canvas.put(row++, 2, remark.text, remark.role);
    }
    ui::Canvas foot = canvas.rows_from(canvas.rows() - 1);
    draw_counts(foot, model);
    int labels = 0;
    for (const CatalogueRow& way : catalogue()) labels = std::max(labels, ui::columns_of(tr(way.label)));
    const ui::Canvas menu =
        canvas.part({.row = row + 1, .column = 2, .rows = canvas.rows() - row - 3, .columns = canvas.columns() - 4});
    list().view(menu, static_cast<int>(catalogue().size()), [labels](ui::Canvas line, int item) {
      const CatalogueRow& way = catalogue()[static_cast<std::size_t>(item)];
      const ui::Key key = app::keys_of({.id = "", .keys = way.key, .label = "", .help = ""}).front();
      line.put(0, 1, ui::name_of(key), Role::Shortcut);
      line.put(0, 5, tr(way.label), Role::Heading);
      line.put(0, labels + 7, tr(way.help), Role::Dim);
    });
  }

 private:
  [[nodiscard]] int count(const Model&) const override { return static_cast<int>(catalogue().size()); }
  void open(Context& context) override { enter(context); }

  /// A binding for each screen, made once of the catalogue.
  [[nodiscard]] static std::span<const Binding> ways();

  static void draw_counts(ui::Canvas canvas, const Model& model) {
    const model::Policy& policy = model.workspace.policy();
    canvas.put(0, 2,
               fill(tr("{} rules · {} zones · {} networks · {} hosts · {} services · {} interfaces"),
                    model.workspace.now().rules.size(), policy.zones.size(), policy.networks.size(),
                    policy.hosts.size(), policy.services.size(), policy.interfaces.size()),
               Role::Dim);
  }
};

/// Goes to a row of the catalogue, which a function without a state must know: so there is one a row.
template <std::size_t Row>
void go(app::Screen&, Context& context) {
  context.push(catalogue()[Row].make());
}

template <std::size_t... Rows>
std::vector<Binding> make_ways(std::index_sequence<Rows...>) {
  std::vector<Binding> ways;
  constexpr std::array kGo{&go<Rows>...};
  VM_ASSERT(catalogue().size() <= kGo.size());
  for (std::size_t row = 0; row < catalogue().size(); ++row)
    ways.push_back({.id = catalogue()[row].id,
                    .keys = catalogue()[row].key,
                    .label = "",
                    .help = catalogue()[row].help,
                    .act = kGo[row]});
  return ways;
}

std::span<const Binding> Main::ways() {
  static const std::vector<Binding> kWays = make_ways(std::make_index_sequence<32>());
  return kWays;
}

}  // namespace

std::unique_ptr<app::Screen> make_main() { return std::make_unique<Main>(); }

}  // namespace vuurmuur::screens
