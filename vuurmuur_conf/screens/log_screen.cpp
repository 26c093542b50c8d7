// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/log_screen.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <deque>

#include "base/strings.h"
#include "screens/block_for_time.h"
#include "screens/confirm.h"
#include "screens/filter_prompt.h"
#include "screens/list_screen.h"
#include "screens/log_text.h"
#include "screens/multi_picker.h"
#include "screens/prompt.h"
#include "screens/rule_form.h"
#include "screens/rules_screen.h"
#include "screens/table.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::ask;
using app::Binding;
using app::call;
using app::Context;
using app::LogEntry;
using app::Model;
using app::Needs;
using app::Why;
using ui::fill;
using ui::Role;
using ui::to_translate;
using ui::tr;

/// Of those that are seen and of those that wait while the view is held: what a person can look through, a few MB.
constexpr std::size_t kMostEntries = 10'000;

/// What the details are wrapped at: they fit into the narrowest terminal that most people have.
constexpr int kDetailColumns = 76;

enum At : std::size_t { kTime, kAction, kService, kFrom, kTo, kRule, kPrefix, kIn, kOut };

constexpr std::array kTable{
    ui::Column{.head = to_translate("Time"), .least = 8, .most = 8},
    ui::Column{.head = to_translate("Action"), .least = 6, .most = 8},
    ui::Column{.head = to_translate("Service"), .least = 8, .most = 24},
    ui::Column{.head = to_translate("From"), .least = 15, .most = 39},
    ui::Column{.head = to_translate("To"), .least = 15, .most = 39},
    ui::Column{.head = to_translate("Rule"), .least = 18, .most = 60, .rank = 1},
    ui::Column{.head = to_translate("Prefix"), .least = 8, .most = 20, .rank = 2},
    ui::Column{.head = to_translate("In"), .least = 5, .most = 15, .rank = 3},
    ui::Column{.head = to_translate("Out"), .least = 5, .most = 15, .rank = 3},
};

Role role_of(const std::string& action) {
  if (action == "DROP" || action == "REJECT" || action == "TCPRESET") return Role::Drop;
  if (action == "ACCEPT") return Role::Accept;
  return Role::Normal;
}

/// A search in the stored log.
struct Search {
  std::string filter, since;
  app::RequestId request{};
  bool is_done = false;
  std::string problem{};
};

class Log final : public ListScreen {
 public:
  Log() = default;
  explicit Log(Search search) : search_(std::move(search)) {}

  [[nodiscard]] std::string title() const override {
    std::string text = search_ ? tr("Stored log") : tr("Log");
    if (search_ && !search_->since.empty()) text += " " + fill(tr("since {}"), search_->since);
    const std::string& filter = search_ && filter_text_.empty() ? search_->filter : filter_text_;
    return filter.empty() ? text : text + " /" + filter;
  }
  [[nodiscard]] app::Streams streams() const override { return {.log = !search_}; }
  void opened(Context& context) override {
    if (search_ && search_->request == app::RequestId::None)
      search_->request = context.search_log(search_->filter, search_->since);
  }
  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override;
  void update(const app::Event& event, Context& context) override;
  void view(const Model& model, ui::Canvas canvas) const override;

  // Actions.
  void details(Context& context) {
    context.push(make_reader(tr("Why"), wrapped(log_details(*entry()), kDetailColumns)));
  }
  void pause(Context& context);
  void ask_filter(Context& context) {
    context.push(make_filter_prompt(filter::Of::Log, filter_text_,
                                    [this](Context& then, const std::string& text) { filter_by(text, then); }));
  }
  void clear_filter(Context& context) { filter_by("", context); }
  /// Asks what is to be found, and from when on.
  void search(Context& context);
  void columns(Context& context);
  void go_to_rule(Context& context) { context.push(make_rules(*rule_number(entry()->rule))); }
  void make_rule(Context& context);
  void block(Context& context) {
    context.push(make_block_for_time(entry()->source, [this](Context&, app::RequestId asked) { asked_ = asked; }));
  }
  void kill(Context& context);
  void wipe(Context&) {
    entries_.clear();
    shown_.clear();
  }

  // Why not.
  [[nodiscard]] Why why_no_entry(const Model&) const {
    return entry() == nullptr ? Why(tr("nothing is selected")) : std::nullopt;
  }
  [[nodiscard]] Why why_no_rule(const Model& model) const {
    if (auto why = why_no_entry(model)) return why;
    const auto number = rule_number(entry()->rule);
    if (!number) return tr("no rule of the policy spoke here");
    return *number > model.workspace.policy().rules.size() ? Why(tr("that rule is not there any more")) : std::nullopt;
  }
  [[nodiscard]] Why why_no_pause(const Model&) const {
    return search_ ? Why(tr("nothing comes here that could be held")) : std::nullopt;
  }
  [[nodiscard]] Why why_no_clear(const Model&) const {
    return filter_text_.empty() ? Why(tr("there is no filter")) : std::nullopt;
  }

