// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/live_connection.h"

#include "app/answer.h"

namespace vuurmuur::app {

using namespace answer;

namespace {

ConnectionEnd end_from(const ipc::Json& json) {
  return {.address = text(json, "address"),
          .name = text(json, "name"),
          .network = text(json, "network"),
          .zone = text(json, "zone"),
          .port = maybe(json, "port")};
}

std::optional<ConnectionEnd> end_in(const ipc::Json& json, const char* key) {
  const ipc::Json* end = part(json, key);
  return end == nullptr ? std::nullopt : std::optional(end_from(*end));
}

LiveConnection connection_from(const ipc::Json& json) {
  return {.id = whole(json, "id"),
          .protocol = whole(json, "protocol"),
          .source = end_in(json, "source").value_or(ConnectionEnd{}),
          .destination = end_in(json, "destination").value_or(ConnectionEnd{}),
          .source_seen_as = end_in(json, "source_seen_as"),
          .destination_asked = end_in(json, "destination_asked"),
          .service = text(json, "service"),
          .state = text(json, "state"),
          .progress = text(json, "progress"),
          .helper = text(json, "helper"),
          .packets = whole(json, "packets"),
          .bytes = whole(json, "bytes"),
          .packets_back = whole(json, "packets_back"),
          .bytes_back = whole(json, "bytes_back"),
          .seconds_left = whole(json, "seconds_left"),
          .began = maybe(json, "began"),
          .mark = whole(json, "mark"),
          .kind = text(json, "kind"),
          .number = maybe(json, "number"),
          .rule = text(json, "rule"),
          .place = text(json, "place")};
}

}  // namespace

ConnectionSample connections_from(const ipc::Json& json) {
  ConnectionSample sample{.seen = whole(json, "seen"), .matched = whole(json, "matched")};
  for (const ipc::Json& entry : list(json, "connections"))
    if (entry.is_object()) sample.connections.push_back(connection_from(entry));
  for (const ipc::Json& entry : list(json, "groups"))
    if (entry.is_object())
      sample.groups.push_back({.group = text(entry, "group"),
                               .connections = whole(entry, "connections"),
                               .packets = whole(entry, "packets") + whole(entry, "packets_back"),
                               .bytes = whole(entry, "bytes") + whole(entry, "bytes_back")});
  return sample;
}

}  // namespace vuurmuur::app
