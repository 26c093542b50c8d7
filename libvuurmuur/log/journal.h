// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/unique_fd.h"
#include "log/entry.h"
#include "log/traffic_line.h"

namespace vuurmuur::log {

/// Where the journal of systemd listens (systemd.journal-fields(7), "Native Journal Protocol").
inline constexpr std::string_view kJournalSocket = "/run/systemd/journal/socket";

/// Appends the fields of an entry as the journal takes them: MESSAGE, PRIORITY, SYSLOG_IDENTIFIER, and VUURMUUR_ACTION,
/// VUURMUUR_SOURCE, VUURMUUR_RULE… for all that there is of those in json_line.h.
void append_journal_fields(std::string& out, const Entry& entry, const TrafficLine& line);

/// Appends a field of the journal: "VUURMUUR_RULE=…" with its line break, or nothing for an empty value. What others could
/// have chosen is escaped.
void append_journal_field(std::string& out, std::string_view key, std::string_view value);
void append_journal_field(std::string& out, std::string_view key, std::uint64_t value);

/// Sends entries to the journal, one datagram each, without ever waiting for it.
class Journal {
 public:
  explicit Journal(std::string path = std::string(kJournalSocket)) : path_(std::move(path)) {}

  void add(const Entry& entry);
  /// A message that is escaped already, with fields as append_journal_field() makes them.
  void add(std::string_view message, std::string_view fields);
  /// A message that is no entry.
  void add_message(std::string_view message);

  /// Entries that the journal did not take since the last call: it is not there, or slower than what comes.
  [[nodiscard]] std::uint64_t take_left_out() { return std::exchange(left_out_, 0); }

 private:
  void send();

  std::string path_;
  base::UniqueFd socket_;
  std::string datagram_;
  TrafficLine line_;
  std::uint64_t left_out_ = 0;
};

}  // namespace vuurmuur::log