 private:
  [[nodiscard]] int count(const Model&) const override { return static_cast<int>(shown_.size()); }
  void open(Context& context) override {
    if (entry() != nullptr) details(context);
  }
  /// The selected entry; null when there is none.
  [[nodiscard]] const LogEntry* entry() const {
    if (shown_.empty()) return nullptr;
    const auto at = std::min(static_cast<std::size_t>(selected()), shown_.size() - 1);
    return &entries_[static_cast<std::size_t>(shown_[at] - first_)];
  }
  void take(const app::LogNews& news, Context& context);
  void take(const app::LogFound& found, Context& context);
  void add(const LogEntry& entry);
  void filter_by(const std::string& text, Context& context);
  [[nodiscard]] std::string remark(const Model& model) const;

  std::optional<Search> search_;  ///< nothing: what is logged from now on is followed
  std::deque<LogEntry> entries_;
  std::uint64_t first_ = 0;          ///< the number of entries_.front(), counted from the first that came
  std::deque<std::uint64_t> shown_;  ///< numbers of those that the filter lets through
  std::deque<LogEntry> waiting_;     ///< that came while the view is held
  std::uint64_t left_out_ = 0;       ///< of those that waited
  bool is_held_ = false;
  std::string filter_text_;
  filter::Filter filter_;
  std::bitset<kTable.size()> hidden_;
  std::int64_t missed_ = 0, lost_ = 0;
  std::string ended_;  ///< why nothing comes any more
  app::RequestId asked_{};
};

std::vector<std::span<const Binding>> Log::bindings() const {
  static constexpr std::array kRows{
      Binding{.id = "log.why",
              .keys = "Enter w",
              .label = to_translate("why"),
              .help = to_translate("which rule spoke, and all that is known of the packet"),
              .act = call<&Log::details>,
              .why_not = ask<&Log::why_no_entry>},
      Binding{.id = "log.pause",
              .keys = "p Space",
              .label = to_translate("pause"),
              .help = to_translate("hold the log still, or go on"),
              .act = call<&Log::pause>,
              .why_not = ask<&Log::why_no_pause>},
      Binding{.id = "log.filter",
              .keys = "/ f",
              .label = to_translate("filter"),
              .help = to_translate("show only what fits: src:lan port:22 action:drop !dns"),
              .act = call<&Log::ask_filter>},
      Binding{.id = "log.rule",
              .keys = "r",
              .label = to_translate("rule"),
              .help = to_translate("go to the rule that spoke"),
              .act = call<&Log::go_to_rule>,
              .why_not = ask<&Log::why_no_rule>},
      Binding{.id = "log.make-rule",
              .keys = "m",
              .label = to_translate("make rule"),
              .help = to_translate("make a rule of this line that does the opposite"),
              .needs = Needs::Writing,
              .act = call<&Log::make_rule>,
              .why_not = ask<&Log::why_no_entry>},
      Binding{.id = "log.block",
              .keys = "b",
              .label = to_translate("block"),
              .help = to_translate("block who sent it at once, for a time"),
              .needs = Needs::Daemon,
              .act = call<&Log::block>,
              .why_not = ask<&Log::why_no_entry>},
      Binding{.id = "log.kill",
              .keys = "K",
              .label = to_translate("kill"),
              .help = to_translate("end the live connections between the two"),
              .needs = Needs::Daemon,
              .act = call<&Log::kill>,
              .why_not = ask<&Log::why_no_entry>},
      Binding{.id = "log.search",
              .keys = "S",
              .label = to_translate("search"),
              .help = to_translate("look through the stored log, the rotated files too"),
              .act = call<&Log::search>},
      Binding{.id = "log.columns",
              .keys = "c",
              .label = to_translate("columns"),
              .help = to_translate("choose the columns that are shown"),
              .act = call<&Log::columns>},
      Binding{.id = "log.clear-filter",
              .keys = "\\",
              .label = "",
              .help = to_translate("show all again"),
              .act = call<&Log::clear_filter>,
              .why_not = ask<&Log::why_no_clear>},
      Binding{.id = "log.wipe",
              .keys = "Ctrl-k",
              .label = "",
              .help = to_translate("forget the lines that are shown; the files keep them"),
              .act = call<&Log::wipe>},
  };
  return {kRows, navigation()};
}

