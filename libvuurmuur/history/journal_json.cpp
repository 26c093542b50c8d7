// SPDX-License-Identifier: GPL-2.0-or-later
#include <nlohmann/json.hpp>

#include "history/journal.h"

// The journal as it is written; read_journal.cpp reads it.
namespace vuurmuur::history {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Event& event) {
  Json json{{"what", to_string(event.what)},
            {"time", event.time},
            {"uid", event.who.uid},
            {"user", event.who.user},
            {"from", event.who.from}};
  if (!event.detail.empty()) json["detail"] = event.detail;
  return json;
}

Json to_json(const Generation& generation) {
  Json json{{"number", generation.number}, {"directory", generation.directory}, {"backend", generation.backend}};
  if (!generation.comment.empty()) json["comment"] = generation.comment;
  if (generation.comments) json[*generation.comments ? "comments" : "no_comments"] = true;
  if (generation.copy_of) json["copy_of"] = *generation.copy_of;
  for (const Event& event : generation.events) json["events"].push_back(to_json(event));
  return json;
}

}  // namespace

std::string to_json(const Journal& journal) {
  Json json{{"format", kJournalFormat}, {"next", journal.next}};
  if (journal.confirmed) json["confirmed"] = *journal.confirmed;
  if (journal.is_cleared) json["cleared"] = true;
  if (journal.pending) {
    json["pending"] = Json{{"generation", journal.pending->generation}};
    if (const auto& deadline = journal.pending->deadline)
      json["pending"]["deadline"] = Json{{"boot", deadline->boot}, {"nanoseconds", deadline->nanoseconds}};
  }
  json["generations"] = Json::array();
  for (const Generation& generation : journal.generations) json["generations"].push_back(to_json(generation));
  return json.dump(1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n";
}

}  // namespace vuurmuur::history
