// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diag/diagnostic.h"
#include "diag/source.h"
#include "model/located.h"
#include "model/rule.h"

// What somebody wants to be true of a policy, whatever its rules are. One statement a line, "#" begins a comment, case
// does not matter in words:
//
//   lan can reach web.servers.dmz service http, https
//   inet never reaches lan
//   only admins.local.lan and firewall reach servers.dmz service ssh
//   any from guests to inet is queued to 7
//   smtp from lan to inet is not accepted
//
// Ends are those of rules (zone, network.zone, host.network.zone, firewall, firewall(any), any), or addresses; several
// stand between ",", "and" and "or". What each means is told in doc/analysis.md.
namespace vuurmuur::analyse {

struct Assertion {
  enum class Kind : std::uint8_t {
    Reaches,  ///< A can reach B [service S]
    Never,    ///< A never reaches B [service S]
    Only,     ///< only A reaches B [service S]
    Is,       ///< S from A to B is V
    IsNot,    ///< S from A to B is not V
  };
  enum class Verdict : std::uint8_t { Accepted, Queued, Dropped, Rejected, Refused };

  Kind kind = Kind::Reaches;
  std::vector<model::Located<std::string>> from, to;
  std::vector<model::Located<std::string>> services;  ///< none: any
  Verdict verdict = Verdict::Accepted;                ///< of Is and IsNot
  std::optional<model::QueueRange> queues;            ///< of Queued: to one of these; nothing: to any
  diag::Span span;                                    ///< the statement
};

/// Reads a file of statements. A line with a mistake is reported and left out.
[[nodiscard]] std::vector<Assertion> read_assertions(std::string_view text, diag::FileId file, diag::Sink& sink);

/// In a form that is read as the same statement.
[[nodiscard]] std::string to_string(const Assertion& assertion);

}  // namespace vuurmuur::analyse
