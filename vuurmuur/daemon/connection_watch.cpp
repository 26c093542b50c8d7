// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/connection_watch.h"

#include <fmt/format.h>
#include <poll.h>
#include <syslog.h>

#include <algorithm>
#include <utility>

#include "control/connection_rules.h"
#include "control/own_names.h"

namespace vuurmuur::daemon {
namespace {

/// Seconds of a clock that nobody sets, from 1 on.
std::uint32_t second() { return static_cast<std::uint32_t>(base::boottime() / 1'000'000'000 + 1); }

log::Time now() { return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()); }

}  // namespace

struct ConnectionWatch::Words {
  Words(const model::Policy& model, const sema::Policy& policy)
      : index(names::Index::build(model, policy)),
        marks(ir::MarkLayout::create(*model.settings.connmark_mask).value_or(ir::MarkLayout())),
        own(policy),
        namer(index, marks, &own) {}

  names::Index index;
  ir::MarkLayout marks;
  control::OwnNames own;
  control::ConnectionNamer namer;
  std::unique_ptr<control::ConnectionRules> rules;  ///< null: they could not be compiled
};

ConnectionWatch::ConnectionWatch(base::PollLoop& loop, Tell tell)
    : loop_(loop), tell_(std::move(tell)), kernel_(apply::make_kernel()) {}

ConnectionWatch::~ConnectionWatch() { close(); }

void ConnectionWatch::complain(const base::Error& error) {
  if (std::exchange(complaint_, error.message) != error.message)
    ::syslog(LOG_ERR, "events of connections: %s", error.message.c_str());
}

void ConnectionWatch::follow(const control::CheckedPolicy* checked, std::string_view engine, bool is_wanted) {
  words_.reset();
  if (checked == nullptr || !is_wanted) return close();
  const model::Policy& model = checked->in_surroundings ? *checked->in_surroundings : checked->tree.policy;
  words_ = std::make_unique<Words>(model, checked->policy);
  auto rules = control::ConnectionRules::create(*kernel_, checked->policy, engine);
  if (rules)
    words_->rules = std::move(*rules);
  else
    complain(std::move(rules.error()).within("find the rules of connections"));
  refreshed_ = base::boottime();
  forget_old_rules();
  if (!events_) open();
}

void ConnectionWatch::forget_old_rules() {
  std::vector<bool> used(rules_.end());
  ledger_.for_each_rule([&](std::uint32_t number) { used[number] = true; });
  rules_.keep(used);
}

void ConnectionWatch::open() {
  // Ends alone would be without durations and rules, and beginnings alone would be remembered for ever.
  auto opened = apply::ConntrackEvents::open({.begun = true, .ended = true});
  if (!opened) {
    complain(opened.error());
    return open_later();
  }
  if (apply::conntrack_events_are_off())
    complain({.message = "the kernel tells nothing of connections as long as net.netfilter.nf_conntrack_events is 0"});
  events_.emplace(std::move(*opened));
  loop_.watch(events_->descriptor(), POLLIN, [this](short) { on_events(); });
  is_first_look_ = true;
  look_at_all();
}

void ConnectionWatch::open_later() {
  if (!next_try_)
    next_try_ = loop_.call_after(kNextTry, [this] {
      next_try_.reset();
      if (words_ && !events_) open();
    });
}

void ConnectionWatch::close() {
  if (events_) loop_.forget(events_->descriptor());
  events_.reset();
  stop_listing();
  for (auto* timer : {&next_try_, &next_look_})
    if (*timer) loop_.cancel(*std::exchange(*timer, std::nullopt));
  ledger_ = {};
  rules_ = {};
  waiting_ = {};
  asked_ = {};
  lost_ = 0;
  was_lost_again_ = false;
}

void ConnectionWatch::refresh() {
  const std::int64_t time = base::boottime();
  if (time - refreshed_ < std::chrono::nanoseconds(kFresh).count()) return;
  refreshed_ = time;
  words_->own.look_around();
  if (!words_->rules) return;
  if (const auto looked = words_->rules->look_around(); !looked) complain(looked.error());
}

void ConnectionWatch::on_events() {
  refresh();
  const auto news = events_->read(kTurn, [this](apply::ConntrackEvents::What what,
                                                const apply::TrackedConnection& tracked) { take(what, tracked); });
  finish_turn();
  if (!news) {
    complain(news.error());
    close();
    return open_later();
  }
  if (news->lost == 0) return;
  lost_ += news->lost;
  look_at_all_after(kSettle);
}

void ConnectionWatch::take(apply::ConntrackEvents::What what, const apply::TrackedConnection& tracked) {
  const std::uint32_t id = tracked.connection.id;
  if (what == apply::ConntrackEvents::What::Begun) {
    if (ledger_.begin(id, second())) waiting_.push_back({.what = What::Begun, .tracked = tracked});
    return;
  }
  const control::ConnectionLedger::End end = ledger_.end(id);
  Waiting ended{.what = What::Ended, .rule = end.rule, .tracked = tracked};
  if (tracked.began && tracked.ended && *tracked.ended >= *tracked.began)
    ended.duration = std::chrono::seconds((*tracked.ended - *tracked.began) / 1'000'000'000);
  else if (end.began)
    ended.duration = std::chrono::seconds(second() - *end.began);
  waiting_.push_back(std::move(ended));
}

/// All at once, for their routes have to be asked for.
void ConnectionWatch::find_rules() {
  asked_.clear();
  const auto is_unasked = [](const Waiting& each) { return each.rule == control::RuleNumbers::kUnasked; };
  for (const Waiting& each : waiting_)
    if (is_unasked(each)) asked_.push_back(each.tracked);
  if (asked_.empty() || !words_->rules) return;
  const auto found = words_->rules->of(asked_);
  if (!found) return complain(found.error());
  auto rule = found->begin();
  for (Waiting& each : waiting_) {
    if (!is_unasked(each)) continue;
    each.rule = rules_.number_of(*rule++);
    if (each.what == What::Begun) ledger_.set_rule(each.tracked.connection.id, each.rule);
  }
}

void ConnectionWatch::finish_turn() {
  find_rules();
  const log::Time time = now();
  for (const Waiting& each : waiting_) {
    control::NamedConnection named = words_->namer.of(each.tracked);
    const control::RuleText rule = rules_.text(each.rule);
    named.rule = rule.rule;
    named.place = rule.place;
    tell_.event({.what = each.what, .time = time, .named = named, .duration = each.duration});
  }
  waiting_.clear();
  tell_.turn_ended();
}

void ConnectionWatch::note(const std::string& text) {
  ::syslog(LOG_WARNING, "events of connections: %s", text.c_str());
  tell_.note(text);
}

void ConnectionWatch::look_at_all_after(std::chrono::nanoseconds rest) {
  if (ledger_.is_looking()) {
    was_lost_again_ = true;
  } else if (!next_look_) {
    // In a flood that goes on no more than half of the time is spent on looking.
    next_look_ = loop_.call_after(std::max(rest, std::chrono::nanoseconds(look_took_)), [this] {
      next_look_.reset();
      look_at_all();
    });
  }
}

void ConnectionWatch::look_at_all() {
  if (lost_ != 0)
    note(fmt::format("LOST {} events: more came than could be read; all connections are looked at now",
                     std::exchange(lost_, 0)));
  auto listing = apply::ConntrackListing::begin();
  if (!listing) {
    complain(listing.error());
    return look_at_all_after(kNextTry);
  }
  ledger_.begin_looking();
  missed_ = 0;
  look_began_ = base::boottime();
  listing_.emplace(std::move(*listing));
  loop_.watch(listing_->descriptor(), POLLIN, [this](short) { on_listed(); });
}

void ConnectionWatch::on_listed() {
  refresh();
  const auto goes_on = listing_->read([this](const apply::TrackedConnection& tracked) {
    if (!ledger_.see(tracked.connection.id) || is_first_look_) return;
    ++missed_;
    waiting_.push_back({.what = What::Begun, .tracked = tracked});
  });
  finish_turn();
  if (goes_on && *goes_on) return;
  stop_listing();
  if (goes_on) return end_looking();
  complain(goes_on.error());
  ledger_.stop_looking();
  look_at_all_after(kNextTry);
}

void ConnectionWatch::stop_listing() {
  if (listing_) loop_.forget(listing_->descriptor());
  listing_.reset();
}

void ConnectionWatch::end_looking() {
  const std::size_t unseen = ledger_.end_looking();
  look_took_ = base::boottime() - look_began_;
  if (!std::exchange(is_first_look_, false)) {
    note(fmt::format("FOUND {} connections that had begun unseen, and are told above; {} had ended unseen", missed_,
                     unseen));
    tell_.turn_ended();
  }
  if (std::exchange(was_lost_again_, false)) look_at_all_after(kSettle);
}

}  // namespace vuurmuur::daemon
