// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/generation_json.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace vuurmuur::control {
namespace {

std::optional<std::int64_t> seconds_left(const history::Moment& deadline, const history::Moment& now) {
  if (deadline.boot != now.boot) return std::nullopt;
  return std::max<std::int64_t>(0, (deadline.nanoseconds - now.nanoseconds + 999'999'999) / 1'000'000'000);
}

}  // namespace

nlohmann::ordered_json json_of(const history::Generation& generation, const history::Journal& journal) {
  nlohmann::ordered_json document{{"generation", generation.number},
                                  {"state", to_string(generation.state())},
                                  {"in_force", !journal.is_cleared && (journal.pending ? journal.pending->generation
                                                                                       : journal.confirmed) ==
                                                                          generation.number},
                                  {"directory", generation.directory},
                                  {"backend", generation.backend},
                                  {"comment", generation.comment}};
  document["copy_of"] = nullptr;
  if (generation.copy_of) document["copy_of"] = *generation.copy_of;
  for (const history::Event& event : generation.events)
    document["events"].push_back({{"what", to_string(event.what)},
                                  {"time", event.time},
                                  {"user", event.who.user},
                                  {"uid", event.who.uid},
                                  {"from", event.who.from},
                                  {"detail", event.detail}});
  return document;
}

history::Generation generation_from(const nlohmann::ordered_json& document) {
  history::Generation generation{.number = document.at("generation").get<history::Number>(),
                                 .directory = document.at("directory").get<std::string>(),
                                 .backend = document.at("backend").get<std::string>(),
                                 .comment = document.at("comment").get<std::string>(),
                                 .copy_of = {},
                                 .events = {}};
  if (!document.at("copy_of").is_null()) generation.copy_of = document.at("copy_of").get<history::Number>();
  for (const auto& event : document.at("events"))
    generation.events.push_back({.what = history::what_named(event.at("what").get<std::string>()).value(),
                                 .time = event.at("time").get<std::int64_t>(),
                                 .who = {.uid = event.at("uid").get<std::uint32_t>(),
                                         .user = event.at("user").get<std::string>(),
                                         .from = event.at("from").get<std::string>()},
                                 .detail = event.at("detail").get<std::string>()});
  if (generation.events.empty()) throw std::invalid_argument("a generation without events");
  return generation;
}

Status status_of(const history::Journal& journal, const Clock& clock) {
  Status status;
  const auto number = journal.pending ? std::optional(journal.pending->generation) : journal.confirmed;
  if (number) status.in_force = journal.find(*number);
  if (status.in_force != nullptr && !journal.is_cleared) status.drift = status.in_force->drift();
  if (!journal.generations.empty() && journal.generations.back().number != number)
    status.newest = &journal.generations.back();
  if (!journal.pending) {
    status.state = !number ? "idle" : journal.is_cleared ? "cleared" : "confirmed";
  } else if (!journal.pending->deadline) {
    status.state = "applying";
  } else {
    status.state = "awaiting confirmation";
    status.seconds_left = seconds_left(*journal.pending->deadline, clock.now());
  }
  return status;
}

nlohmann::ordered_json status_json(const history::Journal& journal, const Clock& clock,
                                   const std::optional<RefusedConfiguration>& refused,
                                   const std::optional<std::string>& waiting) {
  const Status status = status_of(journal, clock);
  nlohmann::ordered_json document{{"state", status.state}, {"generation", nullptr}, {"confirmed", nullptr}};
  if (status.in_force != nullptr) document["generation"] = json_of(*status.in_force, journal);
  if (journal.confirmed) document["confirmed"] = *journal.confirmed;
  document["drift"] = nullptr;
  if (status.drift != nullptr)
    document["drift"] = {
        {"time", status.drift->time}, {"program", status.drift->who.user}, {"detail", status.drift->detail}};
  document["newest"] = nullptr;
  if (status.newest != nullptr) document["newest"] = json_of(*status.newest, journal);
  document["refused"] = nullptr;
  if (refused) document["refused"] = json_of(*refused);
  document["waiting"] = nullptr;
  if (waiting) document["waiting"] = *waiting;
  if (status.seconds_left) document["seconds_left"] = *status.seconds_left;
  return document;
}

}  // namespace vuurmuur::control
