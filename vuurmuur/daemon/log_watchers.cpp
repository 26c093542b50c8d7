// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/log_watchers.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "log/json_line.h"

namespace vuurmuur::daemon {

LogWatchers::~LogWatchers() {
  if (timer_) loop_.cancel(*timer_);
}

ipc::Reply LogWatchers::add(ipc::ClientId client, Wanted wanted) {
  watchers_.push_back({.client = client, .wanted = std::move(wanted), .waiting = {}});
  return {.parameters = {{"entries", ipc::Json::array()}, {"missed", 0}, {"lost", 0}}, .continues = true};
}

bool LogWatchers::is_empty() {
  std::erase_if(watchers_, [this](const Watcher& watcher) { return !server_.is_there(watcher.client); });
  return watchers_.empty();
}

void LogWatchers::take(const log::Entry& entry) {
  std::string text;
  for (Watcher& watcher : watchers_) {
    if (watcher.wanted && !watcher.wanted(entry)) continue;
    if (watcher.waiting.size() >= kMostWaiting || watcher.bytes >= kMostBytes) {
      ++watcher.missed;
      continue;
    }
    if (text.empty()) log::append_json(text, entry);
    watcher.bytes += text.size();
    watcher.waiting.push_back(text);
  }
}

void LogWatchers::note_lost(std::uint64_t count) {
  for (Watcher& watcher : watchers_) watcher.lost += count;
}

void LogWatchers::tell(Watcher& watcher) {
  // The wire form of ipc::Reply (ipc/varlink.h), made of entries that are JSON already.
  std::string wire = "{\"parameters\":{\"entries\":[";
  for (std::string_view between; const std::string& entry : watcher.waiting) {
    wire += between;
    wire += entry;
    between = ",";
  }
  wire += fmt::format("],\"missed\":{},\"lost\":{}}},\"continues\":true}}", std::exchange(watcher.missed, 0),
                      std::exchange(watcher.lost, 0));
  wire += '\0';
  watcher.waiting.clear();
  watcher.bytes = 0;
  server_.tell(watcher.client, wire, /*continues=*/true);
}

void LogWatchers::tell() {
  if (is_empty()) return;
  bool has_to_wait = false;
  for (Watcher& watcher : watchers_) {
    if (watcher.waiting.empty() && watcher.missed == 0 && watcher.lost == 0) continue;
    if (server_.has_fetched(watcher.client))
      tell(watcher);
    else
      has_to_wait = true;
  }
  if (!has_to_wait || timer_) return;
  timer_ = loop_.call_after(kNextTry, [this] {
    timer_.reset();
    tell();
  });
}

}  // namespace vuurmuur::daemon
