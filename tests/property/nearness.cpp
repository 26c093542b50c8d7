// SPDX-License-Identifier: GPL-2.0-or-later
// What is told of rules before boxes are made of them, held against their boxes: which are far from others, and which
// mean the same in two policies. VUURMUUR_RANDOM_POLICIES sets how many policies, VUURMUUR_RANDOM_SEED the first one's
// seed.
#include "analyse/nearness.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "analyse/filter_boxes.h"
#include "analyse/meaning.h"
#include "analyse/never_matching.h"
#include "base/memory_file_system.h"
#include "control/checked_policy.h"
#include "kernel/matrix/random_policy.h"
#include "property/edited_policy.h"
#include "support/catch.h"
#include "support/number_from.h"

using namespace vuurmuur;
using analyse::Box;

namespace {

std::unique_ptr<control::CheckedPolicy> checked(const kernel_test::Files& tree) {
  base::MemoryFileSystem files;
  for (const auto& [path, text] : tree) files.files["/tree/" + path] = text;
  return control::check_tree(files, "/tree");
}

bool meet(const std::vector<Box>& some, const std::vector<Box>& others) {
  return std::ranges::any_of(
      some, [&](const Box& a) { return std::ranges::any_of(others, [&](const Box& b) { return overlap(a, b); }); });
}

std::vector<Box> boxes_of(const std::vector<analyse::Redirection>& redirections) {
  std::vector<Box> boxes;
  for (const analyse::Redirection& each : redirections) boxes.push_back(each.box);
  return boxes;
}

}  // namespace

TEST_CASE("a rule that is said to be far from some boxes shares no packet with them") {
  const unsigned first = test::number_from("VUURMUUR_RANDOM_SEED", 1);
  const unsigned policies = test::number_from("VUURMUUR_RANDOM_POLICIES", 300);
  unsigned far = 0, near = 0, in_vain = 0;
  for (unsigned seed = first; seed < first + policies; ++seed) {
    std::mt19937 random(seed);
    const auto whole = checked(kernel_test::random_policy(random));
    REQUIRE_FALSE(whole->sink.has_errors());
    const std::vector<sema::Rule>& rules = whole->policy.rules;
    for (const net::Family family : net::kFamilies) {
      const analyse::FilterBoxes filter(whole->policy, family);
      std::vector<Box> some;
      for (int i = 0; i < 3 && !rules.empty(); ++i) {
        const std::vector<Box> boxes = filter.taken_by(rules[random() % rules.size()]).boxes;
        if (!boxes.empty()) some.push_back(boxes[random() % boxes.size()]);
      }
      analyse::Nearness nearness(some, family);
      for (const sema::Rule& rule : rules) {
        INFO("seed " << seed << ", rule " << rule.source->number);
        const bool is_met = meet(filter.taken_by(rule).boxes, some) || meet(filter.plain().of(rule).boxes, some);
        if (nearness.is_near(rule)) {
          ++near;
          in_vain += !is_met;
        } else {
          ++far;
          CHECK_FALSE(is_met);
          CHECK_FALSE(meet(filter.plain().around(rule), some));
        }
        if (!nearness.has_source(rule.from)) CHECK_FALSE(meet(boxes_of(filter.redirected_by(rule)), some));
        if (!nearness.has_source(rule.from) || !nearness.has_destination(rule.to))
          CHECK_FALSE(meet(filter.masked_by(rule), some));
      }
    }
  }
  WARN(fmt::format("{} policies: {} rules are far, {} near, {} of these in vain", policies, far, near, in_vain));
  CHECK(far > near);
  CHECK(2 * in_vain < near);
}

TEST_CASE("rules of two policies that are said to mean the same take the same packets and do the same with them") {
  const unsigned first = test::number_from("VUURMUUR_RANDOM_SEED", 1);
  const unsigned pairs = test::number_from("VUURMUUR_RANDOM_POLICIES", 300);
  unsigned same = 0, otherwise = 0;
  for (unsigned seed = first; seed < first + pairs; ++seed) {
    std::mt19937 random(seed);
    const auto old_tree = kernel_test::random_policy(random);
    const auto before = checked(old_tree), after = checked(property::edited(old_tree, random));
    if (after->sink.has_errors()) continue;
    const analyse::Meanings meanings(before->policy, after->policy), own(before->policy, before->policy);
    for (const sema::Rule& rule : before->policy.rules) {
      CHECK(own.are_same(rule, rule));
      for (const sema::Rule& other : after->policy.rules) {
        if (!meanings.are_same(rule, other)) {
          otherwise += rule.source->number == other.source->number;
          continue;
        }
        INFO("seed " << seed << ", rules " << rule.source->number << " and " << other.source->number);
        ++same;
        CHECK(meanings.hash(analyse::Meanings::kFirst, rule) == meanings.hash(analyse::Meanings::kSecond, other));
        CHECK(analyse::do_the_same(rule, other));
        CHECK(rule.source->options.limit == other.source->options.limit);
        for (const net::Family family : net::kFamilies) {
          const analyse::PolicyBoxes one(before->policy, family, after->policy),
              two(after->policy, family, before->policy);
          CHECK((one.of(rule).boxes == two.of(other).boxes));
          CHECK((one.around(rule) == two.around(other)));
        }
      }
    }
  }
  WARN(fmt::format("{} pairs: {} rules are the same, {} with the same number are not", pairs, same, otherwise));
  CHECK(same > 3 * pairs);
  CHECK(otherwise > pairs / 10);
}
