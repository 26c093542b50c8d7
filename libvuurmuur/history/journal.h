// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// What was applied, by whom, and what is to be in force: the one file that decides after a crash.
namespace vuurmuur::history {

/// Numbers generations from 1; never used twice.
using Number = std::uint64_t;

/// Who did something.
struct Actor {
  std::uint32_t uid = 0;  ///< of the process
  std::string user;       ///< login name; behind sudo that of the person
  std::string from;       ///< "192.0.2.7" when over SSH, else empty
  bool operator==(const Actor&) const = default;
};

enum class What : std::uint8_t {
  Applying,    ///< begun; nobody knows yet how it ends
  Applied,     ///< in force, waits to be confirmed
  Confirmed,   ///< in force for good
  RolledBack,  ///< taken back, an earlier one is in force
  Refused,     ///< the kernel or the machine refused; nothing changed
  // What happens to one in force, which stays what it is:
  Drifted,   ///< another program changed rules of ours
  Repaired,  ///< they are what they shall be again
  Cleared,   ///< all rules were taken out of the kernel
};
[[nodiscard]] std::string_view to_string(What what);  ///< "rolled back"
/// Back from to_string().
[[nodiscard]] std::optional<What> what_named(std::string_view name);
/// Whether a generation is that, and not only something that happened to it.
[[nodiscard]] constexpr bool is_state(What what) { return what < What::Drifted; }

struct Event {
  What what = What::Applying;
  std::int64_t time = 0;  ///< seconds since 1970, by the machine's clock: for people, nothing depends on it
  Actor who;
  std::string detail;  ///< why, for people; may be empty
  bool operator==(const Event&) const = default;
};

/// A configuration that was applied, or was to be.
struct Generation {
  Number number = 0;
  std::string directory;           ///< of the configuration, as it was named
  std::string backend;             ///< "xtables" or "nft"
  std::string comment;             ///< of who applied it
  std::optional<bool> comments{};  ///< whether its rules carry their origin as a comment; nothing: as their number says
  std::optional<Number> copy_of;   ///< of a roll back: the generation whose configuration it is
  std::vector<Event> events;       ///< never empty, oldest first

  [[nodiscard]] What state() const { return state_event().what; }
  /// The event that made it what it is.
  [[nodiscard]] const Event& state_event() const;
  /// The last event when rules of it were changed by another program and are not what they shall be yet.
  [[nodiscard]] const Event* drift() const;
  bool operator==(const Generation&) const = default;
};

/// A moment on the clock that nobody can set: CLOCK_BOOTTIME of one boot of the machine.
struct Moment {
  std::string boot;  ///< the boot ID, without hyphens
  std::int64_t nanoseconds = 0;
  bool operator==(const Moment&) const = default;
};

/// A generation that is neither confirmed nor taken back yet.
struct Pending {
  Number generation = 0;
  /// When it is taken back unless it was confirmed before; nothing while it is being applied.
  std::optional<Moment> deadline;
  bool operator==(const Pending&) const = default;
};

struct Journal {
  Number next = 1;
  std::optional<Number> confirmed;  ///< the one to go back to; nothing before the first
  std::optional<Pending> pending;
  bool is_cleared = false;              ///< the rules were taken out of the kernel since the confirmed one was loaded
  std::vector<Generation> generations;  ///< oldest first

  [[nodiscard]] const Generation* find(Number number) const;
  [[nodiscard]] Generation* find(Number number);
  bool operator==(const Journal&) const = default;
};

/// So many generations are kept.
inline constexpr std::size_t kKeptGenerations = 50;

/// A generation that begins now; it is pending.
Generation& begin(Journal& journal, std::string directory, std::string backend, Event event);
/// The pending generation is in force; taken back at `deadline` unless it is confirmed, or confirmed at once.
void applied(Journal& journal, std::optional<Moment> deadline, Event event);
/// The pending generation is confirmed.
void confirm(Journal& journal, Event event);
/// The pending generation is not in force (any more).
void dismiss(Journal& journal, Event event);

/// So many events of is_state() being false a generation keeps; older ones go.
inline constexpr std::size_t kKeptHappenings = 20;
/// Something happened to a generation in force.
void happened(Generation& generation, Event event);

/// Numbers of those that are too old to be kept, which are taken out of the journal. The confirmed and the pending one
/// stay.
[[nodiscard]] std::vector<Number> prune(Journal& journal, std::size_t keep = kKeptGenerations);

/// What a start has to do with what the last run left.
struct Recovery {
  enum class Kind : std::uint8_t {
    Nothing,  ///< the confirmed generation should be in force
    Wait,     ///< the pending generation waits for its confirmation until the deadline
    GoBack,   ///< the pending generation must be taken back
  };
  Kind kind = Kind::Nothing;
  std::string reason;  ///< of a GoBack, for people
};
[[nodiscard]] Recovery recovery(const Journal& journal, const Moment& now);

/// The form of the file. One that is newer was written by a newer program and is not read.
inline constexpr int kJournalFormat = 1;

[[nodiscard]] std::string to_json(const Journal& journal);
/// Fails on what to_json() would not write. The error says at which line and what was expected there; its code is
/// EPROTO for a file of another format, and EBADMSG for one that is damaged.
[[nodiscard]] base::Result<Journal> journal_from_json(std::string_view text);

}  // namespace vuurmuur::history
