// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "compile/box.h"
#include "ir/ruleset.h"

namespace vuurmuur::compile {

/// What a node of a decision tree looks at.
enum class Field : std::uint8_t { In, Out, Source, Destination, Ports, Protocol };

struct SplitBranch {
  Box region;
  /// Its region holds those of others (a wildcard interface): it comes behind the ones that are not fixed, in order.
  bool is_fixed = false;
};

struct Split;

/// Where in a split a rule has to stand.
struct Places {
  bool everywhere = false;  ///< in every branch
  bool rest = false;        ///< behind the branches, for packets of none of them
  bool is_one = false;      ///< in `first` and no other branch
  bool is_some = false;     ///< in several, to be looked up
  std::size_t first = 0;

  /// Calls `action(branch)` for each branch when it is not in every one.
  template <class Action>
  void each(const Split& split, const Box& box, const InterfaceNames& names, Action action) const;
};

/// A node of a decision tree: regions of one field that no packet is in two of (but for fixed ones, see there), and the
/// rest.
struct Split {
  Field field = Field::In;
  std::vector<SplitBranch> branches;
  /// Every packet of the node's region is in a branch.
  bool is_complete = false;

  /// The natural split of rules by a field within a region, when they differ in it: interfaces by name, addresses by
  /// the first two bits that are not the same in all, ports by quarters, protocols one by one. Takes time in proportion
  /// to the rules.
  [[nodiscard]] static std::optional<Split> make(Field field, std::span<const std::uint32_t> rules,
                                                 const std::vector<Box>& boxes, const Box& region,
                                                 const InterfaceNames& names);

  [[nodiscard]] Places places_of(const Box& box, const InterfaceNames& names) const;
  [[nodiscard]] bool is_in(const Box& box, std::size_t branch, const InterfaceNames& names) const;
  /// A rule with the condition that a packet is in a branch's region, as far as the field of the split tells.
  [[nodiscard]] static ir::Rule condition(Field field, const Box& branch_region, net::Family family,
                                          const InterfaceNames& names);

 private:
  static std::optional<Split> by_interface(Field field, std::span<const std::uint32_t> rules,
                                           const std::vector<Box>& boxes, const Box& region,
                                           const InterfaceNames& names);
  static std::optional<Split> by_address(Field field, std::span<const std::uint32_t> rules,
                                         const std::vector<Box>& boxes, const Box& region);
  static std::optional<Split> by_ports(std::span<const std::uint32_t> rules, const std::vector<Box>& boxes,
                                       const Box& region);
  static std::optional<Split> by_protocol(std::span<const std::uint32_t> rules, const std::vector<Box>& boxes,
                                          const Box& region);

  [[nodiscard]] Places interface_places(InterfaceCondition condition, const InterfaceNames& names) const;
  [[nodiscard]] Places address_places(const AddressBits& address) const;
  [[nodiscard]] Places port_places(const Box& box) const;
  [[nodiscard]] Places protocol_places(const Box& box) const;

  InterfaceCondition region_interface_ = kAnyInterface;
  std::vector<std::uint32_t> branch_of_interface_;  ///< by condition; kNone for those without

  static constexpr std::uint32_t kNone = UINT32_MAX;
  std::uint8_t region_length_ = 0;         ///< of the address before the split
  std::uint8_t position_ = 0, width_ = 2;  ///< the bits looked at
  std::array<std::uint32_t, 4> branch_of_digit_{kNone, kNone, kNone, kNone};

  std::uint8_t protocol_ = 0;    ///< whose ports are looked at
  net::PortRange region_ports_;  ///< before the split
  bool has_all_ranges_ = false;  ///< a packet with ports of the protocol is in a branch
};

template <class Action>
void Places::each(const Split& split, const Box& box, const InterfaceNames& names, Action action) const {
  if (is_one) return action(first);
  if (!is_some) return;
  for (std::size_t i = 0; i < split.branches.size(); ++i)
    if (split.is_in(box, i, names)) action(i);
}

}  // namespace vuurmuur::compile
