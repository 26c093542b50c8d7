// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/blocklist_screen.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/strings.h"
#include "edit/blocklist.h"
#include "edit/lines.h"
#include "edit/object.h"
#include "screens/block_for_time.h"
#include "screens/block_lines.h"
#include "screens/list_screen.h"
#include "screens/numbers.h"
#include "screens/object_lines.h"
#include "screens/picker.h"
#include "screens/prompt.h"
#include "screens/table.h"
#include "screens/word_filter.h"
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
using ui::fill;
using ui::Role;
using ui::to_translate;
using ui::tr;

constexpr std::int64_t kSecondsBetweenLooks = 5;

enum At { kMarks, kWhom, kWhat };

config::Document& list_of(edit::Draft& draft) {
  const edit::Object list{edit::Kind::Blocklist, "blocklist"};
  return draft.at(edit::path_of(list), edit::file_type(list.kind));
}

class Blocklist final : public ListScreen {
 public:
  [[nodiscard]] std::string title() const override {
    return filter_.empty() ? std::string(tr("Blocklist")) : std::string(tr("Blocklist")) + " /" + filter_;
  }
  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override;

  void opened(Context& context) override { look(context); }
  void update(const app::Event& event, Context& context) override;

  // Actions.
  void add(Context& context);
  void pick(Context& context);
  void remove(Context& context);
  void toggle(Context& context);
  void block_for_time(Context& context);
  void look(Context& context) {
    if (app::why_not_daemon(context.model())) return;
    asked_ = context.call("Blocked");
    looked_ = context.model().now;
  }
  void ask_filter(Context& context) {
    context.push(make_prompt({.question = tr("Show those that have these words (!word: that do not)"),
                              .text = filter_,
                              .on_text = [this](Context&, const std::string& text) {
                                filter_ = std::string(base::trim(text));
                                found_in_.reset();
                              }}));
  }
  void clear_filter(Context&) {
    filter_.clear();
    found_in_.reset();
  }

  // Why not.
  [[nodiscard]] Why why_nobody(const Model& model) const {
    return count(model) == 0 ? Why(tr("nobody is blocked here")) : std::nullopt;
  }
  [[nodiscard]] Why why_no_delete(const Model& model) const {
    if (auto why = why_nobody(model)) return why;
    return entry(model) != nullptr ? app::why_not_write(model) : app::why_not_daemon(model);
  }
  [[nodiscard]] Why why_no_toggle(const Model& model) const {
    if (auto why = why_nobody(model)) return why;
    return entry(model) != nullptr ? std::nullopt
                                   : Why(tr("who is blocked for a time can only be unblocked: d does it"));
  }
  [[nodiscard]] Why why_no_clear(const Model&) const {
    return filter_.empty() ? Why(tr("there is no filter")) : std::nullopt;
  }

  void view(const Model& model, ui::Canvas canvas) const override;

 private:
  /// Somebody whom the daemon blocks.
  struct Timed {
    std::string address;
    std::optional<std::int64_t> ends;  ///< on the model's clock; nothing: until he is unblocked
  };

  void find(const Model& model) const;
  [[nodiscard]] int count(const Model& model) const override {
    find(model);
    return static_cast<int>(found_.size() + timed_.size());
  }
  [[nodiscard]] int index(const Model& model) const { return std::min(selected(), std::max(0, count(model) - 1)); }
  /// The selected entry of the file, or null.
  [[nodiscard]] const BlockLine* entry(const Model& model) const {
    const auto at = static_cast<std::size_t>(index(model));
    return at < found_.size() ? &found_[at] : nullptr;
  }
  void block(const std::string& whom, Context& context);
  /// A list that was pasted: addresses and names between blanks, commas or line ends.
  void block_all(std::string text, Context& context);
  void take_blocked(const ipc::Reply& reply, Context& context);
  void draw_entry(ui::Canvas row, const BlockLine& line, const Table& table) const;

  std::string filter_;
  std::vector<Timed> timed_;
  std::string why_unknown_;  ///< why the daemon does not say whom it blocks
  app::RequestId asked_{}, changed_{};
  std::int64_t looked_ = 0;
  mutable std::vector<BlockLine> found_;
  mutable std::shared_ptr<const app::Reading> found_in_;
  mutable ProblemsByFile problems_;
};

