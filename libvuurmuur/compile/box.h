// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ir/ruleset.h"
#include "net/address.h"
#include "net/ports.h"

// What the passes that change the shape of chains ask of conditions: the interfaces, addresses, protocol and
// destination port of a rule in a form that is compared in a few instructions.
namespace vuurmuur::compile {

/// The leading bits of an address, left-aligned in 128 bits so that both families are handled alike.
struct AddressBits {
  std::uint64_t high = 0, low = 0;
  std::uint8_t length = 0;  ///< 0: every address

  [[nodiscard]] static AddressBits of(const std::optional<net::Prefix>& prefix);
  /// Back to a prefix; nothing for length 0.
  [[nodiscard]] std::optional<net::Prefix> prefix(net::Family family) const;
  /// The first `new_length` bits.
  [[nodiscard]] AddressBits cut(std::uint8_t new_length) const;
  /// How many leading bits are those of `other`, at most the shorter length.
  [[nodiscard]] std::uint8_t common_with(const AddressBits& other) const;
  [[nodiscard]] bool contains(const AddressBits& other) const {
    return length <= other.length && common_with(other) == length;
  }
  [[nodiscard]] bool overlaps(const AddressBits& other) const { return contains(other) || other.contains(*this); }
  /// The two bits behind the first `position` ones, of which the second may be behind the end (then 0).
  [[nodiscard]] unsigned digit(std::uint8_t position) const;
  /// The same with the two bits behind the first `position` ones set to `digit` and length `new_length`.
  [[nodiscard]] AddressBits with_digit(std::uint8_t position, unsigned digit, std::uint8_t new_length) const;
  bool operator==(const AddressBits&) const = default;
};

/// A condition on an interface, as a number: kAnyInterface, or what InterfaceNames gave.
using InterfaceCondition = std::uint32_t;
inline constexpr InterfaceCondition kAnyInterface = 0;

/// The interface conditions of a chain. "ppp+" holds for every name that begins with "ppp".
class InterfaceNames {
 public:
  [[nodiscard]] InterfaceCondition number_of(const std::string& condition);
  [[nodiscard]] const std::string& name_of(InterfaceCondition condition) const { return names_[condition]; }
  /// How many numbers were given, kAnyInterface among them.
  [[nodiscard]] std::size_t size() const { return names_.size(); }
  [[nodiscard]] bool is_wildcard(InterfaceCondition condition) const { return names_[condition].ends_with('+'); }
  /// Whether every name that meets `inner` meets `outer`.
  [[nodiscard]] bool contains(InterfaceCondition outer, InterfaceCondition inner) const {
    if (outer == kAnyInterface || outer == inner) return true;
    return inner != kAnyInterface && is_wildcard(outer) && wildcard_contains(outer, inner);
  }
  [[nodiscard]] bool overlap(InterfaceCondition a, InterfaceCondition b) const {
    return contains(a, b) || contains(b, a);
  }

 private:
  [[nodiscard]] bool wildcard_contains(InterfaceCondition outer, InterfaceCondition inner) const;

  std::vector<std::string> names_{""};
  std::unordered_map<std::string, InterfaceCondition> numbers_;
  /// Numbers that were given lately, by length and last character: names of a machine are "eth0" to "eth7".
  std::array<InterfaceCondition, 64> recent_{};
};

/// Which packets may meet a rule, by the fields that chains can be taken apart by. A region of a tree is one too.
struct Box {
  InterfaceCondition in = kAnyInterface, out = kAnyInterface;
  AddressBits source, destination;
  std::uint8_t protocol = 0;  ///< 0: every protocol
  net::PortRange ports = net::PortRange::any();
  /// Whether packets are compared by their destination port, so that those without one (later fragments) do not match.
  bool asks_ports = false;
  /// Whether the rule has no other condition: every packet of the box meets it.
  bool is_exact = true;

  [[nodiscard]] static Box of(const ir::Rule& rule, InterfaceNames& names);
};

/// Whether a packet can be in both, as far as their fields tell. (Other conditions may rule it out.)
[[nodiscard]] bool overlap(const Box& a, const Box& b, const InterfaceNames& names);

/// Whether every packet of `inner` is in `outer` and meets what it stands for.
[[nodiscard]] bool covers(const Box& outer, const Box& inner, const InterfaceNames& names);

/// Whether every packet meets a rule.
[[nodiscard]] bool is_unconditional(const ir::Rule& rule);

/// Whether a packet that enters a chain always meets a verdict there. Only the chains that are asked about, and what
/// they lead to, are looked at, and each once; a chain must not change between two questions. The table must have no
/// loop.
class DecidingChains {
 public:
  explicit DecidingChains(const ir::Table& table) : table_(table) {}
  [[nodiscard]] bool decides(ir::ChainId chain);

 private:
  enum class Answer : std::uint8_t { Unknown, Yes, No };
  [[nodiscard]] bool find_out(ir::ChainId chain);

  const ir::Table& table_;
  std::vector<Answer> answers_;  ///< of the chains up to the last that was asked about
};

/// Whether a rule that matches ends the matter: a verdict, or a goto. After a goto the packet never comes back to the
/// chain, even when the other one decides nothing.
[[nodiscard]] bool leaves_chain(const ir::Target& target);

}  // namespace vuurmuur::compile
