// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "volumes/accumulator.h"
#include "volumes/period.h"
#include "volumes/subject.h"

namespace vuurmuur::volumes {

/// How much is kept. What is over goes, the oldest first; time that has passed removes nothing, so a clock that is wrong
/// for a while costs nothing.
struct Limits {
  /// Minutes, hours, days and months in which anything was counted: 2 days, 60 days, 3 years and 20 years.
  std::array<std::int64_t, kPeriods.size()> buckets{2 * 1440, 60 * 24, 3 * 366, 20 * 12};
  /// Rows of each period, one for each subject that something was counted for in each minute (hour…). Some 28 bytes a row.
  std::int64_t rows = 500'000;
  std::int64_t subjects = 200'000;
  /// Of 4,096 bytes that the file may have; 0: as many as it takes.
  std::int64_t pages = 0;
};

/// What a store's readings are of.
struct State {
  std::string boot;              ///< the boot ID
  std::uint64_t generation = 0;  ///< in force then; 0: none
  std::string backend;           ///< of that generation
  bool operator==(const State&) const = default;
};

/// Volumes to look for.
struct Query {
  Kind by = Kind::Interface;
  Period period = Period::Day;
  std::int64_t since = 0, until = 0;  ///< those that began then or later, and earlier than that; seconds since 1970
  std::size_t most = 1000;
};

/// What was counted for a subject in a minute, an hour, a day or a month.
struct Volume {
  std::int64_t time = 0;  ///< when that began
  std::string name;
  std::uint32_t number = 0;  ///< of a rule, the last that it had
  Pair counts;
  bool operator==(const Volume&) const = default;
};

struct Found {
  std::vector<Volume> volumes;  ///< the newest first, of one time the largest first
  bool is_complete = true;      ///< false: there are more
};

/// Volumes in a file of SQLite. Codes of its errors are those of sqlite::Database, and ENOTSUP when a newer program wrote
/// the file.
class Store {
 public:
  /// A file that is there and may be empty: then it is made a store.
  [[nodiscard]] static base::Result<Store> open(const std::string& path, const Limits& limits = {});
  /// One that is there and stays as it is, beside whoever writes it.
  [[nodiscard]] static base::Result<Store> open_to_read(const std::string& path);
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  [[nodiscard]] base::Result<State> read_state() const;
  /// All subjects, by their ids.
  [[nodiscard]] base::Result<std::vector<Entry>> read_entries() const;
  [[nodiscard]] base::Result<Found> find(const Query& query) const;

  /// Adds what is fresh to the minute, hour, day and month of `time`, keeps what else is new, and removes what is over the
  /// limits: one transaction. When that fails, store and accumulator are what they were.
  [[nodiscard]] base::Result<void> write(Accumulator& accumulator, const State& state, std::int64_t time);

 private:
  struct Parts;
  explicit Store(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// Renames a file that is damaged to "….damaged", in place of an older one, with all that SQLite keeps beside it gone.
[[nodiscard]] base::Result<void> put_aside(const std::string& path);

}  // namespace vuurmuur::volumes
