// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/file_system.h"
#include "base/result.h"
#include "diag/diagnostic.h"
#include "diag/source.h"
#include "saved/read.h"
#include "saved/sets.h"
#include "saved/walk.h"

namespace vuurmuur::cli {

/// A family's rules as iptables-save wrote them, and sets as ipset did. Stays where it is: what walks through the rules
/// points into it.
struct SavedRules {
  diag::SourceMap sources;
  diag::Sink sink;
  saved::Ruleset ruleset;
  saved::Sets sets;

  SavedRules() = default;
  SavedRules(const SavedRules&) = delete;
  SavedRules& operator=(const SavedRules&) = delete;

  /// Texts under the names that diagnostics and answers call them by.
  void read(std::string rules_name, std::string rules, std::string sets_name, std::string sets);
};

/// Reads a file of iptables-save, "-" being standard input, and one of ipset when it is named. What is wrong with their
/// lines is in SavedRules::sink.
[[nodiscard]] base::Result<void> read_saved_rules(const base::FileSystem& files, const std::string& rules,
                                                  const std::optional<std::string>& sets, SavedRules& to);

/// "tcp 203.0.113.9:40000 > 198.51.100.1:22, in by wan0".
[[nodiscard]] std::string text_of(const saved::Packet& packet);

/// What becomes of a packet: for each end that it may come to, what that depends on, the rule that decides, and the
/// rules on the way. Lines begin with `indent`.
[[nodiscard]] std::string text_of(const saved::Answer& answer, const diag::SourceMap& sources,
                                  std::string_view indent = "");

/// {"finished", "outcomes": [{"verdict", "queue", "decided": {"table", "chain", "place", "text"}, "assumed":
/// [{"condition", "holds"}], "path": [...], "source", "source_port", "destination", "destination_port", "mark",
/// "connection_mark"}]}; the place and text of a policy are null.
[[nodiscard]] nlohmann::ordered_json json_of(const saved::Answer& answer, const diag::SourceMap& sources);

}  // namespace vuurmuur::cli
