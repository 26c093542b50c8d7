// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "model/rule.h"

namespace vuurmuur::doctor {

/// How Suricata would be started, as far as files tell.
struct SuricataStart {
  std::vector<model::QueueRange> queues = {};     ///< of -q
  std::optional<std::string> configuration = {};  ///< of -c
  std::string other_source = {};                  ///< the option by which it reads packets otherwise: "--af-packet"
  bool has_workers = false;                       ///< --runmode workers
  std::string place = {};                         ///< where it is told: "/lib/systemd/system/suricata.service:12"
  std::string line = {};                          ///< the line there
  bool operator==(const SuricataStart&) const = default;
};

/// Reads a unit of systemd (ExecStart=, of which the last one counts, and an empty one takes back those before) or a
/// file of variables as Debian's /etc/default/suricata (LISTENMODE=nfqueue, NFQUEUE=0). Nothing when it tells nothing
/// of it.
[[nodiscard]] std::optional<SuricataStart> suricata_start_in(std::string_view text, const std::string& path);

/// The same of several files, of which the last one that tells counts; those that cannot be read are left out.
[[nodiscard]] std::optional<SuricataStart> read_suricata_start(const base::FileSystem& files,
                                                               const std::vector<std::string>& paths);

/// Where units and drop-ins of Suricata are, those that override others behind them. Debian's /etc/default/suricata is
/// the first one: only its old script of init reads it, so that a unit counts more.
[[nodiscard]] std::vector<std::string> suricata_start_files(const base::FileSystem& files);

}  // namespace vuurmuur::doctor
