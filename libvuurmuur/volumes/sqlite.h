// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace vuurmuur::volumes::sqlite {

enum class Mode : std::uint8_t { Read, Write };

/// A statement that was prepared, for as long as its database is open. Parameters are numbered from 1, columns from 0.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  Statement& bind(int parameter, std::int64_t value);
  /// The text has to live until the statement was run.
  Statement& bind(int parameter, std::string_view text);

  /// Whether there is a (further) row. After the last one, and after an error, it can be run again.
  [[nodiscard]] base::Result<bool> next();
  /// Runs it to its end.
  [[nodiscard]] base::Result<void> run();

  [[nodiscard]] std::int64_t number(int column) const;
  /// Valid until next().
  [[nodiscard]] std::string_view text(int column) const;

 private:
  friend class Database;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  sqlite3_stmt* statement_ = nullptr;
  int failure_ = 0;  ///< of a bind
};

/// A file of SQLite. Codes of its errors: EUCLEAN when the file is damaged or none of SQLite's, ENOSPC when there is no room
/// or it may not grow, EROFS when it cannot be written, EBUSY when another process has it, else the system's or EIO.
class Database {
 public:
  /// Opens a file that is there. `patience`: how long to wait for other processes.
  [[nodiscard]] static base::Result<Database> open(const std::string& path, Mode mode, int patience_milliseconds);

  [[nodiscard]] base::Result<Statement> prepare(std::string_view sql) const;
  /// Statements without results, one or several.
  [[nodiscard]] base::Result<void> run(const std::string& sql) const;
  /// The only number that a statement gives.
  [[nodiscard]] base::Result<std::int64_t> number(std::string_view sql) const;

  [[nodiscard]] std::int64_t last_id() const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  explicit Database(sqlite3* database) : database_(database) {}
  std::unique_ptr<sqlite3, Close> database_;
};

/// Everything since it began or nothing, unless it is committed.
class Transaction {
 public:
  [[nodiscard]] static base::Result<Transaction> begin(const Database& database);
  Transaction(Transaction&& other) noexcept : database_(other.database_) { other.database_ = nullptr; }
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  [[nodiscard]] base::Result<void> commit();

 private:
  explicit Transaction(const Database& database) : database_(&database) {}
  const Database* database_;
};

}  // namespace vuurmuur::volumes::sqlite
