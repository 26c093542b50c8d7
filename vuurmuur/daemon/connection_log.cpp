// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/connection_log.h"

#include <fmt/format.h>
#include <syslog.h>

#include <utility>

#include "log/escape.h"
#include "log/json_line.h"

namespace vuurmuur::daemon {
namespace {

log::Time now() { return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()); }

}  // namespace

void ConnectionLog::follow(const model::Settings* settings) {
  if (settings == nullptr)
    settings_.reset();
  else
    settings_ = *settings;
  use(begun_, settings_ && settings_->log_new_connections, "connnew");
  use(ended_, settings_ && settings_->log_connections, "connections");
  if (!wants_events() || !settings_->log_journal)
    journal_.reset();
  else if (!journal_)
    journal_ = std::make_unique<log::Journal>();
}

bool ConnectionLog::wants_events() const { return begun_.file || ended_.file; }

void ConnectionLog::use(File& file, bool is_wanted, std::string_view name) {
  if (!is_wanted) {
    file = {};
    return;
  }
  const std::string path = fmt::format("{}/{}.{}", settings_->log_directory, name,
                                       settings_->log_format == model::LogFormat::Json ? "json" : "log");
  const log::LogFile::Limits limits{.bytes = std::uint64_t{settings_->log_size} << 20, .kept = settings_->log_kept};
  if (file.file && file.file->path() == path)
    file.file->set_limits(limits);
  else
    file.file = std::make_unique<log::LogFile>(path, limits);
}

void ConnectionLog::reopen() {
  for (File* file : {&begun_, &ended_})
    if (file->file) file->file->reopen();
}

void ConnectionLog::take(const control::ConnectionEvent& event) {
  File& file = event.has_ended() ? ended_ : begun_;
  if (file.file) write(file, event);
}

void ConnectionLog::write(File& file, const control::ConnectionEvent& event) {
  line_.clear();
  if (settings_->log_format == model::LogFormat::Json) {
    control::append_json(line_, event);
  } else {
    stamp_.append_time(line_, event.time);
    control::append_text(line_, event);
  }
  line_ += '\n';
  file.file->add(line_);
  if (!journal_) return;
  line_.clear();
  fields_.clear();
  control::append_text(line_, event);
  control::append_journal_fields(fields_, event);
  journal_->add(line_, fields_);
}

void ConnectionLog::note(std::string_view text) {
  for (File* file : {&begun_, &ended_})
    if (file->file) write_note(*file, text);
}

void ConnectionLog::write_note(File& file, std::string_view text) {
  line_.clear();
  if (settings_->log_format == model::LogFormat::Json) {
    line_ = "{\"time\": \"";
    log::append_utc(line_, now());
    line_ += "\", \"message\": \"";
    log::append_json_escaped(line_, text);
    line_ += "\"}";
  } else {
    stamp_.append_time(line_, now());
    log::append_escaped(line_, text);
  }
  line_ += '\n';
  file.file->add(line_, /*count=*/0);
}

void ConnectionLog::finish_turn() {
  for (File* file : {&begun_, &ended_})
    if (file->file) flush(*file);
}

void ConnectionLog::flush(File& file) {
  if (const auto written = file.file->flush(); !written)
    ::syslog(LOG_ERR, "%s; connections are left out of it until that is mended", written.error().message.c_str());
  file.left_out += file.file->take_left_out();
  if (file.left_out == 0 || !file.file->is_writable()) return;
  write_note(file, fmt::format("LOST {} connections: they could not be written", std::exchange(file.left_out, 0)));
  static_cast<void>(file.file->flush());
}

}  // namespace vuurmuur::daemon
