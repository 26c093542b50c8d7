// SPDX-License-Identifier: GPL-2.0-or-later
#include "volumes/store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "volumes/sqlite.h"

namespace vuurmuur::volumes {
namespace {

/// PRAGMA user_version of the tables below.
constexpr std::int64_t kVersion = 1;

/// "1" and "2" are the two of a Pair. An id is never used again (AUTOINCREMENT): rows of a subject that is forgotten
/// belong to nobody, until they are over the limits themselves.
constexpr const char* kTables = R"(
CREATE TABLE state(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE subjects(
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL,
  since INTEGER NOT NULL, hit INTEGER NOT NULL, seen INTEGER NOT NULL,
  last_packets1 INTEGER NOT NULL, last_bytes1 INTEGER NOT NULL, last_packets2 INTEGER NOT NULL, last_bytes2 INTEGER NOT NULL,
  packets1 INTEGER NOT NULL, bytes1 INTEGER NOT NULL, packets2 INTEGER NOT NULL, bytes2 INTEGER NOT NULL);
CREATE TABLE amounts(
  period INTEGER NOT NULL, kind INTEGER NOT NULL, start INTEGER NOT NULL, subject INTEGER NOT NULL,
  packets1 INTEGER NOT NULL, bytes1 INTEGER NOT NULL, packets2 INTEGER NOT NULL, bytes2 INTEGER NOT NULL,
  PRIMARY KEY(period, kind, start, subject)) WITHOUT ROWID;
CREATE TABLE buckets(period INTEGER NOT NULL, start INTEGER NOT NULL, rows INTEGER NOT NULL,
  PRIMARY KEY(period, start)) WITHOUT ROWID;
PRAGMA user_version = 1;
)";

constexpr std::string_view kAddSubject =
    "INSERT INTO subjects(kind, name, number, since, hit, seen, last_packets1, last_bytes1, last_packets2, last_bytes2,"
    " packets1, bytes1, packets2, bytes2) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
constexpr std::string_view kChangeSubject =
    "UPDATE subjects SET number = ?3, hit = ?5, seen = ?6, last_packets1 = ?7, last_bytes1 = ?8, last_packets2 = ?9,"
    " last_bytes2 = ?10, packets1 = ?11, bytes1 = ?12, packets2 = ?13, bytes2 = ?14 WHERE id = ?15";
constexpr std::string_view kAddAmount =
    "INSERT INTO amounts VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET packets1 = packets1 + ?5,"
    " bytes1 = bytes1 + ?6, packets2 = packets2 + ?7, bytes2 = bytes2 + ?8";
// All kinds that there are or will be: a lookup for each.
constexpr std::string_view kCountBucket =
    "INSERT OR REPLACE INTO buckets SELECT ?1, ?2, count(*) FROM amounts WHERE period = ?1 AND kind IN (1, 2, 3, 4, 5, 6, 7)"
    " AND start = ?2";
constexpr std::string_view kEmptyBucket =
    "DELETE FROM amounts WHERE period = ?1 AND kind IN (1, 2, 3, 4, 5, 6, 7) AND start = ?2";
constexpr std::string_view kFind =
    "SELECT a.start, s.name, s.number, a.packets1, a.bytes1, a.packets2, a.bytes2"
    " FROM amounts AS a JOIN subjects AS s ON s.id = a.subject"
    " WHERE a.period = ?1 AND a.kind = ?2 AND a.start >= ?3 AND a.start < ?4"
    " ORDER BY a.start DESC, a.bytes1 + a.bytes2 DESC, a.packets1 + a.packets2 DESC, a.subject LIMIT ?5";

std::int64_t signed_of(std::uint64_t value) { return static_cast<std::int64_t>(value); }

void bind_pair(sqlite::Statement& statement, int parameter, const Pair& pair) {
  statement.bind(parameter, signed_of(pair.first.packets))
      .bind(parameter + 1, signed_of(pair.first.bytes))
      .bind(parameter + 2, signed_of(pair.second.packets))
      .bind(parameter + 3, signed_of(pair.second.bytes));
}

Pair pair_in(const sqlite::Statement& row, int column) {
  const auto value = [&](int at) { return static_cast<std::uint64_t>(row.number(column + at)); };
  return {.first = {.packets = value(0), .bytes = value(1)}, .second = {.packets = value(2), .bytes = value(3)}};
}

/// 0: nothing was written into it yet.
base::Result<std::int64_t> read_version(const sqlite::Database& database, const std::string& path) {
  const std::int64_t version = VM_TRY(database.number("PRAGMA user_version"));
  if (version > kVersion)
    return std::unexpected(base::Error{
        .message = fmt::format("'{}' was written by a newer program (version {})", path, version), .code = ENOTSUP});
  // A file of SQLite that is somebody else's.
  if (version < 0 || (version == 0 && VM_TRY(database.number("SELECT count(*) FROM sqlite_schema")) != 0))
    return std::unexpected(base::Error{.message = fmt::format("'{}' holds no volumes", path), .code = EUCLEAN});
  return version;
}

}  // namespace

struct Store::Parts {
  Limits limits;
  sqlite::Database database;

