// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/name_watch.h"

#include <syslog.h>

#include <algorithm>

#include "control/ask_names.h"

namespace vuurmuur::daemon {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

/// A network that comes and goes again and again makes nobody ask more often than that.
constexpr std::int64_t kLeastBetween = 2 * kSecond;

/// When DNS is dead the log needs no line for each of a thousand names.
constexpr std::size_t kMostTold = 10;

std::int64_t nanoseconds(std::chrono::nanoseconds time) { return time.count(); }

const char* family_name(net::Family family) { return family == net::Family::Ipv4 ? "IPv4" : "IPv6"; }

std::string text_of(const std::vector<net::Address>& addresses) {
  std::string text;
  for (const net::Address& address : addresses) text += (text.empty() ? "" : " ") + address.to_string();
  return text;
}

}  // namespace

void NameWatch::follow(const model::Policy* policy) {
  if (auto known = control::read_known_names(files_, directory_))
    known_ = std::move(*known);
  else
    ::syslog(LOG_ERR, "%s", known.error().message.c_str());
  // What could not be written down is younger.
  for (const auto& [name, answer] : fresh_)
    for (const net::Family family : net::kFamilies)
      if (answer.of(family)) known_[name].of(family) = answer.of(family);
  const std::vector<Question> questions = policy == nullptr ? std::vector<Question>() : control::questions_of(*policy);
  if (policy != nullptr) use_servers(policy->settings);
  std::erase_if(states_, [&](const auto& each) {
    const bool is_gone = !std::ranges::binary_search(questions, each.first);
    if (is_gone && each.second.failures > 0) --failing_;
    return is_gone;
  });
  const std::int64_t now = base::boottime();
  for (const Question& question : questions) {
    const auto [at, is_new] = states_.try_emplace(question);
    if (is_new) at->second.next = now;
    if (!at->second.is_on_way) plan_asking(at->second.next);
  }
}

void NameWatch::use_servers(const model::Settings& settings) {
  shortest_ = std::chrono::seconds(settings.dns_ttl_min);
  longest_ = std::chrono::seconds(settings.dns_ttl_max);
  if (resolver_ && servers_ == settings.dns_servers) return;
  servers_ = settings.dns_servers;
  // What the others have not answered is asked of these.
  resolver_ = std::make_unique<dns::Resolver>(loop_, control::dns_options(settings));
  for (auto& [question, state] : states_) {
    state.is_on_way = false;
    state.next = base::boottime();
  }
}

void NameWatch::network_changed() {
  const std::int64_t now = base::boottime();
  for (auto& [question, state] : states_) {
    if (state.failures == 0 || state.is_on_way) continue;
    state.failures = 1;
    state.next = std::min(state.next, std::max(now, state.asked + kLeastBetween));
    plan_asking(state.next);
  }
}

void NameWatch::plan_asking(std::int64_t at) {
  if (asking_ && asking_at_ <= at) return;
  if (asking_) loop_.cancel(*asking_);
  asking_at_ = at;
  asking_ = loop_.call_at(at, [this] {
    asking_.reset();
    ask_due();
  });
}

void NameWatch::ask_due() {
  const std::int64_t now = base::boottime();
  std::optional<std::int64_t> next;
  for (auto& [question, state] : states_) {
    if (state.is_on_way) continue;
    if (state.next > now) {
      next = std::min(next.value_or(state.next), state.next);
      continue;
    }
    state.is_on_way = true;
    state.asked = now;
    resolver_->ask(question.name, question.family,
                   [this, question](const dns::Answer& answer) { take(question, answer); });
  }
  if (next) plan_asking(*next);
}

void NameWatch::take(const Question& question, const dns::Answer& answer) {
  const auto at = states_.find(question);
  if (at == states_.end()) return;
  State& state = at->second;
  state.is_on_way = false;
  if (answer.kind == dns::Answer::Kind::Failure) return take_failure(question, state, answer);
  if (state.failures > 0) --failing_;
  if (state.is_told) ::syslog(LOG_NOTICE, "DNS tells '%s' again", question.name.c_str());
  // That there is nothing has no time to live that could be relied on (RFC 2308): it is asked for again soon.
  const bool has_ttl = answer.kind == dns::Answer::Kind::Addresses;
  const auto holds = has_ttl ? std::clamp(answer.ttl, shortest_, longest_) : shortest_;
  const std::int64_t now = base::boottime();
  state = {.asked = state.asked, .next = now + nanoseconds(holds)};
  plan_asking(state.next);
  if (known_[question.name].of(question.family) == answer.addresses) return;
  tell_change(question, answer);
  control::take_answer(known_, question, answer);
  control::take_answer(fresh_, question, answer);
  if (writing_) return;
  const std::int64_t soon = now + nanoseconds(kGather);
  const std::int64_t at_first = last_change_ ? *last_change_ + nanoseconds(kBetweenChanges) : soon;
  writing_ = loop_.call_at(std::max(soon, at_first), [this] { write_down(); });
}

void NameWatch::take_failure(const Question& question, State& state, const dns::Answer& answer) {
  if (state.failures++ == 0) ++failing_;
  if (!state.is_told && failing_ <= kMostTold) {
    state.is_told = true;
    const auto known = known_.find(question.name);
    const bool is_known = known != known_.end() && known->second.of(question.family);
    ::syslog(LOG_WARNING, "DNS does not tell the %s addresses of '%s': %s; %s", family_name(question.family),
             question.name.c_str(), answer.problem.c_str(),
             is_known ? "what it told last holds" : "rules with it match nothing");
  }
  const auto pause = kFirstPause * (1U << std::min(state.failures - 1, 6U));
  state.next = base::boottime() + nanoseconds(std::min<std::chrono::seconds>(pause, kLongestPause));
  plan_asking(state.next);
}

void NameWatch::tell_change(const Question& question, const dns::Answer& answer) {
  const auto& before = known_[question.name].of(question.family);
  if (!answer.refused.empty())
    ::syslog(LOG_WARNING, "DNS tells addresses of '%s' that no rule is made of: %s", question.name.c_str(),
             text_of(answer.refused).c_str());
  // A name may well have addresses of one family only.
  if (!answer.addresses.empty())
    ::syslog(LOG_INFO, "'%s' is %s", question.name.c_str(), text_of(answer.addresses).c_str());
  else if (before && !before->empty())
    ::syslog(LOG_WARNING, "'%s' has no %s address any more: rules with it match none", question.name.c_str(),
             family_name(question.family));
}

void NameWatch::write_down() {
  writing_.reset();
  last_change_ = base::boottime();
  if (const auto written = control::write_known_names(files_, directory_, fresh_))
    fresh_.clear();
  else
    ::syslog(LOG_ERR, "what DNS tells is not kept: %s", written.error().message.c_str());
  on_change_();
}

}  // namespace vuurmuur::daemon
