// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/globals.h"

#include <array>

#include "app/screen.h"
#include "screens/apply_screen.h"
#include "screens/confirm.h"
#include "screens/countdown_screen.h"
#include "screens/goto.h"
#include "screens/help.h"
#include "screens/saving.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::Binding;
using app::Context;
using app::Model;
using app::Needs;
using app::Screen;
using app::Why;
using ui::fill;
using ui::to_translate;
using ui::tr;

void back(Screen&, Context& context) { context.pop(); }
void help(Screen& screen, Context& context) { context.push(make_help(screen)); }
void go_to(Screen&, Context& context) { context.push(make_goto(context.model())); }
void redraw(Screen&, Context& context) { context.effect(app::Redraw{}); }
void suspend(Screen&, Context& context) { context.effect(app::Suspend{}); }

void undo(Screen&, Context& context) {
  const std::string what = context.model().workspace.last_step();
  context.model().workspace.undo();
  context.say(fill(tr("undone: {}"), what));
}
Why why_no_undo(const Screen&, const Model& model) {
  return model.workspace.last_step().empty() ? Why(tr("nothing was changed")) : std::nullopt;
}

void redo(Screen&, Context& context) {
  const std::string what = context.model().workspace.next_step();
  context.model().workspace.redo();
  context.say(fill(tr("done again: {}"), what));
}
Why why_no_redo(const Screen&, const Model& model) {
  return model.workspace.next_step().empty() ? Why(tr("nothing was undone")) : std::nullopt;
}

void apply(Screen&, Context& context) { context.push(make_apply()); }
void save(Screen&, Context& context) { context.push(make_saving({})); }
Why why_no_save(const Screen&, const Model& model) {
  return model.workspace.change_count() == 0 ? Why(tr("there is no draft to save")) : std::nullopt;
}
void countdown(Screen&, Context& context) { context.push(make_countdown(context.model())); }
Why why_no_countdown(const Screen& screen, const Model& model) {
  if (is_countdown(screen)) return tr("this is it");
  return model.daemon.status.is_waiting() ? std::nullopt : Why(tr("nothing waits to be confirmed"));
}

void quit(Screen&, Context& context) {
  const int changes = context.model().workspace.change_count();
  if (changes == 0) return context.effect(app::Quit{});
  context.push(make_confirm(fill(ui::tr_count("Quit and lose {} change that is not saved?",
                                              "Quit and lose {} changes that are not saved?", changes),
                                 changes),
                            {}, [](Context& then) { then.effect(app::Quit{}); }));
}

constexpr std::array kRows{
    Binding{.id = "help",
            .keys = "? F12",
            .label = to_translate("help"),
            .help = to_translate("all actions of this screen; Enter does one"),
            .act = help},
    Binding{.id = "back",
            .keys = "Esc q F10",
            .label = to_translate("back"),
            .help = to_translate("back to the screen before"),
            .act = back},
    Binding{.id = "goto",
            .keys = ": Ctrl-g",
            .label = to_translate("go to"),
            .help = to_translate("go to a screen, a rule or an object by its name"),
            .act = go_to},
    Binding{.id = "apply.open",
            .keys = "F11 A",
            .label = to_translate("apply"),
            .help = to_translate("what applying would change, and the way to it"),
            .act = apply},
    Binding{.id = "save",
            .keys = "Ctrl-s",
            .label = "",
            .help = to_translate("save the draft without applying it"),
            .needs = Needs::Writing,
            .act = save,
            .why_not = why_no_save},
    Binding{.id = "countdown",
            .keys = "!",
            .label = "",
            .help = to_translate("the generation that waits to be confirmed"),
            .act = countdown,
            .why_not = why_no_countdown},
    Binding{.id = "undo",
            .keys = "u",
            .label = "",
            .help = to_translate("undo the last change of the draft"),
            .needs = Needs::Writing,
            .act = undo,
            .why_not = why_no_undo},
    Binding{.id = "redo",
            .keys = "Ctrl-r",
            .label = "",
            .help = to_translate("make the change again that was undone"),
            .needs = Needs::Writing,
            .act = redo,
            .why_not = why_no_redo},
    Binding{.id = "redraw", .keys = "Ctrl-l", .label = "", .help = to_translate("draw the screen anew"), .act = redraw},
    Binding{.id = "suspend",
            .keys = "Ctrl-z",
            .label = "",
            .help = to_translate("back to the shell for a while"),
            .act = suspend},
    Binding{.id = "quit",
            .keys = "Q Ctrl-c",
            .label = "",
            .help = to_translate("quit; asks when there is a draft"),
            .act = quit},
};

}  // namespace

std::span<const app::Binding> globals() { return kRows; }

}  // namespace vuurmuur::screens
