// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/journal_events.h"

#include <nlohmann/json.hpp>

#include "base/memory_file_system.h"
#include "control/refused_configuration.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::control;
using history::Event;
using history::Journal;

namespace {

const history::Actor kAnna{.uid = 0, .user = "anna", .from = "192.0.2.7"};

Event event(std::int64_t time, std::string detail = {}) {
  return {.time = time, .who = kAnna, .detail = std::move(detail)};
}

std::vector<std::string> names(const std::vector<StateEvent>& events) {
  std::vector<std::string> names;
  for (const StateEvent& each : events) names.push_back(std::to_string(*each.generation) + " " + each.what);
  return names;
}

class FixedClock final : public Clock {
 public:
  [[nodiscard]] history::Moment now() const override { return {.boot = "b", .nanoseconds = 0}; }
  [[nodiscard]] std::int64_t wall_seconds() const override { return 77; }
};

}  // namespace

TEST_CASE("events are what one journal has and the one before has not") {
  Journal journal;
  CHECK(current_state(journal, FixedClock()) ==
        StateEvent{.what = "idle", .generation = {}, .time = 77, .who = {}, .detail = {}});
  const Journal empty = journal;
  history::begin(journal, "/etc/vuurmuur", "nft", event(1));
  const Journal applying = journal;
  CHECK(names(events_between(empty, applying)) == std::vector<std::string>{"1 applying"});
  CHECK(current_state(applying, FixedClock()).what == "applying");
  history::applied(journal, history::Moment{.boot = "b", .nanoseconds = 9}, event(2));
  const Journal waiting = journal;
  CHECK(names(events_between(applying, waiting)) == std::vector<std::string>{"1 awaiting confirmation"});
  CHECK(names(events_between(empty, waiting)) == std::vector<std::string>{"1 applying", "1 awaiting confirmation"});
  history::confirm(journal, event(3));
  history::begin(journal, "/etc/vuurmuur", "nft", event(4));
  history::dismiss(journal, event(5, "no room"));
  const auto events = events_between(waiting, journal);
  CHECK(names(events) == std::vector<std::string>{"1 confirmed", "2 applying", "2 refused"});
  CHECK(events.back() == StateEvent{.what = "refused", .generation = 2, .time = 5, .who = kAnna, .detail = "no room"});
  CHECK(events_between(journal, journal).empty());
  CHECK(current_state(journal, FixedClock()) ==
        StateEvent{.what = "confirmed", .generation = 1, .time = 3, .who = kAnna, .detail = {}});
}

TEST_CASE("of many happenings those are told that came since, also when the oldest are forgotten meanwhile") {
  Journal journal;
  history::begin(journal, "/etc/vuurmuur", "nft", event(1));
  history::applied(journal, {}, event(2));
  const auto drift = [&](std::int64_t time) {
    Event drifted = event(time, "changed");
    drifted.what = history::What::Drifted;
    history::happened(journal.generations.front(), std::move(drifted));
  };
  for (int i = 0; i < 20; ++i) drift(10 + i);
  const Journal before = journal;
  for (int i = 0; i < 3; ++i) drift(50 + i);
  const auto events = events_between(before, journal);
  REQUIRE(events.size() == 3);
  CHECK(events[0].time == 50);
  // More than are kept.
  for (int i = 0; i < 30; ++i) drift(100 + i);
  CHECK(events_between(before, journal).back().time == 129);
}

TEST_CASE("events and refused configurations come back as they were told") {
  const StateEvent with{.what = "confirmed", .generation = 7, .time = 5, .who = kAnna, .detail = "x"};
  const StateEvent without{.what = "compiling", .generation = {}, .time = 5, .who = kAnna, .detail = {}};
  CHECK(event_from(json_of(with)) == with);
  CHECK(event_from(json_of(without)) == without);
  CHECK_FALSE(event_from(nlohmann::ordered_json::object()));

  base::MemoryFileSystem files;
  CHECK_FALSE(read_refused(files, "/state"));
  const RefusedConfiguration refused{
      .time = 3, .who = kAnna, .directory = "/etc/vuurmuur", .message = "has errors", .text = "rules:1: error\n"};
  REQUIRE(keep_refused(files, "/state", refused));
  CHECK(read_refused(files, "/state") == refused);
  files.files["/state/refused.json"] = "{\"time\":";
  CHECK_FALSE(read_refused(files, "/state"));
  forget_refused(files, "/state");
  CHECK_FALSE(read_refused(files, "/state"));
}
