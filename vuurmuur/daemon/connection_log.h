// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "control/connection_event.h"
#include "log/journal.h"
#include "log/log_file.h"
#include "log/traffic_line.h"
#include "model/policy.h"

namespace vuurmuur::daemon {

/// Writes connections as they begin (connnew.log) and end (connections.log) into the directory of the logs and into the
/// journal, as the settings say. ConnectionWatch tells it of them.
class ConnectionLog {
 public:
  /// The settings in force from now on; null: none.
  void follow(const model::Settings* settings);
  [[nodiscard]] bool wants_events() const;
  /// Somebody moved the files.
  void reopen();

  void take(const control::ConnectionEvent& event);
  /// Stands in both files.
  void note(std::string_view text);
  /// Writes what was gathered.
  void finish_turn();

 private:
  struct File {
    std::unique_ptr<log::LogFile> file;
    std::uint64_t left_out = 0;  ///< lines that it has not, not told yet
  };
  void use(File& file, bool is_wanted, std::string_view name);
  void write(File& file, const control::ConnectionEvent& event);
  void write_note(File& file, std::string_view text);
  void flush(File& file);

  std::optional<model::Settings> settings_;
  File begun_, ended_;
  std::unique_ptr<log::Journal> journal_;
  log::TrafficLine stamp_;
  std::string line_, fields_;
};

}  // namespace vuurmuur::daemon
