// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "analyse/sample.h"
#include "diag/diagnostic.h"
#include "names/index.h"
#include "net/address.h"
#include "prove/meant.h"
#include "prove/region.h"
#include "sema/policy.h"

namespace vuurmuur::prove {

/// "a new connection", "ESTABLISHED, connection mark of kind 1 and number 3".
[[nodiscard]] std::string text_of(const Situation& when);

/// What a backend wrote, by family (net::kFamilies).
struct Emitted {
  std::array<std::string, 2> rules;  ///< as iptables-save(8) writes them, with the comments that say whose a rule is
  std::array<std::string, 2> sets;   ///< as `ipset save` writes them
  /// Ways of queueing that no rule has any more and live connections keep (doc/semantics.md section 6).
  std::vector<sema::QueueUse> kept_queues{};
};

/// The same, when it is asked for: of large rulesets the texts of both families need not be there at once.
struct Emitter {
  struct Text {
    std::string rules, sets;  ///< as in Emitted
  };
  /// Called once for each family, when `one_by_one` is not set by two threads.
  std::function<Text(net::Family)> text;
  std::vector<sema::QueueUse> kept_queues{};
  bool one_by_one = false;  ///< one family after the other, in half the room
};

/// A packet with which the emitted rules do not do what the policy says.
struct Doubt {
  net::Family family{};
  Hook hook{};
  analyse::Sample packet;
  Situation when;                    ///< one state, one value of flags, one kind and number
  std::uint32_t packet_mark = 0;     ///< of the packet
  std::string meant, emitted;        ///< what becomes of it: "accepted", "to queue 3, connection mark 0x10003000"
  const sema::Rule* rule = nullptr;  ///< that says so; null: `step` does
  std::string step;                  ///< of doc/semantics.md section 1
  std::string line;                  ///< of the emitted text that takes it; empty: the policy of the chain
};

struct Proof {
  std::vector<Doubt> doubts;
  std::vector<std::string> not_modelled;  ///< what nothing was proven of, as sentences
  std::size_t unfinished = 0;             ///< questions for which the budget ran out
  // How it was found out.
  std::size_t meant = 0, emitted = 0;  ///< entries of both programs
  std::size_t pairs = 0;               ///< of entries that share packets and do otherwise
  std::size_t searched = 0;            ///< pairs that took a search

  /// Every packet is treated as the policy says.
  [[nodiscard]] bool is_proven() const { return doubts.empty() && not_modelled.empty() && unfinished == 0; }
};

/// Steps of a proof that somebody waits for: some seconds.
inline constexpr std::size_t kProofSteps = 100'000'000;

/// Whether the emitted rules of table filter do with every packet of both families what the policy says: verdict,
/// queue, connection mark, packet mark, copies to log groups, log records of rules and limits, in every state of
/// connection tracking, with all TCP flags and whatever our field of the connection mark holds.
///
/// Taken for granted: the user's own chains let packets go on; nobody is blocked for a time; what comes before table
/// filter (translation, table raw) is as the policy says.
[[nodiscard]] Proof prove(const sema::Policy& policy, const Emitter& emitter, std::size_t steps = kProofSteps);
[[nodiscard]] Proof prove(const sema::Policy& policy, Emitted emitted, std::size_t steps = kProofSteps);

/// Tells of a proof that failed ("not-as-meant", an error), and of what is not proven ("not-proven", a warning).
void tell(const Proof& proof, const names::Index& names, diag::Sink& sink);

}  // namespace vuurmuur::prove