void Log::update(const app::Event& event, Context& context) {
  if (const auto* read = std::get_if<app::LogRead>(&event); read != nullptr && !search_) return take(read->news, context);
  if (const auto* found = std::get_if<app::LogFound>(&event); found != nullptr && search_ && found->request == search_->request)
    return take(*found, context);
  if (const auto* ended = std::get_if<app::StreamEnded>(&event); ended != nullptr && ended->method == "WatchLog")
    ended_ = ended->reason;
  if (const auto* changed = std::get_if<app::LinkChanged>(&event); changed != nullptr) ended_.clear();
  if (const auto* reply = std::get_if<app::Reply>(&event);
      reply != nullptr && reply->request == asked_ && asked_ != app::RequestId::None) {
    if (!reply->reply.error.empty())
      context.fail(app::why_refused(reply->reply));
    else if (const auto ended = reply->reply.parameters.find("ended"); ended != reply->reply.parameters.end())
      context.say(fill(tr("{} ended"), ended->get<std::int64_t>()));
  }
  ListScreen::update(event, context);
}

void Log::take(const app::LogNews& news, Context& context) {
  ended_.clear();
  missed_ += news.missed;
  lost_ += news.lost;
  if (is_held_) {
    for (const LogEntry& entry : news.entries) waiting_.push_back(entry);
    for (; waiting_.size() > kMostEntries; waiting_.pop_front()) ++left_out_;
    return;
  }
  // Who looks at the last line sees the next one; who looks at another keeps it.
  const bool is_following = selected() + 1 >= count(context.model());
  const std::uint64_t at =
      shown_.empty() ? 0 : shown_[static_cast<std::size_t>(std::min(selected(), count(context.model()) - 1))];
  for (const LogEntry& entry : news.entries) add(entry);
  if (is_following) return last(context);
  select(static_cast<int>(std::ranges::lower_bound(shown_, at) - shown_.begin()), context);
}

void Log::take(const app::LogFound& found, Context& context) {
  for (const LogEntry& entry : found.entries) add(entry);
  search_->is_done = found.is_done;
  search_->problem = found.problem;
  // The newest are what is looked for first.
  last(context);
}

void Log::search(Context& context) {
  const std::string filter = search_ && filter_text_.empty() ? search_->filter : filter_text_;
  context.push(make_filter_prompt(filter::Of::Log, filter, [](Context& then, const std::string& wanted) {
    then.push(make_prompt({.question = tr("Search from when on?"),
                           .lines = {tr("10m, 3h or 2d ago, 22:51, 2026-11-23, or nothing for all that is stored")},
                           .text = "1d",
                           .on_text = [wanted](Context& at_last, const std::string& since) {
                             at_last.push(make_stored_log(wanted, std::string(base::trim(since))));
                           }}));
  }));
}

void Log::add(const LogEntry& entry) {
  entries_.push_back(entry);
  if (lets_through(filter_, entry)) shown_.push_back(first_ + entries_.size() - 1);
  if (entries_.size() <= kMostEntries) return;
  if (!shown_.empty() && shown_.front() == first_) shown_.pop_front();
  entries_.pop_front();
  ++first_;
}

void Log::filter_by(const std::string& text, Context& context) {
  filter_text_ = text;
  filter_ = filter_from(filter::Of::Log, text);
  shown_.clear();
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (lets_through(filter_, entries_[i])) shown_.push_back(first_ + i);
  last(context);
}

void Log::pause(Context& context) {
  is_held_ = !is_held_;
  if (is_held_) return context.say(tr("held still"));
  const std::deque<LogEntry> waited = std::exchange(waiting_, {});
  for (const LogEntry& entry : waited) add(entry);
  left_out_ = 0;
  context.say(tr("live again"));
  last(context);
}

void Log::columns(Context& context) {
  std::vector<Choice> choices;
  std::vector<std::string> chosen;
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    choices.push_back({.value = std::to_string(i), .label = tr(kTable[i].head)});
    if (!hidden_[i]) chosen.push_back(std::to_string(i));
  }
  context.push(make_multi_picker(tr("Columns"), std::move(choices), std::move(chosen),
                                 [this](Context&, const std::vector<std::string>& wanted) {
                                   for (std::size_t i = 0; i < kTable.size(); ++i)
                                     hidden_[i] = std::ranges::find(wanted, std::to_string(i)) == wanted.end();
                                 }));
}

