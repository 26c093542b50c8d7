// SPDX-License-Identifier: GPL-2.0-or-later
// What is known of the daemon: org.vuurmuur.Manager's answers as values.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/line_diff.h"
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

/// Connections of Applied: what the rules say of live ones.
struct LiveConnections {
  bool is_enforced = false;  ///< ended and changed: they were, else they would be
  std::int64_t kept = 0, ended = 0, changed = 0, undecided = 0, failed = 0;
};

/// Applied: a generation that was put in force.
struct Applied {
  std::int64_t generation = 0;
  std::string directory, backend;
  std::int64_t rules = 0;
  std::optional<std::int64_t> goes_back_to;  ///< nothing: what comes back is no rules at all
  std::optional<std::int64_t> replaced;      ///< the generation that waited
  std::vector<std::string> warnings;
  std::string text;                      ///< the diagnostics of the configuration
  std::string lockout, lockout_unknown;  ///< that it refuses this session, or why that is not known
  std::optional<LiveConnections> connections;
};

/// A file of an answer to Compare.
struct Difference {
  std::string path, kind;  ///< "changed", "added" or "removed"
  std::vector<base::Hunk> hunks;
};

[[nodiscard]] Applied applied_from(const ipc::Json& json);
[[nodiscard]] std::vector<Difference> differences_from(const ipc::Json& json);
/// What an error says for people, whatever error it is.
[[nodiscard]] std::string message_of(const ipc::Reply& reply);
/// Whether it is an error of this name of org.vuurmuur.Manager.
[[nodiscard]] bool is_error(const ipc::Reply& reply, std::string_view name);
/// The value of a text in an answer; empty when there is none.
[[nodiscard]] std::string text_in(const ipc::Json& json, const char* key);

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

/// Somebody whom the daemon blocks, of Manager.Blocked.
struct TimedBlock {
  std::string address;                       ///< or a network
  std::optional<std::int64_t> seconds_left;  ///< nothing: until somebody unblocks him
};
[[nodiscard]] std::vector<TimedBlock> blocks_from(const ipc::Json& json);

/// A queue of Manager.Queues or, first to last, queues of the same rules that nobody listens to.
struct QueueLine {
  /// What counts since somebody listens.
  struct Consumer {
    std::int64_t port_id = 0, waiting = 0, packets = 0, dropped = 0, user_dropped = 0;
  };
  std::int64_t first = 0, last = 0;
  std::string state;     ///< "well", "unattended", "dropping" or "stuck"
  bool passes = false;   ///< what nobody listens to passes, else it is dropped
  std::vector<std::string> rules;  ///< that send there: "rule 3: nfqueue http from lan to inet"
  std::optional<Consumer> consumer;
};
[[nodiscard]] std::vector<QueueLine> queues_from(const ipc::Json& json);

/// Why a reply is an error, for people.
[[nodiscard]] std::string why_refused(const ipc::Reply& reply);

struct DaemonState {
  Link link = Link::Offline;
  std::string reason;  ///< why it is not there, for people
  Status status;
  Counters counters;
};

}  // namespace vuurmuur::app
