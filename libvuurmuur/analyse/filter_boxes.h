// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <vector>

#include "analyse/policy_boxes.h"

// What rules do with first packets, exactly: PolicyBoxes, and what that leaves out. Read from doc/semantics.md sections
// 3 and 5 alone.
namespace vuurmuur::analyse {

/// Packets whose destination a rule translates, and what to.
struct Redirection {
  Box box;  ///< as they come in; of a redirect rule also such as would have gone on (chain FORWARD)
  /// Nothing: the address of the interface that they came in by (redirect).
  std::optional<net::Address> address;
  std::optional<sema::NetworkId> network;  ///< where the address is
  std::optional<net::PortRange> ports;     ///< nothing: those they had
};

class FilterBoxes {
 public:
  /// The policy must outlive it.
  FilterBoxes(const sema::Policy& policy, net::Family family)
      : policy_(policy), family_(family), plain_(policy, family) {}

  /// What a rule takes when the chains ask it: behind translation of destinations, before that of sources. Broadcasts
  /// are in it, and what portfw, bounce and redirect rules accept; rules that only translate take nothing. `has_more`:
  /// more than kMostBoxes.
  [[nodiscard]] RuleBoxes taken_by(const sema::Rule& rule) const;

  /// The packets that a portfw, dnat, bounce or redirect rule sends elsewhere. Of several the first counts, and of
  /// rules the first.
  [[nodiscard]] std::vector<Redirection> redirected_by(const sema::Rule& rule) const;
  /// The packets that a snat, masq or bounce rule lets leave as if from this machine, as they are before.
  [[nodiscard]] std::vector<Box> masked_by(const sema::Rule& rule) const;

  /// What becomes of packets in a box that a redirection holds.
  [[nodiscard]] std::vector<Box> redirected(const Box& box, const Redirection& to) const;

  [[nodiscard]] const PolicyBoxes& plain() const { return plain_; }
  [[nodiscard]] net::Family family() const { return family_; }
  [[nodiscard]] const sema::Policy& policy() const { return policy_; }

 private:
  [[nodiscard]] RuleBoxes taken_as_asked(const sema::Rule& rule) const;
  [[nodiscard]] bool is_unknown_device(sema::InterfaceId id) const;
  [[nodiscard]] bool has_unknown_devices() const;
  [[nodiscard]] bool has_many(const sema::Rule& rule) const;
  void add_broadcasts(const sema::Rule& rule, RuleBoxes& to) const;
  void add_broadcast_end(const sema::Rule& rule, const std::vector<Box>& kinds, RuleBoxes& to) const;
  void add_broadcast_service(const sema::Rule& rule, const std::vector<Box>& kinds, RuleBoxes& to) const;
  [[nodiscard]] std::vector<Box> udp_kinds(const sema::Rule& rule) const;
  [[nodiscard]] std::vector<net::Prefix> broadcasts_of(sema::NetworkId network) const;

  const sema::Policy& policy_;
  net::Family family_;
  PolicyBoxes plain_;
};

/// What two boxes share; nothing when they share no packet.
[[nodiscard]] std::optional<Box> common(const Box& a, const Box& b);

/// Takes a box away from others, piece by piece. False when there would be more pieces than `most`: then they are as
/// they were.
[[nodiscard]] bool subtract(const Box& box, std::size_t most, std::vector<Box>& from);

}  // namespace vuurmuur::analyse