  [[nodiscard]] base::Result<void> write_subjects(std::span<const Entry> entries, std::vector<std::int64_t>& ids,
                                                  std::int64_t time) const;
  [[nodiscard]] base::Result<void> add_amounts(std::span<const Entry> entries, std::span<const std::int64_t> ids,
                                               std::int64_t time) const;
  [[nodiscard]] base::Result<void> write_state(const State& state) const;
  [[nodiscard]] base::Result<void> prune(Period period, std::int64_t current) const;
  [[nodiscard]] base::Result<std::vector<std::int64_t>> prune_subjects(std::size_t count) const;
};

Store::Store(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

base::Result<Store> Store::open(const std::string& path, const Limits& limits) {
  // Others may read for a moment; nobody else writes. Who waits here is the whole daemon.
  constexpr int kPatience = 100;
  auto database = VM_TRY(sqlite::Database::open(path, sqlite::Mode::Write, kPatience));
  // With a write-ahead log readers do not keep the writer out, nor he them, and a transaction is one sync of one file.
  // FULL: it is on the disk when it is done, so a power cut loses what came since the last one and no more. All of it is
  // said before the first look into the file, which may find that it is none.
  VM_TRY_VOID(database.run("PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                           "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4000; PRAGMA journal_size_limit = 8000000"));
  if (limits.pages != 0) VM_TRY_VOID(database.run(fmt::format("PRAGMA max_page_count = {}", limits.pages)));
  if (VM_TRY(read_version(database, path)) == 0) {
    auto transaction = VM_TRY(sqlite::Transaction::begin(database));
    VM_TRY_VOID(database.run(kTables));
    VM_TRY_VOID(transaction.commit());
  }
  return Store(std::make_unique<Parts>(Parts{.limits = limits, .database = std::move(database)}));
}

base::Result<Store> Store::open_to_read(const std::string& path) {
  constexpr int kPatience = 2000;
  auto database = VM_TRY(sqlite::Database::open(path, sqlite::Mode::Read, kPatience));
  if (VM_TRY(read_version(database, path)) == 0)
    return std::unexpected(base::Error{.message = fmt::format("'{}' is empty", path), .code = ENOENT});
  return Store(std::make_unique<Parts>(Parts{.limits = {}, .database = std::move(database)}));
}

base::Result<State> Store::read_state() const {
  State state;
  auto row = VM_TRY(parts_->database.prepare("SELECT name, value FROM state"));
  while (VM_TRY(row.next())) {
    if (row.text(0) == "boot") state.boot = row.text(1);
    if (row.text(0) == "backend") state.backend = row.text(1);
    if (row.text(0) == "generation") state.generation = static_cast<std::uint64_t>(row.number(1));
  }
  return state;
}

base::Result<std::vector<Entry>> Store::read_entries() const {
  std::vector<Entry> entries;
  auto row = VM_TRY(parts_->database.prepare(
      "SELECT id, kind, name, number, since, hit, last_packets1, last_bytes1, last_packets2, last_bytes2,"
      " packets1, bytes1, packets2, bytes2 FROM subjects ORDER BY id"));
  while (VM_TRY(row.next()))
    entries.push_back({.subject = {.kind = static_cast<Kind>(row.number(1)), .name = std::string(row.text(2))},
                       .number = static_cast<std::uint32_t>(row.number(3)),
                       .since = row.number(4),
                       .hit = row.number(5),
                       .last = pair_in(row, 6),
                       .total = pair_in(row, 10),
                       .fresh = {},
                       .id = row.number(0)});
  return entries;
}

base::Result<Found> Store::find(const Query& query) const {
  Found found;
  auto row = VM_TRY(parts_->database.prepare(kFind));
  row.bind(1, static_cast<std::int64_t>(query.period))
      .bind(2, static_cast<std::int64_t>(query.by))
      .bind(3, query.since)
      .bind(4, query.until)
      .bind(5, static_cast<std::int64_t>(query.most) + 1);
  while (VM_TRY(row.next())) {
    if (found.volumes.size() == query.most) {
      found.is_complete = false;
      break;
    }
    found.volumes.push_back({.time = row.number(0),
                             .name = std::string(row.text(1)),
                             .number = static_cast<std::uint32_t>(row.number(2)),
                             .counts = pair_in(row, 3)});
  }
  return found;
}

base::Result<void> Store::write(Accumulator& accumulator, const State& state, std::int64_t time) {
  const std::span<Entry> entries = accumulator.entries();
  std::vector<std::int64_t> ids(entries.size()), forgotten;
  const auto in_one_transaction = [&]() -> base::Result<void> {
    auto transaction = VM_TRY(sqlite::Transaction::begin(parts_->database));
    VM_TRY_VOID(parts_->write_subjects(entries, ids, time));
    VM_TRY_VOID(parts_->add_amounts(entries, ids, time));
    VM_TRY_VOID(parts_->write_state(state));
    for (const Period period : kPeriods) VM_TRY_VOID(parts_->prune(period, start_of(period, time)));
    forgotten = VM_TRY(parts_->prune_subjects(entries.size()));
    return transaction.commit();
  };
  VM_TRY_VOID(in_one_transaction());
  for (std::size_t i = 0; i < entries.size(); ++i) entries[i].id = ids[i];
  accumulator.note_written();
  if (!forgotten.empty()) accumulator.forget(forgotten);
  return {};
}

base::Result<void> Store::Parts::write_subjects(std::span<const Entry> entries, std::vector<std::int64_t>& ids,
                                                std::int64_t time) const {
  auto add = VM_TRY(database.prepare(kAddSubject)), change = VM_TRY(database.prepare(kChangeSubject));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Entry& entry = entries[i];
    ids[i] = entry.id;
    if (!entry.is_changed) continue;
    sqlite::Statement& statement = entry.id == 0 ? add : change;
    if (entry.id == 0) {
      statement.bind(1, static_cast<std::int64_t>(entry.subject.kind)).bind(2, entry.subject.name).bind(4, entry.since);
    } else {
      statement.bind(15, entry.id);
    }
    statement.bind(3, static_cast<std::int64_t>(entry.number)).bind(5, entry.hit).bind(6, time);
    bind_pair(statement, 7, entry.last);
    bind_pair(statement, 11, entry.total);
    VM_TRY_VOID(statement.run());
    if (entry.id == 0) ids[i] = database.last_id();
  }
  return {};
}

base::Result<void> Store::Parts::add_amounts(std::span<const Entry> entries, std::span<const std::int64_t> ids,
                                             std::int64_t time) const {
  auto add = VM_TRY(database.prepare(kAddAmount)), count = VM_TRY(database.prepare(kCountBucket));
  const bool is_anything_fresh =
      std::ranges::any_of(entries, [](const Entry& entry) { return !entry.fresh.is_zero(); });
  if (!is_anything_fresh) return {};
  for (const Period period : kPeriods) {
    const std::int64_t start = start_of(period, time);
    add.bind(1, static_cast<std::int64_t>(period)).bind(3, start);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].fresh.is_zero()) continue;
      add.bind(2, static_cast<std::int64_t>(entries[i].subject.kind)).bind(4, ids[i]);
      bind_pair(add, 5, entries[i].fresh);
      VM_TRY_VOID(add.run());
    }
    VM_TRY_VOID(count.bind(1, static_cast<std::int64_t>(period)).bind(2, start).run());
  }
  return {};
}