std::vector<std::span<const Binding>> Blocklist::bindings() const {
  static constexpr std::array kRows{
      Binding{.id = "blocklist.add",
              .keys = "i Ins",
              .label = to_translate("new"),
              .help = to_translate("block an address, a network, a host or a group"),
              .needs = Needs::Writing,
              .act = call<&Blocklist::add>},
      Binding{.id = "blocklist.pick",
              .keys = "p",
              .label = to_translate("choose"),
              .help = to_translate("block a host or group that is chosen by its name"),
              .needs = Needs::Writing,
              .act = call<&Blocklist::pick>},
      Binding{.id = "blocklist.delete",
              .keys = "d Del",
              .label = to_translate("delete"),
              .help = to_translate("take the entry away, or unblock who is blocked for a time"),
              .act = call<&Blocklist::remove>,
              .why_not = ask<&Blocklist::why_no_delete>},
      Binding{.id = "blocklist.toggle",
              .keys = "Space",
              .label = to_translate("on/off"),
              .help = to_translate("switch the entry on or off"),
              .needs = Needs::Writing,
              .act = call<&Blocklist::toggle>,
              .why_not = ask<&Blocklist::why_no_toggle>},
      Binding{.id = "blocklist.time",
              .keys = "b",
              .label = to_translate("for a time"),
              .help = to_translate("block an address at once, for a time"),
              .needs = Needs::Daemon,
              .act = call<&Blocklist::block_for_time>},
      Binding{.id = "blocklist.look",
              .keys = "F5",
              .label = "",
              .help = to_translate("ask the daemon again whom it blocks"),
              .needs = Needs::Daemon,
              .act = call<&Blocklist::look>},
      Binding{.id = "blocklist.filter",
              .keys = "/ f",
              .label = to_translate("filter"),
              .help = to_translate("show only those that have some words"),
              .act = call<&Blocklist::ask_filter>},
      Binding{.id = "blocklist.clear-filter",
              .keys = "\\",
              .label = "",
              .help = to_translate("show all again"),
              .act = call<&Blocklist::clear_filter>,
              .why_not = ask<&Blocklist::why_no_clear>},
  };
  return {kRows, navigation()};
}

void Blocklist::find(const Model& model) const {
  if (found_in_ == model.workspace.shared()) return;
  found_in_ = model.workspace.shared();
  found_ = block_lines(*found_in_);
  std::erase_if(found_, [this](const BlockLine& line) { return !has_words(line.whom + " " + line.what, filter_); });
}

void Blocklist::update(const app::Event& event, Context& context) {
  if (const auto* reply = std::get_if<app::Reply>(&event)) {
    if (reply->request == asked_) take_blocked(reply->reply, context);
    if (reply->request == changed_) {
      if (!reply->reply.error.empty()) context.fail(app::why_refused(reply->reply));
      look(context);
    }
  }
  if (std::holds_alternative<app::LinkChanged>(event) ||
      (std::holds_alternative<app::Tick>(event) && context.model().now >= looked_ + kSecondsBetweenLooks))
    look(context);
  if (const auto* paste = std::get_if<ui::Paste>(&event)) block_all(paste->text, context);
  ListScreen::update(event, context);
}

void Blocklist::block_all(std::string text, Context& context) {
  if (const auto why = app::why_not_write(context.model())) return context.fail(*why);
  std::ranges::replace_if(
      text, [](char c) { return c == '\n' || c == '\r' || c == '\t' || c == ','; }, ' ');
  std::vector<std::string> wanted;
  std::string fault;
  for (const std::string_view word : base::split(text, ' ')) {
    if (word.empty()) continue;
    const std::string wrong = fault_of_block(std::string(word), context.model().workspace.policy());
    if (wrong.empty()) wanted.emplace_back(word);
    if (fault.empty()) fault = wrong;
  }
  // All that was pasted, or nothing: half a list would have to be compared by eye.
  if (!fault.empty()) return context.fail(fill(tr("nothing is pasted: {}"), fault));
  const auto count = static_cast<long>(wanted.size());
  context.edit(fill(ui::tr_count("{} pasted entry is on the list", "{} pasted entries are on the list", count), count),
               [&wanted](edit::Draft& draft, const base::FileSystem&) -> edit::Wish<void> {
                 for (const std::string& whom : wanted) static_cast<void>(edit::block(list_of(draft), whom));
                 return {};
               });
}

void Blocklist::take_blocked(const ipc::Reply& reply, Context& context) {
  timed_.clear();
  why_unknown_ = reply.error.empty() ? "" : app::why_refused(reply);
  for (const app::TimedBlock& block : app::blocks_from(reply.parameters))
    timed_.push_back(
        {.address = block.address,
         .ends = block.seconds_left ? std::optional(context.model().now + *block.seconds_left) : std::nullopt});
}

void Blocklist::block(const std::string& whom, Context& context) {
  bool is_new = false;
  const bool is_done = context.edit(fill(tr("{} is blocked"), whom),
                                    [&](edit::Draft& draft, const base::FileSystem&) -> edit::Wish<void> {
                                      is_new = edit::block(list_of(draft), whom);
                                      return {};
                                    });
  if (is_done && !is_new) context.say(fill(tr("{} is on the list already"), whom));
  find(context.model());
  for (std::size_t i = 0; i < found_.size(); ++i)
    if (found_[i].whom == whom) select(static_cast<int>(i), context);
}

void Blocklist::add(Context& context) {
  context.push(make_prompt({.question = tr("Block which address, network, host or group?"),
                            .check = [&workspace = context.model().workspace](
                                         const std::string& text) { return fault_of_block(text, workspace.policy()); },
                            .on_text =
                                [this](Context& then, const std::string& text) {
                                  if (!base::trim(text).empty()) block(std::string(base::trim(text)), then);
                                }}));
}

