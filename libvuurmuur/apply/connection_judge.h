// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>

#include "apply/first_packet.h"
#include "apply/foreign_acceptance.h"
#include "apply/live_connection.h"
#include "ir/evaluate.h"
#include "ir/ruleset.h"

namespace vuurmuur::apply {

/// Why nothing can be said of a connection.
enum class Doubt : std::uint8_t {
  None,
  InDevice,         ///< by which device it came, and that matters
  OutDevice,        ///< by which device it left, and that matters
  Conditions,       ///< a limit, a MAC address, a chain of others, or an address of several devices decides
  ForeignRules,     ///< our rules refuse it, and rules of others beside them may let it pass
  Field,            ///< it is admitted; which queue, log group or packet mark it gets, such conditions decide
  Zone,             ///< it is in a conntrack zone of others
  MasterGone,       ///< a helper announced it for a connection that has ended
  MasterUndecided,  ///< a helper announced it for a connection of which nothing can be said
};

/// What new rules make of a live connection.
struct Judgement {
  enum class Verdict : std::uint8_t { Keep, End, Remark, Undecided };
  Verdict verdict = Verdict::Keep;
  /// What the mark's field shall be; of Keep and Remark.
  std::uint32_t field = 0;
  /// The rule that says so, or in doubt the first that may decide; nothing: the policy of the built-in chain.
  std::optional<ir::OriginId> origin{};
  Doubt doubt = Doubt::None;
  DeviceDoubt device = DeviceDoubt::None;  ///< of InDevice and OutDevice
};

/// Holds live connections against a ruleset. Never ends one on a doubt.
class ConnectionJudge {
 public:
  /// `foreign` is what others have beside these rules. The ruleset is not needed afterwards, except for the devices'
  /// numbers: see number().
  ConnectionJudge(const ir::Ruleset& ruleset, const ForeignAcceptance& foreign);

  /// For FirstPackets.
  [[nodiscard]] ir::DeviceId number(std::string_view device) { return evaluator_.device(device); }

  /// Of a connection that nobody announced.
  [[nodiscard]] Judgement judge(const LiveConnection& connection, const FirstPacket& packet);

  /// Of one that a helper announced: it goes where its master goes, whose judgement is given; null when there is none.
  [[nodiscard]] Judgement follow(const LiveConnection& connection, const Judgement* master) const;

  [[nodiscard]] const ir::MarkLayout& layout() const { return layout_; }

 private:
  [[nodiscard]] ir::Decision decide(const FirstPacket& packet);
  [[nodiscard]] Judgement compare(const LiveConnection& connection, std::uint32_t field) const;

  ir::MarkLayout layout_;
  const ForeignAcceptance& foreign_;
  ir::Evaluator evaluator_;
};

}  // namespace vuurmuur::apply