base::Result<void> Store::Parts::write_state(const State& state) const {
  auto write = VM_TRY(database.prepare("INSERT OR REPLACE INTO state VALUES(?1, ?2)"));
  VM_TRY_VOID(write.bind(1, "boot").bind(2, state.boot).run());
  VM_TRY_VOID(write.bind(1, "backend").bind(2, state.backend).run());
  const std::string generation = fmt::format("{}", state.generation);
  VM_TRY_VOID(write.bind(1, "generation").bind(2, generation).run());
  return {};
}

base::Result<void> Store::Parts::prune(Period period, std::int64_t current) const {
  const auto number = static_cast<std::int64_t>(period);
  const std::int64_t most = limits.buckets[static_cast<std::size_t>(period)];
  auto sums = VM_TRY(database.prepare("SELECT count(*), coalesce(sum(rows), 0) FROM buckets WHERE period = ?1"));
  auto oldest = VM_TRY(database.prepare("SELECT min(start) FROM buckets WHERE period = ?1 AND start <> ?2"));
  auto empty = VM_TRY(database.prepare(kEmptyBucket));
  auto remove = VM_TRY(database.prepare("DELETE FROM buckets WHERE period = ?1 AND start = ?2"));
  sums.bind(1, number);
  oldest.bind(1, number).bind(2, current);
  // One comes in a write, so a few that go keep up with it, and take no time at once.
  for (int removed = 0; removed < 4; ++removed) {
    if (!VM_TRY(sums.next())) return {};
    const std::int64_t count = sums.number(0), rows = sums.number(1);
    VM_TRY_VOID(sums.run());
    if (count <= 1 || (count <= most && rows <= limits.rows)) return {};
    if (!VM_TRY(oldest.next())) return {};
    const std::int64_t start = oldest.number(0);
    VM_TRY_VOID(oldest.run());
    VM_TRY_VOID(empty.bind(1, number).bind(2, start).run());
    VM_TRY_VOID(remove.bind(1, number).bind(2, start).run());
  }
  return {};
}

/// Of too many, a tenth more than needed goes, those first that were not seen for longest: the ids that went.
base::Result<std::vector<std::int64_t>> Store::Parts::prune_subjects(std::size_t count) const {
  std::vector<std::int64_t> gone;
  const std::int64_t over = static_cast<std::int64_t>(count) - limits.subjects;
  if (over <= 0) return gone;
  auto find = VM_TRY(database.prepare("SELECT id FROM subjects ORDER BY seen, id LIMIT ?1"));
  find.bind(1, over + limits.subjects / 10);
  while (VM_TRY(find.next())) gone.push_back(find.number(0));
  auto remove = VM_TRY(database.prepare("DELETE FROM subjects WHERE id = ?1"));
  for (const std::int64_t id : gone) VM_TRY_VOID(remove.bind(1, id).run());
  return gone;
}

base::Result<void> put_aside(const std::string& path) {
  if (std::rename(path.c_str(), (path + ".damaged").c_str()) != 0)
    return base::system_error(fmt::format("put '{}' aside", path), errno);
  for (const char* beside : {"-wal", "-shm"}) static_cast<void>(::unlink((path + beside).c_str()));
  return {};
}

}  // namespace vuurmuur::volumes
