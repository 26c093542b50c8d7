// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "history/journal.h"

namespace vuurmuur::edit {

/// A change that was made to a configuration.
struct AuditEntry {
  std::int64_t time = 0;  ///< seconds since 1970
  history::Actor who;
  std::string program;    ///< "vuurmuur_script"
  std::string directory;  ///< of the configuration
  std::string what;       ///< "group 'pcs.local.lan': MEMBER gets 'new9' as well"
  bool operator==(const AuditEntry&) const = default;
};

/// So large the log may become where no logrotate looks after it; then it is put aside as audit.log.old, over the one
/// that was.
inline constexpr std::uint64_t kAuditBytes = 16 << 20;

/// Appends a line to DIRECTORY/audit.log and brings it to the disk: a JSON object with time, uid, user, from, program,
/// directory and what. Lines of several processes do not mix.
[[nodiscard]] base::Result<void> append_audit(const std::string& directory, const AuditEntry& entry);

/// An entry as it stands in the log.
[[nodiscard]] nlohmann::ordered_json json_of(const AuditEntry& entry);
/// Back from what json_of() gave; nothing when it is something else.
[[nodiscard]] std::optional<AuditEntry> entry_from(const nlohmann::ordered_json& json);

/// A text of an entry on one line of a terminal: what is not to be printed is '?'.
[[nodiscard]] std::string printable(std::string_view text);

/// What was written down, the oldest first, with what was put aside. Lines that cannot be read (a power cut leaves
/// such) count for nothing.
[[nodiscard]] base::Result<std::vector<AuditEntry>> read_audit(const base::FileSystem& files,
                                                               const std::string& directory);

}  // namespace vuurmuur::edit
