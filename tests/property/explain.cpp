// SPDX-License-Identifier: GPL-2.0-or-later
// What is said of packets, held against the reference: random policies, packets at the borders of their boxes, and
// questions about many at once. VUURMUUR_RANDOM_POLICIES sets how many policies, VUURMUUR_RANDOM_SEED the first one's
// seed.
#include "analyse/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "analyse/question.h"
#include "base/memory_file_system.h"
#include "control/checked_policy.h"
#include "kernel/matrix/random_policy.h"
#include "packets.h"
#include "reference/interpreter.h"
#include "support/catch.h"
#include "support/number_from.h"

using namespace vuurmuur;
using analyse::Field;
using analyse::Way;

namespace {

/// Whether a packet is in a part of the question that a row is about, and so whether the row's rule may have been told.
struct Boxed {
  std::vector<analyse::RuleBoxes> rules;
  Boxed(const sema::Policy& policy, const analyse::FilterBoxes& boxes) {
    for (const sema::Rule& rule : policy.rules) rules.push_back(boxes.taken_by(rule));
  }
  [[nodiscard]] bool hold(std::size_t rule, const analyse::Point& point) const {
    return std::ranges::any_of(rules[rule].boxes, [&](const analyse::Box& box) { return contains(box, point); });
  }
};

/// The rule that the boxes say takes a packet within all limits; kNoRule for none.
std::size_t taker(const sema::Policy& policy, const Boxed& boxed, const analyse::Point& point) {
  for (std::size_t i = 0; i < policy.rules.size(); ++i)
    if (*policy.rules[i].source->action != model::Action::Chain && analyse::way_of(policy.rules[i]) != Way::PassesOn &&
        boxed.hold(i, point))
      return i;
  return analyse::kNoRule;
}

std::string rule_name(const sema::Policy& policy, std::size_t rule) {
  return rule == analyse::kNoRule ? std::string("no rule") : fmt::format("rule {}", policy.rules[rule].source->number);
}

/// A question that rules of the policy suggest: ends and services of them, mixed.
analyse::Question question_from(const sema::Policy& policy, std::mt19937& random) {
  const auto any_rule = [&]() -> const sema::Rule& { return policy.rules[random() % policy.rules.size()]; };
  analyse::Question question;
  const auto end = [&](const sema::End& of, analyse::AskedEnd& asked) {
    if (of.kind != sema::End::Kind::Broadcast && random() % 4 != 0) asked.end = of;
  };
  end(any_rule().from, question.from);
  end(any_rule().to, question.to);
  if (const sema::Rule& rule = any_rule(); !rule.any_service && random() % 3 != 0) {
    question.any_service = false;
    question.port_sets = rule.port_sets;
  }
  return question;
}

}  // namespace

