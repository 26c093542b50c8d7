// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/journal_events.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "control/generation_json.h"

namespace vuurmuur::control {
namespace {

using Json = nlohmann::ordered_json;

std::string name_of(history::What what) {
  return what == history::What::Applied ? "awaiting confirmation" : std::string(to_string(what));
}

StateEvent event_of(const history::Generation& generation, const history::Event& event) {
  return {.what = name_of(event.what),
          .generation = generation.number,
          .time = event.time,
          .who = event.who,
          .detail = event.detail};
}

}  // namespace

StateEvent current_state(const history::Journal& journal, const Clock& clock) {
  const Status status = status_of(journal, clock);
  StateEvent event{.what = status.state, .generation = {}, .time = clock.wall_seconds(), .who = {}, .detail = {}};
  if (status.in_force == nullptr) return event;
  // Cleared is what happened to it last, not what it is.
  const history::Event& last = journal.is_cleared ? status.in_force->events.back() : status.in_force->state_event();
  event.generation = status.in_force->number;
  event.time = last.time;
  event.who = last.who;
  return event;
}

std::vector<StateEvent> events_between(const history::Journal& before, const history::Journal& after) {
  std::vector<StateEvent> events;
  for (const history::Generation& generation : after.generations) {
    const history::Generation* known = before.find(generation.number);
    auto first = generation.events.begin();
    if (known != nullptr) {
      // The oldest happenings go when there are many: what was the last one is looked for from the end.
      const auto last = std::find(generation.events.rbegin(), generation.events.rend(), known->events.back());
      first = last == generation.events.rend() ? generation.events.end() - 1 : last.base();
    }
    for (auto event = first; event != generation.events.end(); ++event) events.push_back(event_of(generation, *event));
  }
  return events;
}

Json json_of(const StateEvent& event) {
  Json document{{"event", event.what},  {"generation", nullptr},  {"time", event.time},    {"user", event.who.user},
                {"uid", event.who.uid}, {"from", event.who.from}, {"detail", event.detail}};
  if (event.generation) document["generation"] = *event.generation;
  return document;
}

std::optional<StateEvent> event_from(const Json& document) {
  try {
    StateEvent event{.what = document.at("event").get<std::string>(),
                     .generation = {},
                     .time = document.at("time").get<std::int64_t>(),
                     .who = {.uid = document.at("uid").get<std::uint32_t>(),
                             .user = document.at("user").get<std::string>(),
                             .from = document.at("from").get<std::string>()},
                     .detail = document.at("detail").get<std::string>()};
    if (!document.at("generation").is_null()) event.generation = document.at("generation").get<history::Number>();
    return event;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace vuurmuur::control
