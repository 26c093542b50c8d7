// SPDX-License-Identifier: GPL-2.0-or-later
// What two policies treat otherwise, held against the reference: random policies and edits of them, packets at the
// borders of the boxes of both. VUURMUUR_RANDOM_POLICIES sets how many pairs, VUURMUUR_RANDOM_SEED the first one's
// seed.
#include "analyse/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <random>

#include "analyse/policy_boxes.h"
#include "base/memory_file_system.h"
#include "control/checked_policy.h"
#include "kernel/matrix/random_policy.h"
#include "property/edited_policy.h"
#include "property/packets.h"
#include "reference/interpreter.h"
#include "support/catch.h"
#include "support/number_from.h"

using namespace vuurmuur;
using analyse::Change;

namespace {

using kernel_test::Files;

std::unique_ptr<control::CheckedPolicy> checked(const Files& tree) {
  base::MemoryFileSystem files;
  for (const auto& [path, text] : tree) files.files["/tree/" + path] = text;
  return control::check_tree(files, "/tree");
}

/// What the reference says of a packet, without what counts packets: limits have a full bucket each time.
reference::Answer ask(const control::CheckedPolicy& policy, const reference::World& world,
                      const reference::Packet& packet) {
  reference::Answer answer = reference::Interpreter(policy.tree.policy, world).ask_rules(packet);
  // Which is no rule's record, but is written.
  if (answer.why == "no rule" && policy.tree.policy.settings.log_policy)
    answer.records.push_back({policy.tree.policy.settings.log_group, ""});
  std::ranges::sort(answer.records, {},
                    [](const reference::Record& record) { return std::pair(record.group, record.prefix); });
  return answer;
}

bool is_refused(const reference::Answer& answer) {
  return answer.verdict == reference::Verdict::Drop || answer.verdict == reference::Verdict::Reject;
}

/// What differs of two answers, without what is logged.
std::optional<Change> difference(const reference::Answer& before, const reference::Answer& after, bool is_tcp) {
  if (is_refused(before) != is_refused(after)) return is_refused(before) ? Change::Allowed : Change::Blocked;
  const auto reset_or = [&](model::RejectType type) {
    return type == model::RejectType::TcpReset && !is_tcp ? model::RejectType::PortUnreachable : type;
  };
  if (is_refused(before)) {
    const bool is_same = before.verdict == after.verdict && (before.verdict == reference::Verdict::Drop ||
                                                             reset_or(before.reject) == reset_or(after.reject));
    return is_same ? std::nullopt : std::optional(Change::Refused);
  }
  if (before.verdict != after.verdict) return Change::Queued;
  if (before.verdict == reference::Verdict::Queue &&
      (before.queue != after.queue || before.bypass != after.bypass || before.fanout != after.fanout))
    return Change::Queued;
  if (before.packet_mark != after.packet_mark || before.helper != after.helper) return Change::Handled;
  return std::nullopt;
}

bool is_log(Change change) {
  return change == Change::Logged || change == Change::LogAdded || change == Change::LogRemoved;
}

/// The boxes of a policy's rules in one family, and which rules may do more than these say.
struct Boxed {
  const sema::Policy& policy;
  std::vector<std::vector<analyse::Box>> boxes{}, around{};

  Boxed(const sema::Policy& of, const analyse::PolicyBoxes& boxes_of) : policy(of) {
    for (const sema::Rule& rule : policy.rules) {
      const analyse::RuleBoxes found = boxes_of.of(rule);
      const bool is_sure =
          !found.has_more && !found.is_translation &&
          (analyse::takes_all(rule) || (*rule.source->action == model::Action::Log && !rule.source->options.limit));
      boxes.push_back(found.boxes);
      around.push_back(is_sure ? std::vector<analyse::Box>() : boxes_of.around(rule));
    }
  }
  /// Whether a rule that is not known by its boxes may see the packet.
  [[nodiscard]] bool may_meet_others(const analyse::Point& point) const {
    return std::ranges::any_of(around, [&](const auto& of_rule) {
      return std::ranges::any_of(of_rule, [&](const analyse::Box& box) { return contains(box, point); });
    });
  }
};

}  // namespace

