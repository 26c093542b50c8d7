// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>
#include <nlohmann/json.hpp>

#include "history/journal.h"

namespace vuurmuur::history {
namespace {

using Json = nlohmann::ordered_json;

/// The form of the file; one that is newer was written by a newer program and is not read.
constexpr int kFormat = 1;

constexpr std::array kEveryWhat{What::Applying, What::Applied, What::Confirmed, What::RolledBack, What::Refused,
                               What::Drifted,  What::Repaired, What::Cleared};

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
  if (generation.copy_of) json["copy_of"] = *generation.copy_of;
  for (const Event& event : generation.events) json["events"].push_back(to_json(event));
  return json;
}

// Readers throw what nlohmann throws; journal_from_json() makes a Result of it.

Event event_of(const Json& json) {
  return {.what = what_named(json.at("what").get<std::string>()),
          .time = json.at("time").get<std::int64_t>(),
          .who = {.uid = json.at("uid").get<std::uint32_t>(),
                  .user = json.at("user").get<std::string>(),
                  .from = json.at("from").get<std::string>()},
          .detail = json.value("detail", "")};
}

Generation generation_of(const Json& json) {
  Generation generation{.number = json.at("number").get<Number>(),
                        .directory = json.at("directory").get<std::string>(),
                        .backend = json.at("backend").get<std::string>(),
                        .comment = json.value("comment", ""),
                        .copy_of = {},
                        .events = {}};
  if (json.contains("copy_of")) generation.copy_of = json.at("copy_of").get<Number>();
  for (const Json& event : json.at("events")) generation.events.push_back(event_of(event));
  if (generation.events.empty()) throw std::invalid_argument("a generation without events");
  return generation;
}

Pending pending_of(const Json& json) {
  Pending pending{.generation = json.at("generation").get<Number>(), .deadline = {}};
  if (json.contains("deadline"))
    pending.deadline = Moment{.boot = json.at("deadline").at("boot").get<std::string>(),
                              .nanoseconds = json.at("deadline").at("nanoseconds").get<std::int64_t>()};
  return pending;
}

Journal journal_of(const Json& json) {
  if (json.at("format").get<int>() != kFormat)
    throw std::invalid_argument("it has another format, as if another version of the program had written it");
  Journal journal{.next = json.at("next").get<Number>(), .confirmed = {}, .pending = {}, .generations = {}};
  if (json.contains("confirmed")) journal.confirmed = json.at("confirmed").get<Number>();
  journal.is_cleared = json.value("cleared", false);
  if (json.contains("pending")) journal.pending = pending_of(json.at("pending"));
  for (const Json& generation : json.at("generations")) journal.generations.push_back(generation_of(generation));
  for (const auto& number :
       {journal.confirmed, journal.pending ? std::optional(journal.pending->generation) : std::nullopt})
    if (number && journal.find(*number) == nullptr) throw std::invalid_argument("it names a generation that it has not got");
  return journal;
}

}  // namespace

What what_named(std::string_view name) {
  for (const What what : kEveryWhat)
    if (name == to_string(what)) return what;
  throw std::invalid_argument("'" + std::string(name) + "' is no state of a generation");
}

std::string to_json(const Journal& journal) {
  Json json{{"format", kFormat}, {"next", journal.next}};
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

base::Result<Journal> journal_from_json(std::string_view text) {
  try {
    return journal_of(Json::parse(text));
  } catch (const std::exception& problem) {
    return base::failure(std::string("not a journal: ") + problem.what());
  }
}

}  // namespace vuurmuur::history