TEST_CASE("the rule that is said to take a packet is the one that takes it") {
  const unsigned first = test::number_from("VUURMUUR_RANDOM_SEED", 1);
  const unsigned policies = test::number_from("VUURMUUR_RANDOM_POLICIES", 300);
  const reference::World machine = property::world();
  unsigned unknown = 0, compared = 0, rows = 0, examples = 0, translated = 0, masked = 0, why_nots = 0;
  for (unsigned seed = first; seed < first + policies; ++seed) {
    std::mt19937 random(seed);
    base::MemoryFileSystem files;
    for (const auto& [path, text] : kernel_test::random_policy(random)) files.files["/tree/" + path] = text;
    const auto checked = control::check_tree(files, "/tree");
    REQUIRE_FALSE(checked->sink.has_errors());
    const sema::Policy& policy = checked->policy;
    if (policy.rules.empty()) continue;
    // Limits are asked with a full bucket each time.
    const auto ask = [&](const reference::Packet& packet) {
      reference::Interpreter interpreter(checked->tree.policy, machine);
      return interpreter.ask_rules(packet);
    };
    INFO("seed " << seed << "\n" << files.files["/tree/rules/rules.conf"]);
    std::vector<std::pair<net::Family, reference::Packet>> packets;
    for (const net::Family family : net::kFamilies) {
      const analyse::FilterBoxes boxes_of(policy, family);
      const Boxed boxed(policy, boxes_of);
      if (std::ranges::any_of(boxed.rules, &analyse::RuleBoxes::has_more)) {
        ++unknown;
        continue;
      }
      for (std::size_t i = 0; i < policy.rules.size(); ++i) {
        for (int tries = 0; tries < 6 && !boxed.rules[i].boxes.empty(); ++tries) {
          const analyse::Point point =
              property::point_in(boxed.rules[i].boxes[random() % boxed.rules[i].boxes.size()], random);
          const auto packet = property::packet_at(point, boxes_of.plain(), family);
          if (!packet) continue;
          INFO("packet of " << rule_name(policy, i) << ": " << property::text_of(*packet));
          CHECK(ask(*packet).why == rule_name(policy, taker(policy, boxed, point)));
          ++compared;
        }
      }
    }
    // A rule with too many ways takes more than is known.
    const bool is_known = std::ranges::none_of(net::kFamilies, [&](net::Family family) {
      const analyse::FilterBoxes boxes_of(policy, family);
      return std::ranges::any_of(policy.rules,
                                 [&](const sema::Rule& rule) { return boxes_of.taken_by(rule).has_more; });
    });
    for (int asked = 0; is_known && asked < 4; ++asked) {
      const analyse::Question question = question_from(policy, random);
      const auto explanations = analyse::explain(policy, question);
      for (const analyse::Explanation& explanation : explanations) {
        CHECK(explanation.is_finished);
        for (const analyse::Branch& branch : explanation.branches) {
          CHECK_FALSE(branch.rows.empty());
          translated += branch.redirected_by.has_value();
          for (const analyse::Row& row : branch.rows) {
            ++rows;
            CHECK(row.is_finished);
            const auto packet = property::packet_of(row.example, analyse::PolicyBoxes(policy, row.example.family));
            if (!packet || row.way == Way::PassesOn) continue;
            const reference::Answer answer = ask(*packet);
            INFO("row of " << rule_name(policy, row.rule) << ", told " << answer.why << ": "
                           << property::text_of(*packet));
            // A rule before it may take it within its limit, and a chain of the user's decides nothing here.
            bool is_told =
                answer.why == rule_name(policy, row.rule) ||
                (row.rule != analyse::kNoRule && *policy.rules[row.rule].source->action == model::Action::Chain);
            for (const std::size_t passed : row.passed)
              is_told = is_told || (analyse::way_of(policy.rules[passed]) == Way::MayTake &&
                                    answer.why == rule_name(policy, passed));
            CHECK(is_told);
            ++examples;
          }
        }
      }
      // What is not in a row does not happen.
      for (const net::Family family : net::kFamilies) {
        const analyse::FilterBoxes boxes_of(policy, family);
        analyse::Question behind = question;
        behind.is_translated = true;
        const auto boxes = analyse::boxes_of(behind, boxes_of.plain(), policy);
        if (boxes.empty()) continue;
        const auto told = analyse::explain(policy, behind).at(family == net::Family::Ipv4 ? 0 : 1);
        for (int tries = 0; tries < 8; ++tries) {
          const auto packet =
              property::packet_at(property::point_in(boxes[random() % boxes.size()], random), boxes_of.plain(), family);
          if (!packet) continue;
          const std::string why = ask(*packet).why;
          const auto& of = told.branches.at(0).rows;
          INFO("told " << why << " of " << property::text_of(*packet));
          CHECK(std::ranges::any_of(of, [&](const analyse::Row& row) { return rule_name(policy, row.rule) == why; }));
        }
      }
      // Why a rule does not take it.
      const std::size_t rule = random() % policy.rules.size();
      const analyse::WhyNot why = analyse::why_not(policy, question, rule);
      CHECK(why.kind != analyse::WhyNot::Kind::NotFinished);
      analyse::Question behind = question;
      behind.is_translated = true;
      bool is_there = false;
      for (const analyse::Explanation& explanation : analyse::explain(policy, behind))
        for (const analyse::Branch& branch : explanation.branches)
          is_there =
              is_there || std::ranges::any_of(branch.rows, [&](const analyse::Row& row) { return row.rule == rule; });
      CHECK((why.kind == analyse::WhyNot::Kind::Takes) == is_there);
      why_nots += why.kind != analyse::WhyNot::Kind::Takes;
    }
    // Packets as they come, with what is translated on the way, against the whole of the reference.
    for (int tries = 0; is_known && tries < 12; ++tries) {
      const auto packet = property::arriving_packet(machine, random);
      analyse::Question question;
      const auto end = [&](const std::string& text) {
        diag::Sink sink;
        return *analyse::read_end({.model = checked->tree.policy, .objects = checked->objects, .policy = policy}, text,
                                  sink);
      };
      // Addresses that devices get from others stand in no file: asked is this machine, by that device.
      const auto stands_for = [](const std::string& device, const std::string& name) {
        return device.ends_with('+') ? name.starts_with(device.substr(0, device.size() - 1)) : device == name;
      };
      bool is_dynamic = false;
      for (const sema::Interface& interface : policy.interfaces)
        for (const auto& [device, addresses] : machine.devices)
          for (const net::Prefix& own : addresses)
            is_dynamic = is_dynamic || (stands_for(interface.device, device) && interface.is_dynamic(own.family()) &&
                                        own.address == packet.destination);
      const bool is_by_it = std::ranges::any_of(machine.devices.at(packet.in_device), [&](const net::Prefix& own) {
        return own.address == packet.destination;
      });
      if (is_dynamic && !is_by_it) continue;
      question.from = end(packet.source.to_string());
      question.to = end(is_dynamic ? "firewall" : packet.destination.to_string());
      if (!packet.in_device.empty()) question.in = {packet.in_device};
      question.any_service = false;
      model::PortSet set{.protocol = packet.protocol};
      if (net::has_ports(packet.protocol)) {
        set.source = net::PortRange::one(packet.source_port);
        set.destination = net::PortRange::one(packet.destination_port);
      } else {
        set.icmp_type = packet.icmp_type;
        set.icmp_code = packet.icmp_code;
      }
      question.port_sets = {set};
      reference::Interpreter interpreter(checked->tree.policy, machine);
      const reference::Answer answer = interpreter.first(packet);
      if (!answer.why.starts_with("rule") && answer.why != "no rule") continue;
      const auto explanation = analyse::explain(policy, question).at(packet.family() == net::Family::Ipv4 ? 0 : 1);
      std::string rows_told;
      for (const analyse::Branch& each : explanation.branches)
        for (const analyse::Row& row : each.rows) rows_told += rule_name(policy, row.rule) + ", ";
      INFO("told " << answer.why << " of " << property::text_of(packet) << ", rows " << rows_told);
      // An address that others give may be any, so it may be one that a redirect rule names.
      REQUIRE((explanation.branches.size() == 1 || is_dynamic));
      CHECK(std::ranges::any_of(explanation.branches, [&](const analyse::Branch& branch) {
        if (branch.redirected_by.has_value() != answer.destination.has_value()) return false;
        return std::ranges::any_of(branch.rows, [&](const analyse::Row& row) {
          if (rule_name(policy, row.rule) != answer.why) return false;
          masked += row.masked_by.has_value();
          const bool is_masked = answer.source && (answer.verdict == reference::Verdict::Accept ||
                                                   answer.verdict == reference::Verdict::Queue);
          return row.masked_by.has_value() == is_masked || row.example.out != answer.out_device;
        });
      }));
    }
  }
  WARN(
      fmt::format("{} policies: {} with what is not known, {} packets compared, {} rows, {} examples asked, {} "
                  "translated, {} masked, {} why-nots",
                  policies, unknown, compared, rows, examples, translated, masked, why_nots));
  CHECK(unknown < policies / 5);
  CHECK(compared > 10 * policies);
  CHECK(examples > 5 * policies);
  CHECK(translated > policies / 20);
  CHECK(why_nots > policies);
}