TEST_CASE("what two policies are said to treat otherwise they do, and nothing else") {
  const unsigned first = test::number_from("VUURMUUR_RANDOM_SEED", 1);
  const unsigned pairs = test::number_from("VUURMUUR_RANDOM_POLICIES", 300);
  const reference::World machine = property::world();
  unsigned compared = 0, differing = 0, equal = 0, witnesses = 0, made = 0, not_compared = 0;
  std::array<unsigned, analyse::kChanges> rows{};
  for (unsigned seed = first; seed < first + pairs; ++seed) {
    std::mt19937 random(seed);
    const Files old_tree = kernel_test::random_policy(random), new_tree = property::edited(old_tree, random);
    const auto before = checked(old_tree), after = checked(new_tree);
    REQUIRE_FALSE(before->sink.has_errors());
    // An edit may have made something that is none.
    if (after->sink.has_errors()) continue;
    ++made;
    const analyse::PolicyDiff diff = analyse::diff(before->policy, after->policy);
    REQUIRE(diff.unfinished == 0);
    equal += diff.is_equal();
    not_compared += !diff.not_compared.empty();
    for (const analyse::DiffRow& row : diff.rows) ++rows[static_cast<std::size_t>(row.change)];
    const auto is_log_uncertain = std::ranges::any_of(diff.not_compared, [&](const analyse::NotCompared& each) {
      const sema::Rule& rule = each.from ? before->policy.rules[*each.from] : after->policy.rules[*each.to];
      return *rule.source->action == model::Action::Log;
    });
    const std::string trees = "seed " + std::to_string(seed) + "\n" + old_tree.at("rules/rules.conf") + "---\n" +
                              new_tree.at("rules/rules.conf");
    // The other way round it is the same packets.
    const analyse::PolicyDiff back = analyse::diff(after->policy, before->policy);
    const auto count = [](const analyse::PolicyDiff& of, Change change) {
      return std::ranges::count(of.rows, change, &analyse::DiffRow::change);
    };
    CHECK(count(back, Change::Allowed) == count(diff, Change::Blocked));
    CHECK(count(back, Change::Blocked) == count(diff, Change::Allowed));
    for (const Change change : {Change::Refused, Change::Queued, Change::Handled, Change::Logged})
      CHECK(count(back, change) == count(diff, change));
    CHECK(analyse::diff(before->policy, before->policy).is_equal());
    for (const net::Family family : net::kFamilies) {
      const analyse::PolicyBoxes boxes_of(before->policy, family, after->policy),
          boxes_of_after(after->policy, family, before->policy);
      const Boxed old_boxes(before->policy, boxes_of), new_boxes(after->policy, boxes_of_after);
      const auto check = [&](const analyse::Point& point, const analyse::DiffRow* witness_of) {
        const auto packet = property::packet_at(point, boxes_of, family);
        if (!packet) return;
        const reference::Answer old_answer = ask(*before, machine, *packet), new_answer = ask(*after, machine, *packet);
        const auto told = difference(old_answer, new_answer, packet->protocol == net::Protocol::Tcp);
        const bool logs = old_answer.records != new_answer.records;
        std::vector<Change> said;
        for (const analyse::DiffRow& row : diff.rows)
          for (const analyse::Traffic& traffic : row.traffic)
            if (!row.is_outline && traffic.family == family && contains(traffic.box, point)) said.push_back(row.change);
        const auto said_by = [&](const auto& predicate) { return std::ranges::any_of(said, predicate); };
        INFO(trees << "packet " << property::text_of(*packet) << "\nbefore " << old_answer.why << ", after "
                   << new_answer.why << ", told " << (told ? static_cast<int>(*told) : -1) << ", logs " << logs
                   << ", said " << (said.empty() ? -1 : static_cast<int>(said.front())) << " and " << said.size());
        const bool is_uncertain = old_boxes.may_meet_others(point) || new_boxes.may_meet_others(point);
        if (witness_of != nullptr) {
          CHECK(std::ranges::count(said, witness_of->change) >= (witness_of->is_outline ? 0 : 1));
          if (is_uncertain) return;
          ++witnesses;
          if (is_log(witness_of->change))
            CHECK((logs || told));
          else
            CHECK(told == witness_of->change);
          return;
        }
        ++compared;
        differing += told.has_value();
        if (is_uncertain) {
          // Then it is at least not said that they are equal.
          if (told || logs) CHECK_FALSE(diff.is_equal());
          return;
        }
        if (told)
          CHECK(said_by([&](Change change) { return change == *told; }));
        else
          CHECK_FALSE(said_by([](Change change) { return !is_log(change); }));
        if (!told && !is_log_uncertain) CHECK(logs == said_by(is_log));
      };
      for (const Boxed* boxed : {&old_boxes, &new_boxes})
        for (const auto& of_rule : boxed->boxes)
          for (int tries = 0; tries < 6 && !of_rule.empty(); ++tries) {
            const analyse::Box& box = of_rule[random() % of_rule.size()];
            check(property::point_in(box, random), nullptr);
          }
      for (const analyse::DiffRow& row : diff.rows) {
        if (row.witness.family == family) check(row.witness.point, &row);
        for (const analyse::Traffic& traffic : row.traffic) {
          if (traffic.family != family) continue;
          check(property::point_in(traffic.box, random), nullptr);
        }
      }
    }
  }
  WARN(
      fmt::format("{} pairs ({} equal, {} with rules that are not compared): {} packets compared ({} treated "
                  "otherwise), {} witnesses asked; rows {}",
                  made, equal, not_compared, compared, differing, witnesses, fmt::join(rows, " ")));
  CHECK(compared > 10 * made);
  CHECK(differing > made);
  CHECK(witnesses > made / 2);
  CHECK(equal > made / 10);
  for (const unsigned count : rows) CHECK(count > pairs / 400);
}
