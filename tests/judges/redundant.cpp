// SPDX-License-Identifier: GPL-2.0-or-later
// Rules that are said to make no difference, before a checker that knows nothing of how that was found (certificate.h):
// without all of them no packet is treated otherwise, and each that is said to be needed has a packet that is.
// VUURMUUR_RANDOM_POLICIES sets how many policies, VUURMUUR_RANDOM_SEED the first one's seed.
#include "analyse/redundant.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>

#include "analyse/filter_boxes.h"
#include "analyse/rule_search.h"
#include "base/memory_file_system.h"
#include "certificate.h"
#include "control/checked_policy.h"
#include "kernel/matrix/random_policy.h"
#include "read_boxes.h"
#include "support/catch.h"
#include "support/number_from.h"
#include "treatment.h"

using namespace vuurmuur;
using judges::kNobody;
using Kind = analyse::Redundancy::Kind;

namespace {

struct Half {
  judges::List list;
  judges::Box world;
  bool is_known = true;

  Half(const sema::Policy& policy, net::Family family) {
    const analyse::FilterBoxes boxes_of(policy, family);
    world = judges::read(boxes_of.plain().everything());
    for (std::size_t i = 0; i < policy.rules.size(); ++i) {
      const analyse::RuleBoxes found = boxes_of.taken_by(policy.rules[i]);
      is_known = is_known && !found.has_more;
      for (const analyse::Box& box : found.boxes)
        list.push_back(
            {.rule = i, .takes = analyse::way_of(policy.rules[i]) == analyse::Way::Takes, .box = judges::read(box)});
    }
  }
};

judges::List without(judges::List list, const std::vector<bool>& gone) {
  std::erase_if(list, [&](const judges::Entry& entry) { return gone[entry.rule]; });
  return list;
}

/// Whether some rule behind one may do anything with a packet on its way to who takes it then.
bool may_meet_others(const judges::List& list, std::size_t rule, const judges::Point& point) {
  return std::ranges::any_of(judges::passed(list, point), [&](std::size_t other) { return other > rule; });
}

struct Tally {
  unsigned redundant = 0, needed = 0, shown = 0;
};

void check_redundant(const sema::Policy& policy, const std::vector<Half>& halves, Tally& tally) {
  const auto reaches = analyse::reach_of_rules(policy);
  const auto found = analyse::redundant_rules(policy, reaches);
  REQUIRE(found.size() == policy.rules.size());
  std::vector<bool> gone(found.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    INFO("rule " << policy.rules[i].source->number);
    CHECK(found[i].kind != Kind::NotFinished);
    if (found[i].kind == Kind::Needed) {
      ++tally.needed;
      const Half& half = halves[found[i].witness->family == net::Family::Ipv4 ? 0 : 1];
      const judges::Point packet = judges::read(found[i].witness->point);
      // Rules that never match are not there when they would do in its place, and are when they would do otherwise.
      std::vector<bool> alone = gone, rest = gone;
      for (std::size_t r = 0; r < rest.size(); ++r) rest[r] = rest[r] || reaches[r].kind == analyse::Reach::Kind::Never;
      CHECK(judges::fault_of_witness(without(half.list, rest), i, packet) == "");
      alone[i] = rest[i] = true;
      const judges::List others = without(half.list, rest), with_never = without(half.list, alone);
      const bool is_otherwise = std::ranges::any_of(std::array{&others, &with_never}, [&](const judges::List* list) {
        return judges::treatment(policy, judges::taker(*list, packet), /*is_tcp=*/true) !=
               judges::treatment(policy, i, /*is_tcp=*/true);
      });
      CHECK((is_otherwise || may_meet_others(with_never, i, packet)));
      tally.shown += is_otherwise;
    }
    if (found[i].kind == Kind::Redundant) {
      ++tally.redundant;
      gone[i] = true;
      for (const std::size_t other : found[i].by) CHECK(other > i);
    }
  }
  const auto are_treated_alike = [&](const std::vector<bool>& removed) {
    for (const Half& half : halves) {
      const judges::List left = without(half.list, removed);
      for (const bool is_tcp : {true, false}) {
        judges::Comparison lists{.before = half.list,
                                 .after = left,
                                 .world = half.world,
                                 .impossible = judges::impossible(half.world),
                                 .differ = [&](std::size_t a, std::size_t b) {
                                   return judges::treatment(policy, a, is_tcp) != judges::treatment(policy, b, is_tcp);
                                 }};
        if (is_tcp) judges::at(lists.world, analyse::Field::Protocol) = {6, 6};
        CHECK(judges::fault_of_rest(lists, {}) == "");
      }
    }
  };
  are_treated_alike(gone);
  for (std::size_t r = 0; r < gone.size(); ++r) gone[r] = gone[r] || reaches[r].kind == analyse::Reach::Kind::Never;
  are_treated_alike(gone);
}

}  // namespace

TEST_CASE("without the rules that are said to make no difference no packet is treated otherwise") {
  const unsigned first = test::number_from("VUURMUUR_RANDOM_SEED", 1);
  const unsigned policies = test::number_from("VUURMUUR_RANDOM_POLICIES", 150);
  Tally tally;
  for (unsigned seed = first; seed < first + policies; ++seed) {
    std::mt19937 random(seed);
    base::MemoryFileSystem files;
    for (const auto& [path, text] : kernel_test::random_policy(random)) files.files["/tree/" + path] = text;
    const auto checked = control::check_tree(files, "/tree");
    REQUIRE_FALSE(checked->sink.has_errors());
    INFO("seed " << seed << "\n" << files.files["/tree/rules/rules.conf"]);
    std::vector<Half> halves;
    for (const net::Family family : net::kFamilies) halves.emplace_back(checked->policy, family);
    if (std::ranges::any_of(halves, [](const Half& half) { return !half.is_known; })) continue;
    check_redundant(checked->policy, halves, tally);
  }
  WARN(
      fmt::format("{} policies: {} rules make no difference, {} are needed, {} of them by what takes their packet then",
                  policies, tally.redundant, tally.needed, tally.shown));
  CHECK(tally.redundant > policies / 10);
  CHECK(tally.shown > policies);
}
