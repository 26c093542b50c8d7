// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <deque>
#include <random>
#include <vector>

#include "analyse/box.h"
#include "model/policy.h"
#include "model/rule.h"
#include "sema/policy.h"

// Lists of rules made by chance, of kinds that engines of this sort are measured by.
namespace vuurmuur::judges {

/// A rule of a list.
struct Line {
  model::Action action = model::Action::Accept;
  model::Options options{};
  sema::End from{}, to{};
  std::vector<model::PortSet> port_sets{};  ///< none: any service
};
using Lines = std::vector<Line>;

/// Prefixes of all lengths that lie in each other, ranges of ports that overlap: what filters of routers are like.
[[nodiscard]] Lines tuple_lines(std::size_t count, std::mt19937& random);
/// Networks, their hosts, known services, and rules for all of them: what policies of zones are like.
[[nodiscard]] Lines zone_lines(std::size_t count, std::mt19937& random);
/// Rules with few conditions of few values each, and log rules among them: so few kinds of packets that each can be
/// looked at.
[[nodiscard]] Lines small_lines(std::size_t count, std::mt19937& random);
/// A few edits, of which some change nothing that packets meet: rules cut in two, copied behind themselves, moved.
/// Other rules are from `strangers`.
[[nodiscard]] Lines edited(const Lines& lines, Lines strangers, std::mt19937& random);

/// The lines as a policy with four interfaces, one of them standing for many devices with an address that others give.
class ListPolicy {
 public:
  explicit ListPolicy(const Lines& lines);
  ListPolicy(const ListPolicy&) = delete;
  ListPolicy& operator=(const ListPolicy&) = delete;
  [[nodiscard]] const sema::Policy& policy() const { return policy_; }

 private:
  model::Settings settings_;
  std::deque<model::Rule> sources_;
  sema::Policy policy_;
};

/// The packets that range_boxes() are boxes of: five fields of 256 values each, one of them of addresses of IPv6.
[[nodiscard]] analyse::Box range_world();
/// Boxes with wide ranges anywhere in a few fields, so that most overlap and few hold each other.
[[nodiscard]] std::vector<analyse::Box> range_boxes(std::size_t count, std::mt19937& random);

}  // namespace vuurmuur::judges
