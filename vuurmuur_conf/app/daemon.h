// SPDX-License-Identifier: GPL-2.0-or-later
// What is known of the daemon: org.vuurmuur.Manager's answers as values.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ipc/varlink.h"

namespace vuurmuur::app {

enum class Link : std::uint8_t {
  Offline,  ///< nobody is to be asked
  Lost,     ///< it does not answer; tried again
  There,
};

struct EventEntry {
  std::string what, user, from, detail;
  std::int64_t time = 0;  ///< seconds since 1970
};

struct Generation {
  std::int64_t number = 0;
  std::string state, directory, backend, comment;
  bool is_in_force = false;
  std::vector<EventEntry> events;
};

/// Manager.Status.
struct Status {
  std::string state;  ///< "idle", "confirmed", "applying", "awaiting confirmation", "cleared"
  std::optional<Generation> generation, newest;
  std::optional<std::int64_t> confirmed;
  std::string drift;                  ///< who changed what; empty: nobody
  std::string refused, refused_text;  ///< why the last configuration did not become a generation, and its diagnostics
  std::optional<std::int64_t> seconds_left;
  std::int64_t asked = 0;  ///< when, on the model's clock: what seconds_left counts from

  [[nodiscard]] bool is_waiting() const { return seconds_left.has_value(); }
};

[[nodiscard]] Generation generation_from(const ipc::Json& json);
[[nodiscard]] Status status_from(const ipc::Json& json);

struct RuleRate {
  std::int64_t packets = 0, bytes = 0;
  double packets_per_second = 0, bytes_per_second = 0;
};

struct TwoWayRate {
  std::string name;
  RuleRate in, out;
};

/// A sample of Manager.WatchCounters.
struct Counters {
  std::int64_t time = 0;
  double seconds = 0;
  std::map<std::string, RuleRate> rules;  ///< by "accept http from lan to inet"; of equal ones the sum
  std::vector<TwoWayRate> zones, interfaces;
};
[[nodiscard]] Counters counters_from(const ipc::Json& json);

struct DaemonState {
  Link link = Link::Offline;
  std::string reason;  ///< why it is not there, for people
  Status status;
  Counters counters;
};

}  // namespace vuurmuur::app