void Log::make_rule(Context& context) {
  const auto rule = opposite_rule(*entry());
  if (!rule) return context.fail(rule.error().message);
  // In front of the rule that spoke, else it would speak again.
  const auto rules = static_cast<std::uint32_t>(context.model().workspace.policy().rules.size());
  const std::uint32_t number = rule_number(entry()->rule).value_or(rules + 1);
  context.push(make_rule_form(std::min(number, rules + 1), *rule, /*is_new=*/true));
}

void Log::kill(Context& context) {
  const std::string filter = "src:" + entry()->source + " dst:" + entry()->destination;
  const bool is_ours = !context.model().own_connection.empty();
  context.push(make_confirm(fill(tr("End the connections from {} to {}?"), entry()->source, entry()->destination),
                            {tr("They are ended at once; new ones may come.")}, [this, filter, is_ours](Context& then) {
                              ipc::Json wish{{"filter", filter}};
                              if (is_ours) wish["own_connection"] = then.model().own_connection;
                              asked_ = then.call("KillConnections", std::move(wish));
                            }));
}

std::string Log::remark(const Model& model) const {
  if (search_) {
    if (!search_->problem.empty()) return "! " + search_->problem;
    if (!search_->is_done) return fill(tr("~ searching, {} found so far"), first_ + entries_.size());
    if (first_ != 0) return fill(tr("~ {} found, of which the last {} are shown"), first_ + entries_.size(), entries_.size());
    return entries_.empty() ? std::string() : fill(tr("{} found"), entries_.size());
  }
  if (const auto why = app::why_not_daemon(model)) return "! " + *why;
  if (!ended_.empty()) return "! " + ended_;
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "~ " : ", ") + part; };
  if (is_held_) add(fill(tr("held still, {} wait"), waiting_.size() + left_out_));
  if (missed_ > 0) add(fill(tr("{} left out: they came too fast for the screen"), missed_));
  if (lost_ > 0) add(fill(tr("{} lost by the kernel"), lost_));
  return text;
}

void Log::view(const Model& model, ui::Canvas canvas) const {
  std::array<ui::Column, kTable.size()> table = kTable;
  for (std::size_t i = 0; i < table.size(); ++i)
    if (hidden_[i]) table[i].least = table[i].most = 0;
  constexpr int kWithDay = 14;
  if (search_ && !hidden_[kTime]) table[kTime].least = table[kTime].most = kWithDay;
  const Table columns(table, canvas);
  columns.draw_heads(canvas);
  const int details = canvas.rows() >= 12 ? 4 : 1;
  ui::Canvas body = canvas.rows_from(1, canvas.rows() - 1 - details);
  if (shown_.empty())
    body.put_centred(body.rows() / 2,
                     entries_.empty() && search_ ? (search_->is_done ? tr("Nothing was found.") : "")
                     : entries_.empty()          ? tr("Nothing was logged since this was opened.")
                                      : tr("Nothing is shown: \\ ends the filter."),
                     Role::Dim);
  list().view(body, static_cast<int>(shown_.size()), [&](ui::Canvas row, int item) {
    const LogEntry& one = entries_[static_cast<std::size_t>(shown_[static_cast<std::size_t>(item)] - first_)];
    columns.put(row, kTime, search_ ? day_and_time(one.time) : clock_time(one.time), Role::Dim);
    columns.put(row, kAction, one.action, role_of(one.action));
    columns.put(row, kService, one.service);
    columns.put(row, kFrom, one.from.empty() ? one.source : one.from);
    columns.put(row, kTo, one.to.empty() ? one.destination : one.to);
    columns.put(row, kRule, one.rule, Role::Dim);
    columns.put(row, kPrefix, one.prefix, Role::Dim);
    columns.put(row, kIn, one.in, Role::Dim);
    columns.put(row, kOut, one.out, Role::Dim);
  });
  ui::Canvas foot = canvas.rows_from(canvas.rows() - details);
  const std::string said = remark(model);
  foot.put(details - 1, 1, said, said.starts_with('!') ? Role::Error : Role::Warning);
  if (details == 1) return;
  foot.rule(0);
  if (const LogEntry* one = entry()) {
    foot.put(1, 1, packet_text(*one));
    foot.put(2, 1, one->rule + (one->place.empty() ? "" : "  (" + one->place + ")"), Role::Dim);
  }
}

}  // namespace

std::unique_ptr<app::Screen> make_log() { return std::make_unique<Log>(); }

std::unique_ptr<app::Screen> make_stored_log(std::string filter, std::string since) {
  return std::make_unique<Log>(Search{.filter = std::move(filter), .since = std::move(since)});
}

}  // namespace vuurmuur::screens
