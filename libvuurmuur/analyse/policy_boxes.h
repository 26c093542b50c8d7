// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "analyse/box.h"
#include "net/address.h"
#include "sema/policy.h"

// A rule of a policy as boxes: the first packets of connections (state NEW) that it takes, read from doc/semantics.md
// sections 2 to 4 and the resolved policy alone. It shares nothing with the compiler, whose work is to be judged by it.
namespace vuurmuur::analyse {

/// What a rule takes in a family.
struct RuleBoxes {
  std::vector<Box> boxes;
  /// It takes more than the boxes say: broadcasts, or it has more boxes than kMostBoxes.
  bool has_more = false;
  /// Its packets are other ones than they were (translation): what it takes is not asked here.
  bool is_translation = false;
};

class PolicyBoxes {
 public:
  /// Of one rule; zones with many networks on both sides have many.
  static constexpr std::size_t kMostBoxes = 20'000;

  PolicyBoxes(const sema::Policy& policy, net::Family family) : PolicyBoxes(policy, family, policy) {}
  /// With the numbers of devices that serve another policy as well: boxes of both can be held against each other when
  /// each was made with the other one.
  PolicyBoxes(const sema::Policy& policy, net::Family family, const sema::Policy& other);

  [[nodiscard]] RuleBoxes of(const sema::Rule& rule) const;
  /// Boxes of a rule that hold all that it takes in the rules' chains, and more: also where of() does not know it
  /// (broadcasts, what translated packets are accepted as). None for one that only translates.
  [[nodiscard]] std::vector<Box> around(const sema::Rule& rule) const;

  [[nodiscard]] net::Family family() const { return family_; }
  /// All packets of the family.
  [[nodiscard]] Box everything() const { return everything_; }
  /// A device that a value of Field::In or Field::Out stands for: its name, or one that no interface has.
  [[nodiscard]] std::string device(const Value& value) const;
  /// The values of Field::In and Field::Out that stand for a device, or for those of "ppp+" when an interface is that.
  [[nodiscard]] Interval device_interval(const std::string& device) const;
  /// The same devices as numbers of their names (names_of_devices()).
  [[nodiscard]] Interval names(const Interval& devices) const;
  /// The values of Field::OwnAddress of devices whose addresses only the moment tells: they get them from others, or an
  /// interface stands for several of them. By what their interfaces say.
  [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>& own_address_numbers() const {
    return dynamic_;
  }
  /// The value of one of these.
  [[nodiscard]] Interval own_address_of(sema::InterfaceId interface) const {
    return Interval::one(dynamic_.at(policy_.interface(interface).device));
  }
  /// The device whose address a value of Field::OwnAddress stands for; nothing for 0.
  [[nodiscard]] std::string own_address_device(const Value& value) const;
  /// A device that a value stands for and an interface too: by its name, or one that begins as the interface says;
  /// empty: there is none.
  [[nodiscard]] std::string known_device(const Value& value) const;

 private:
  struct Side;
  struct Kind;
  [[nodiscard]] std::vector<Side> sides(const sema::End& end, std::optional<sema::InterfaceId> only,
                                        bool each_interface) const;
  void add_own_addresses(const Box& box, sema::InterfaceId interface, Field side, std::vector<Box>& boxes) const;
  [[nodiscard]] std::vector<Box> ends(const sema::Rule& rule) const;
  void add_input(const sema::Rule& rule, std::vector<Box>& boxes) const;
  void add_forward(const sema::Rule& rule, std::vector<Box>& boxes) const;
  void add_output(const sema::Rule& rule, std::vector<Box>& boxes) const;
  [[nodiscard]] std::vector<Kind> services(const sema::Rule& rule) const;
  [[nodiscard]] const Interval& devices(sema::InterfaceId interface) const {
    return devices_[static_cast<std::size_t>(interface)];
  }

  const sema::Policy& policy_;
  net::Family family_;
  Box everything_;
  std::vector<std::string> names_;  ///< where names of devices, and those with a common beginning, begin and end
  std::vector<Interval> devices_;   ///< device_interval() by interface
  std::map<std::string, std::uint64_t, std::less<>> dynamic_;  ///< own_address_numbers()
};

/// Whether nothing of what it takes goes on to the next rule.
[[nodiscard]] bool takes_all(const sema::Rule& rule);

/// An address as a value.
[[nodiscard]] Value value_of(const net::Address& address);
[[nodiscard]] net::Address address_of(const Value& value, net::Family family);

}  // namespace vuurmuur::analyse
