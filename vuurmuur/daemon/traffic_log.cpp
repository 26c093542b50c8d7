// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/traffic_log.h"

#include <fmt/format.h>
#include <net/if.h>
#include <poll.h>
#include <syslog.h>

#include <array>
#include <utility>

#include "compile/log_identity.h"
#include "log/json_line.h"

namespace vuurmuur::daemon {
namespace {

/// A device that is called otherwise by now, or has another address, has its new name in lines soon.
constexpr std::chrono::seconds kBetweenLooks{1};
/// Floods are told of once a second.
constexpr std::chrono::seconds kBetweenNotes{1};

log::Time now() { return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()); }

std::string device_name(std::uint32_t number) {
  std::array<char, IF_NAMESIZE> name{};
  return ::if_indextoname(number, name.data()) == nullptr ? fmt::format("if{}", number) : std::string(name.data());
}

std::shared_ptr<const log::RuleTable> rules_of(const sema::Policy& policy) {
  std::vector<log::RuleName> rules;
  for (compile::LogIdentity& each : compile::log_identities(policy))
    rules.push_back({std::move(each.identity), std::move(each.label), std::move(each.place)});
  return std::make_shared<const log::RuleTable>(std::move(rules));
}

std::string path_of(const model::Settings& settings) {
  return fmt::format("{}/{}", settings.log_directory,
                     settings.log_format == model::LogFormat::Json ? "traffic.json" : "traffic.log");
}

}  // namespace

TrafficLog::TrafficLog(base::PollLoop& loop, ipc::Server& server)
    : loop_(loop), watchers_(loop, server), recorder_(device_name) {}

TrafficLog::~TrafficLog() {
  close();
  for (const auto& timer : {next_try_, lost_note_})
    if (timer) loop_.cancel(*timer);
}

void TrafficLog::follow(const control::CheckedPolicy* checked) {
  if (checked == nullptr) {
    settings_.reset();
    names_.reset();
    recorder_.use(nullptr, nullptr);
  } else {
    settings_ = *checked->policy.settings;
    const model::Policy& model = checked->in_surroundings ? *checked->in_surroundings : checked->tree.policy;
    names_ = std::make_shared<control::LogNames>(model, checked->policy);
    recorder_.use(names_, rules_of(checked->policy));
    const log::LogFile::Limits limits{.bytes = std::uint64_t{settings_->log_size} << 20, .kept = settings_->log_kept};
    if (!settings_->log_traffic)
      file_.reset();
    else if (const std::string path = path_of(*settings_); file_ && file_->path() == path)
      file_->set_limits(limits);
    else
      file_ = std::make_unique<log::LogFile>(path, limits);
    if (!settings_->log_journal)
      journal_.reset();
    else if (!journal_)
      journal_ = std::make_unique<log::Journal>();
  }
  open_or_close();
}

void TrafficLog::reopen() {
  if (file_) file_->reopen();
}

ipc::Reply TrafficLog::add(ipc::ClientId client, LogWatchers::Wanted wanted) {
  ipc::Reply reply = watchers_.add(client, std::move(wanted));
  open_or_close();
  return reply;
}

/// The group is another program's as long as nobody wants to know what is logged.
void TrafficLog::open_or_close() {
  if (!settings_ || (!file_ && !journal_ && watchers_.is_empty())) return close();
  if (socket_ && group_ == settings_->log_group) return;
  close();
  open();
}

void TrafficLog::open() {
  group_ = settings_->log_group;
  auto opened = apply::NflogSocket::open({.group = group_});
  if (!opened) {
    if (std::exchange(complaint_, opened.error().message) != complaint_)
      ::syslog(LOG_WARNING, "%s; traffic is not logged", complaint_.c_str());
    if (!next_try_)
      next_try_ = loop_.call_after(kNextTry, [this] {
        next_try_.reset();
        open_or_close();
      });
    return;
  }
  complaint_.clear();
  socket_ = std::move(*opened);
  loop_.watch(socket_->descriptor(), POLLIN, [this](short) { on_ready(); });
}

void TrafficLog::close() {
  if (!socket_) return;
  loop_.forget(socket_->descriptor());
  socket_.reset();
  finish_turn();
}

void TrafficLog::look_around(log::Time now) {
  if (now - looked_around_ < kBetweenLooks && now >= looked_around_) return;
  looked_around_ = now;
  recorder_.forget_devices();
  if (names_) names_->look_around();
}

void TrafficLog::on_ready() {
  const log::Time when = now();
  look_around(when);
  const auto taken = socket_->read(kTurn, [&](std::span<const std::uint8_t> message) {
    if (const log::Entry* entry = recorder_.take(message, when)) write(*entry);
  });
  finish_turn();
  if (taken) return;
  ::syslog(LOG_ERR, "%s", taken.error().message.c_str());
  close();
  open_or_close();
}

void TrafficLog::write(const log::Entry& entry) {
  if (file_) {
    text_.clear();
    if (settings_->log_format == model::LogFormat::Json) {
      log::append_json(text_, entry);
      text_ += '\n';
    } else {
      line_.append(text_, entry);
    }
    file_->add(text_);
  }
  if (journal_) journal_->add(entry);
  watchers_.take(entry);
}

void TrafficLog::finish_turn() {
  if (const std::uint64_t lost = recorder_.take_lost(); lost != 0) {
    lost_ += lost;
    watchers_.note_lost(lost);
  }
  if (file_) {
    if (const auto written = file_->flush(); !written)
      ::syslog(LOG_ERR, "%s; what rules log is left out of it until that is mended", written.error().message.c_str());
    left_out_ += file_->take_left_out();
  }
  watchers_.tell();
  if ((lost_ != 0 || (left_out_ != 0 && file_ && file_->is_writable())) && !lost_note_)
    lost_note_ = loop_.call_after(kBetweenNotes, [this] {
      lost_note_.reset();
      note_lost();
    });
}

/// Lines of the log itself say what it has not.
void TrafficLog::note_lost() {
  const auto tell = [this](std::uint64_t& count, std::string_view why) {
    if (count == 0) return;
    const std::string message = fmt::format("LOST {} records: {}", std::exchange(count, 0), why);
    ::syslog(LOG_WARNING, "traffic log: %s", message.c_str());
    if (!file_) return;
    text_.clear();
    if (settings_ && settings_->log_format == model::LogFormat::Json) {
      text_ = "{\"time\": \"";
      log::append_utc(text_, now());
      text_ += fmt::format("\", \"message\": \"{}\"}}\n", message);
    } else {
      line_.append_time(text_, now());
      text_ += message;
      text_ += '\n';
    }
    file_->add(text_, /*count=*/0);
  };
  tell(lost_, "more came than could be read");
  if (file_ && file_->is_writable()) tell(left_out_, "they could not be written");
  if (file_) static_cast<void>(file_->flush());
}

}  // namespace vuurmuur::daemon
