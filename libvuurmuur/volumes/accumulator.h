// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "volumes/subject.h"

namespace vuurmuur::volumes {

/// What a counter of the kernel has at a moment.
struct Reading {
  Subject subject;
  std::uint32_t number = 0;   ///< of a rule, in the policy of that moment; 0: it has none
  Pair counts;                ///< since it began
  std::vector<Subject> also;  ///< who else what it counts is counted for
};

/// Everything that is known of a subject.
struct Entry {
  Subject subject;
  std::uint32_t number = 0;
  std::int64_t since = 0;  ///< when it was seen first, seconds since 1970
  std::int64_t hit = 0;    ///< when something of it was counted last, to the reading; 0: never since then
  Pair last;               ///< what its counter in the kernel had
  Pair total;              ///< all that was counted, over all beginnings of that counter
  Pair fresh;              ///< the part of it that no store has yet
  std::int64_t id = 0;     ///< in the store; 0: none yet
  bool is_changed = false; ///< the store has it otherwise
  bool operator==(const Entry&) const = default;
};

/// Turns readings of counters, which begin anew at each boot and whenever rules are loaded afresh, into what was
/// counted between them.
class Accumulator {
 public:
  /// Goes on from what a store knows. When that is of another boot, all counters of the kernel have begun anew. Also when
  /// readings were taken already, because the store could not be read before.
  void go_on(std::vector<Entry> known, bool is_same_boot);

  /// All counters of the kernel at a moment. One that has less than before began anew, and so did one that was not there
  /// before. The very first reading of all, when nothing is known yet, tells of a time that nobody can name: it is in
  /// the totals, but not fresh.
  void take(std::span<const Reading> readings, std::int64_t time);

  /// What counters had when they were gone or about to go, told later: those that have less than what is known already
  /// are left alone.
  void take_last(std::span<const Reading> readings, std::int64_t time);

  /// The counters of a kind are other ones from now on, which begin at zero.
  void begin_anew(Kind kind);

  [[nodiscard]] std::span<Entry> entries() { return entries_; }
  [[nodiscard]] std::span<const Entry> entries() const { return entries_; }
  /// Null when nothing is known of it.
  [[nodiscard]] const Entry* find(const Subject& subject) const;

  /// Whether it was in the last reading of all, itself or as one that another one counts for.
  [[nodiscard]] bool is_there(const Entry& entry) const;

  /// A store has it all by now.
  void note_written();
  /// A store that is empty is to get it all.
  void note_lost();
  /// Leaves out entries, which then are as if never seen.
  void forget(std::span<const std::int64_t> ids);

 private:
  enum class Less : std::uint8_t { BeganAnew, IsOld };
  void take(std::span<const Reading> readings, std::int64_t time, Less less, bool is_fresh);
  [[nodiscard]] std::uint32_t place_of(const Subject& subject, std::int64_t time);
  void make_index();

  std::vector<Entry> entries_;
  std::vector<bool> is_there_;  ///< as far as it goes
  /// Places in entries_ by a hash of the subject, so that no name is kept twice.
  std::unordered_multimap<std::size_t, std::uint32_t> index_;
  bool has_begun_ = false;
};

}  // namespace vuurmuur::volumes