void Blocklist::pick(Context& context) {
  const model::Policy& policy = context.model().workspace.policy();
  std::vector<Choice> choices;
  for (const model::Host& host : policy.hosts)
    choices.push_back({.value = host.full_name(), .label = "", .note = fill(tr("host {}"), addresses_of(host))});
  for (const model::Group& group : policy.groups)
    choices.push_back(
        {.value = group.full_name(),
         .label = "",
         .note = fill(ui::tr_count("group of {} host", "group of {} hosts", static_cast<long>(group.members.size())),
                      group.members.size())});
  context.push(make_picker(tr("Block"), std::move(choices), "",
                           [this](Context& then, const std::string& whom) { block(whom, then); }));
}

void Blocklist::remove(Context& context) {
  if (const BlockLine* line = entry(context.model())) {
    const std::uint32_t number = line->number;
    context.edit(
        fill(tr("{} is not blocked any more; u undoes it"), line->whom),
        [number](edit::Draft& draft, const base::FileSystem&) { return edit::delete_line(list_of(draft), number); });
    return;
  }
  const Timed& timed = timed_[static_cast<std::size_t>(index(context.model())) - found_.size()];
  changed_ = context.call("Unblock", {{"addresses", {timed.address}}});
  context.say(fill(tr("{} is unblocked"), timed.address));
}

void Blocklist::toggle(Context& context) {
  const BlockLine line = *entry(context.model());
  context.edit(fill(line.is_active ? tr("the entry of {} is off") : tr("the entry of {} is on"), line.whom),
               [&line](edit::Draft& draft, const base::FileSystem&) {
                 const std::string_view plain = base::trim(line.text);
                 return edit::replace_line(
                     list_of(draft), line.number,
                     line.is_active ? ";" + std::string(plain) : std::string(base::trim(plain.substr(1))));
               });
}

void Blocklist::block_for_time(Context& context) {
  context.push(make_prompt({.question = tr("Block which address or network at once?"),
                            .check = [](const std::string& text) { return fault_of_address(text); },
                            .on_text =
                                [this](Context& then, const std::string& text) {
                                  const std::string address(base::trim(text));
                                  if (address.empty()) return;
                                  then.push(make_block_for_time(
                                      address, [this](Context&, app::RequestId request) { changed_ = request; }));
                                }}));
}

void Blocklist::draw_entry(ui::Canvas row, const BlockLine& line, const Table& table) const {
  row.put(0, 0, line.is_active ? "[x]" : "[ ]", line.is_active ? Role::Normal : Role::Dim);
  if (!line.problem.empty()) row.put(0, 3, line.is_error ? "!" : "~", line.is_error ? Role::Error : Role::Warning);
  table.put(row, kWhom, line.whom, !line.is_active ? Role::Dim : line.is_error ? Role::Error : Role::Normal);
  if (line.problem.empty())
    table.put(row, kWhat, line.what, Role::Dim);
  else
    table.put(row, kWhat, line.problem, line.is_error ? Role::Error : Role::Warning);
}

void Blocklist::view(const Model& model, ui::Canvas canvas) const {
  find(model);
  constexpr std::array kTable{
      ui::Column{.head = "", .least = 4, .most = 4},
      ui::Column{.head = to_translate("Blocked"), .least = 18, .most = 45},
      ui::Column{.head = to_translate("What it is"), .least = 20, .most = 100},
  };
  const Table table(kTable, canvas);
  table.draw_heads(canvas);
  const int details = canvas.rows() >= 12 ? 3 : 0;
  const ui::Canvas body = canvas.rows_from(1, canvas.rows() - 1 - details);
  if (found_.empty() && timed_.empty())
    ui::Canvas(body).put_centred(
        body.rows() / 2,
        filter_.empty() ? tr("Nobody is blocked: i blocks somebody.") : tr("Nobody is shown: \\ ends the filter."),
        Role::Dim);
  list().view(body, static_cast<int>(found_.size() + timed_.size()), [&](ui::Canvas row, int item) {
    const auto at = static_cast<std::size_t>(item);
    if (at < found_.size()) return draw_entry(row, found_[at], table);
    const Timed& timed = timed_[at - found_.size()];
    row.put(0, 0, " @", Role::Drop);
    table.put(row, kWhom, timed.address);
    table.put(row, kWhat,
              timed.ends
                  ? fill(tr("by the daemon, {} left"), short_time(std::max<std::int64_t>(0, *timed.ends - model.now)))
                  : std::string(tr("by the daemon, until somebody unblocks it")),
              Role::Drop);
  });
  if (details == 0) return;
  ui::Canvas foot = canvas.rows_from(canvas.rows() - details);
  foot.rule(0);
  const BlockLine* line = entry(model);
  if (line != nullptr && !line->problem.empty())
    foot.put(1, 1, (line->is_error ? "! " : "~ ") + line->problem, line->is_error ? Role::Error : Role::Warning);
  if (!why_unknown_.empty())
    foot.put(2, 1, fill(tr("~ whom the daemon blocks is not known: {}"), why_unknown_), Role::Warning);
}

}  // namespace

std::unique_ptr<app::Screen> make_blocklist() { return std::make_unique<Blocklist>(); }

}  // namespace vuurmuur::screens
