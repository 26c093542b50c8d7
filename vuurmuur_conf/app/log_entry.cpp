// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/log_entry.h"

#include "app/answer.h"

namespace vuurmuur::app {

using namespace answer;

LogEntry log_entry_from(const ipc::Json& entry) {
  return {.time = text(entry, "time"),
          .action = text(entry, "action"),
          .service = text(entry, "service"),
          .from = text(entry, "from"),
          .to = text(entry, "to"),
          .prefix = text(entry, "prefix"),
          .from_zone = text(entry, "from_zone"),
          .to_zone = text(entry, "to_zone"),
          .in = text(entry, "in"),
          .out = text(entry, "out"),
          .source = text(entry, "source"),
          .destination = text(entry, "destination"),
          .protocol = text(entry, "protocol"),
          .source_port = maybe(entry, "source_port"),
          .destination_port = maybe(entry, "destination_port"),
          .icmp_type = maybe(entry, "icmp_type"),
          .icmp_code = maybe(entry, "icmp_code"),
          .mark = maybe(entry, "mark"),
          .source_mac = text(entry, "source_mac"),
          .destination_mac = text(entry, "destination_mac"),
          .tcp_flags = text(entry, "tcp_flags"),
          .length = whole(entry, "length"),
          .ttl = whole(entry, "ttl"),
          .rule = text(entry, "rule"),
          .place = text(entry, "place")};
}

LogNews log_from(const ipc::Json& json) {
  LogNews news{.missed = whole(json, "missed"), .lost = whole(json, "lost")};
  for (const ipc::Json& entry : list(json, "entries"))
    if (entry.is_object()) news.entries.push_back(log_entry_from(entry));
  return news;
}

}  // namespace vuurmuur::app
