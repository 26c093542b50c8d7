// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diag/diagnostic.h"
#include "diag/source.h"
#include "model/located.h"
#include "respond/alert.h"

// What is done when an inspector tells of an attack. One statement a line, "#" begins a comment, case does not matter
// in words:
//
//   never block lan.local, 192.0.2.0/24
//   at most 1000 blocked
//   at most 20 a second
//   ignore when signature 2100498
//   block source for 1h when severity 1 and category "A Network Trojan was detected"
//   block destination for 10m when signature 2019401, 2019402
//   bait source to honeypot.net.dmz for 1h when signature 2019403
//   block source for 1m when any
//
// The first statement that an alert meets is done.
namespace vuurmuur::respond {

/// What a statement asks of an alert; what it does not name is as it may be.
struct Condition {
  std::vector<std::uint32_t> signatures;
  std::optional<std::uint32_t> worst, mildest;  ///< of the severity, both or none; 1 is the worst
  std::optional<std::string> category;          ///< case does not matter

  [[nodiscard]] bool is_met_by(const Alert& alert) const;
};

struct Response {
  enum class Action : std::uint8_t { BlockSource, BlockDestination, BaitSource, BaitDestination, Ignore };
  Action action = Action::Ignore;
  std::chrono::seconds time{};         ///< of all but Ignore
  model::Located<std::string> bait{};  ///< where to, of the two that lead there: as BAIT of config.conf has it
  Condition when;
  diag::Span span;  ///< the statement
};

struct Responses {
  static constexpr std::uint32_t kMostBlocked = 1'000'000;

  std::vector<model::Located<std::string>> never;  ///< addresses, networks, and names of the configuration
  std::uint32_t most_blocked = 10'000;             ///< at one time
  std::uint32_t most_a_second = 100;               ///< new ones
  std::vector<Response> responses;
};

/// Reads a file of statements. A line with a mistake is reported and left out.
[[nodiscard]] Responses read_responses(std::string_view text, diag::FileId file, diag::Sink& sink);

}  // namespace vuurmuur::respond
