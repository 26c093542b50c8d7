// SPDX-License-Identifier: GPL-2.0-or-later
// What is said of random policies and edits of them, each answer with what shows it, before a checker that knows
// nothing of how it was found (certificate.h). VUURMUUR_RANDOM_POLICIES sets how many policies, VUURMUUR_RANDOM_SEED
// the first one's seed.
#include <fmt/format.h>

#include <memory>
#include <random>

#include "analyse/diff.h"
#include "analyse/never_matching.h"
#include "analyse/policy_boxes.h"
#include "base/memory_file_system.h"
#include "certificate.h"
#include "control/checked_policy.h"
#include "kernel/matrix/random_policy.h"
#include "property/edited_policy.h"
#include "read_boxes.h"
#include "support/catch.h"
#include "support/number_from.h"
#include "treatment.h"

using namespace vuurmuur;
using analyse::Change;
using judges::kNobody;
using kernel_test::Files;
using Kind = analyse::Reach::Kind;

namespace {

std::unique_ptr<control::CheckedPolicy> checked(const Files& tree) {
  base::MemoryFileSystem files;
  for (const auto& [path, text] : tree) files.files["/tree/" + path] = text;
  return control::check_tree(files, "/tree");
}

judges::List list_of(const sema::Policy& policy, const analyse::PolicyBoxes& boxes_of) {
  judges::List list;
  for (std::size_t i = 0; i < policy.rules.size(); ++i)
    for (const analyse::Box& box : boxes_of.of(policy.rules[i]).boxes)
      list.push_back({.rule = i, .takes = analyse::takes_all(policy.rules[i]), .box = judges::read(box)});
  return list;
}

/// The treatments that log rules on a packet's way give it.
std::vector<std::string> logs(const sema::Policy& policy, std::span<const std::size_t> passed) {
  std::vector<std::string> records;
  for (const std::size_t rule : passed) {
    const model::Rule& source = *policy.rules[rule].source;
    if (*source.action != model::Action::Log) continue;
    const auto& options = source.options;
    records.push_back(fmt::format("{} {} {}", options.log_prefix ? **options.log_prefix : "",
                                  options.log_limit ? **options.log_limit : 0, options.limit.has_value()));
  }
  std::ranges::sort(records);
  return records;
}

bool is_of_log_rule(Change change) { return change == Change::LogAdded || change == Change::LogRemoved; }

struct Tally {
  unsigned never = 0, by_many = 0, witnesses = 0, nothing = 0, not_asked = 0;
  unsigned rows = 0, boxes = 0, outlines = 0, log_rows = 0, comparisons = 0, equal = 0;
};

void check_reach(const sema::Policy& policy, Tally& tally) {
  const std::vector<analyse::Reach> reaches = analyse::reach_of_rules(policy);
  REQUIRE(reaches.size() == policy.rules.size());
  for (const net::Family family : net::kFamilies) {
    const analyse::PolicyBoxes boxes_of(policy, family);
    const judges::List list = list_of(policy, boxes_of);
    for (std::size_t i = 0; i < reaches.size(); ++i) {
      const analyse::Reach& reach = reaches[i];
      INFO("rule " << policy.rules[i].source->number);
      const bool has_boxes = std::ranges::any_of(list, [&](const judges::Entry& entry) { return entry.rule == i; });
      switch (reach.kind) {
        case Kind::Reached:
          if (reach.witness->family != family) break;
          ++tally.witnesses;
          CHECK(judges::fault_of_witness(list, i, judges::read(reach.witness->point)) == "");
          break;
        case Kind::Never:
          CHECK(judges::fault_of_never(list, i, reach.by) == "");
          if (family != net::Family::Ipv4) break;
          ++tally.never;
          tally.by_many += reach.by.size() > 1;
          break;
        case Kind::Nothing:
          ++tally.nothing;
          CHECK_FALSE(has_boxes);
          break;
        case Kind::NotAsked: ++tally.not_asked; break;
        case Kind::NotFinished: FAIL_CHECK("not finished"); break;
      }
    }
  }
}

/// A row of the family, as the checker reads rows.
judges::Row read_row(const analyse::DiffRow& row, net::Family family) {
  judges::Row result{.before = row.from.value_or(kNobody),
                     .after = row.to.value_or(kNobody),
                     .boxes = {},
                     .is_outline = row.is_outline,
                     .example = {}};
  for (const analyse::Traffic& traffic : row.traffic)
    if (traffic.family == family) result.boxes.push_back(judges::read(traffic.box));
  if (row.witness.family == family) result.example = judges::read(row.witness.point);
  return result;
}

/// A row about a log rule: it sees all of that on its side, and on the other one the packets go to who is said.
void check_log_row(const sema::Policy& before, const sema::Policy& after, const judges::Comparison& lists,
                   const analyse::DiffRow& row, const judges::Row& read, Tally& tally) {
  ++tally.log_rows;
  const bool is_removed = row.change == Change::LogRemoved;
  if (!read.is_outline)
    for (const judges::Box& box : read.boxes) {
      CHECK(judges::fault_of_region(is_removed ? lists.before : lists.after, is_removed ? read.before : read.after,
                                    box) == "");
      const std::size_t other = is_removed ? read.after : read.before;
      if (other != kNobody) CHECK(judges::fault_of_region(is_removed ? lists.after : lists.before, other, box) == "");
    }
  if (!read.example) return;
  CHECK(judges::fault_of_witness(is_removed ? lists.before : lists.after, is_removed ? read.before : read.after,
                                 *read.example) == "");
  const auto were = logs(before, judges::passed(lists.before, *read.example)),
             are = logs(after, judges::passed(lists.after, *read.example));
  CHECK((were != are ||
         lists.differ(judges::taker(lists.before, *read.example), judges::taker(lists.after, *read.example))));
}

void check_diff(const sema::Policy& before, const sema::Policy& after, Tally& tally) {
  const analyse::PolicyDiff diff = analyse::diff(before, after);
  REQUIRE(diff.unfinished == 0);
  tally.equal += diff.is_equal();
  for (const analyse::DiffRow& row : diff.rows) tally.outlines += row.is_outline;
  for (const net::Family family : net::kFamilies) {
    const analyse::PolicyBoxes boxes_before(before, family, after), boxes_after(after, family, before);
    const judges::List list_before = list_of(before, boxes_before), list_after = list_of(after, boxes_after);
    const judges::Box world = judges::read(boxes_before.everything());
    // A reset answers TCP alone: what differs is asked of it and of all else apart.
    for (const auto& [first, last] : {std::pair(0U, 5U), std::pair(6U, 6U), std::pair(7U, 255U)}) {
      const bool is_tcp = first == 6;
      judges::Comparison lists{.before = list_before,
                               .after = list_after,
                               .world = world,
                               .impossible = judges::impossible(world),
                               .differ = [&](std::size_t a, std::size_t b) {
                                 return judges::treatment(before, a, is_tcp) != judges::treatment(after, b, is_tcp);
                               }};
      judges::at(lists.world, analyse::Field::Protocol) = {first, last};
      std::vector<judges::Row> rows;
      for (const analyse::DiffRow& row : diff.rows) {
        const judges::Row read = read_row(row, family);
        if (is_of_log_rule(row.change)) {
          if (is_tcp) check_log_row(before, after, lists, row, read, tally);
          continue;
        }
        rows.push_back(read);
        CHECK(judges::fault_of_row(lists, read) == "");
        if (!is_tcp) continue;
        ++tally.rows;
        tally.boxes += static_cast<unsigned>(read.boxes.size());
      }
      CHECK(judges::fault_of_rest(lists, rows) == "");
      // And the checker is one that would have said so.
      for (std::size_t i = 0; i < rows.size(); ++i) {
        if (std::ranges::none_of(rows[i].boxes, [&](const judges::Box& box) {
              const auto part = judges::common(box, lists.world);
              return part && judges::outside(*part, lists.impossible);
            }))
          continue;
        std::vector<judges::Row> fewer = rows;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
        CHECK(judges::fault_of_rest(lists, fewer) != "");
      }
      ++tally.comparisons;
    }
  }
}

}  // namespace

