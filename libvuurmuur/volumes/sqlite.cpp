// SPDX-License-Identifier: GPL-2.0-or-later
#include "volumes/sqlite.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <utility>

namespace vuurmuur::volumes::sqlite {
namespace {

/// Result codes as errno: their first byte says what kind it is (https://sqlite.org/rescode.html).
int errno_of(sqlite3* database, int result) {
  switch (result & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return EUCLEAN;
    case SQLITE_FULL: return ENOSPC;
    case SQLITE_READONLY: return EROFS;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return EBUSY;
    case SQLITE_NOMEM: return ENOMEM;
    default: break;
  }
  const int code = sqlite3_system_errno(database);
  return code == 0 ? EIO : code;
}

std::unexpected<base::Error> error_of(sqlite3* database, int result) {
  const char* const file = sqlite3_db_filename(database, nullptr);
  return std::unexpected(base::Error{
      .message = fmt::format("'{}': {}", file == nullptr ? "" : file, sqlite3_errmsg(database)),
      .code = errno_of(database, result)});
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)), failure_(other.failure_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(statement_, other.statement_);
  std::swap(failure_, other.failure_);
  return *this;
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(int parameter, std::int64_t value) {
  if (const int result = sqlite3_bind_int64(statement_, parameter, value); result != SQLITE_OK) failure_ = result;
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  const int result =
      sqlite3_bind_text(statement_, parameter, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  if (result != SQLITE_OK) failure_ = result;
  return *this;
}

base::Result<bool> Statement::next() {
  const int result = failure_ != 0 ? std::exchange(failure_, 0) : sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) {
    sqlite3_reset(statement_);
    return false;
  }
  sqlite3* const database = sqlite3_db_handle(statement_);
  auto error = error_of(database, result);
  sqlite3_reset(statement_);
  return error;
}

base::Result<void> Statement::run() {
  while (VM_TRY(next())) {
  }
  return {};
}

std::int64_t Statement::number(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return text == nullptr ? std::string_view()
                         : std::string_view(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

base::Result<Database> Database::open(const std::string& path, Mode mode, int patience_milliseconds) {
  sqlite3* opened = nullptr;
  // One thread has it, and its path is no address of the web.
  const int flags = (mode == Mode::Write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX |
                    SQLITE_OPEN_EXRESCODE;
  const int result = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
  if (opened == nullptr) return base::system_error(fmt::format("open '{}'", path), ENOMEM);
  Database database(opened);
  if (result != SQLITE_OK)
    return std::unexpected(base::Error{.message = fmt::format("open '{}': {}", path, sqlite3_errmsg(opened)),
                                       .code = errno_of(opened, result)});
  sqlite3_busy_timeout(opened, patience_milliseconds);
  // What stands in a file may not make the program do anything (https://sqlite.org/security.html).
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  return database;
}

base::Result<Statement> Database::prepare(std::string_view sql) const {
  sqlite3_stmt* statement = nullptr;
  const int result =
      sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (result != SQLITE_OK) return error_of(database_.get(), result);
  return Statement(statement);
}

base::Result<void> Database::run(const std::string& sql) const {
  const int result = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return error_of(database_.get(), result);
  return {};
}

base::Result<std::int64_t> Database::number(std::string_view sql) const {
  Statement statement = VM_TRY(prepare(sql));
  return VM_TRY(statement.next()) ? statement.number(0) : 0;
}

std::int64_t Database::last_id() const { return sqlite3_last_insert_rowid(database_.get()); }

base::Result<Transaction> Transaction::begin(const Database& database) {
  VM_TRY_VOID(database.run("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::~Transaction() {
  // What failed may have been rolled back already.
  if (database_ != nullptr) static_cast<void>(database_->run("ROLLBACK"));
}

base::Result<void> Transaction::commit() {
  VM_TRY_VOID(database_->run("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace vuurmuur::volumes::sqlite