TEST_CASE("what is said of random policies has shown it to a checker of its own") {
  const unsigned first = test::number_from("VUURMUUR_RANDOM_SEED", 1);
  const unsigned policies = test::number_from("VUURMUUR_RANDOM_POLICIES", 150);
  Tally tally;
  for (unsigned seed = first; seed < first + policies; ++seed) {
    std::mt19937 random(seed);
    Files old_tree = kernel_test::random_policy(random), new_tree = property::edited(old_tree, random);
    // What no rule takes is logged in some.
    if (seed % 3 == 0)
      for (Files* tree : {&old_tree, &new_tree}) {
        std::string& settings = tree->at("config.conf");
        settings.replace(settings.find("LOG_POLICY=\"No\""), 15, "LOG_POLICY=\"Yes\"");
      }
    const auto before = checked(old_tree), after = checked(new_tree);
    REQUIRE_FALSE(before->sink.has_errors());
    INFO("seed " << seed << "\n" << old_tree.at("rules/rules.conf") << "---\n" << new_tree.at("rules/rules.conf"));
    check_reach(before->policy, tally);
    // An edit may have made something that is none.
    if (!after->sink.has_errors()) check_diff(before->policy, after->policy, tally);
  }
  WARN(
      fmt::format("{} policies: {} rules that never match ({} by several), {} witnesses, {} without packets, {} not "
                  "asked; {} rows of differences with {} boxes ({} outlines), {} of log rules; {} comparisons whole, "
                  "{} pairs equal",
                  policies, tally.never, tally.by_many, tally.witnesses, tally.nothing, tally.not_asked, tally.rows,
                  tally.boxes, tally.outlines, tally.log_rows, tally.comparisons, tally.equal));
  CHECK(tally.never > policies / 10);
  CHECK(tally.witnesses > policies);
  CHECK(tally.rows > policies / 2);
  CHECK(tally.comparisons > policies);
  CHECK(tally.equal > policies / 20);
}
