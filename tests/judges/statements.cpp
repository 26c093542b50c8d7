// SPDX-License-Identifier: GPL-2.0-or-later
// What is said of questions and statements about random policies, before a checker that knows nothing of how it was
// found (certificate.h): every example is met by a scan of the list, and of what is said to hold it is shown that no
// packet is left to any rule that would contradict it. VUURMUUR_RANDOM_POLICIES sets how many policies,
// VUURMUUR_RANDOM_SEED the first one's seed.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <random>

#include "analyse/assertion.h"
#include "analyse/explain.h"
#include "base/memory_file_system.h"
#include "certificate.h"
#include "control/checked_policy.h"
#include "kernel/matrix/random_policy.h"
#include "read_boxes.h"
#include "support/catch.h"
#include "support/number_from.h"

using namespace vuurmuur;
using analyse::Assertion;
using analyse::Field;
using judges::kNobody;
using model::Action;
using Result = analyse::Finding::Kind;

static_assert(analyse::kNoRule == kNobody);

namespace {

constexpr std::array kEnds{"any",
                           "firewall",
                           "firewall(any)",
                           "lan",
                           "dmz",
                           "inet",
                           "local.lan",
                           "world.inet",
                           "pc.local.lan",
                           "web.servers.dmz",
                           "staff.local.lan",
                           "10.1.0.77",
                           "2001:db8:3::/64"};
constexpr std::array kServices{"any", "http", "ssh", "dns", "ping", "ports", "netbios", "http, https"};

std::string statement(std::mt19937& random) {
  const auto end = [&] {
    const std::string one = kEnds[random() % kEnds.size()];
    return random() % 4 == 0 ? one + ", " + kEnds[random() % kEnds.size()] : one;
  };
  constexpr std::array kVerdicts{"accepted", "queued", "queued to 7", "dropped", "rejected", "refused"};
  const std::string from = end(), to = end(), service = kServices[random() % kServices.size()],
                    verdict = kVerdicts[random() % kVerdicts.size()];
  switch (random() % 5) {
    case 0: return fmt::format("{} can reach {} service {}", from, to, service);
    case 1: return fmt::format("{} never reaches {} service {}", from, to, service);
    case 2: return fmt::format("only {} reaches {} service {}", from, to, service);
    case 3: return fmt::format("{} from {} to {} is {}", service, from, to, verdict);
    default: return fmt::format("{} from {} to {} is not {}", service, from, to, verdict);
  }
}

bool is_limited(const sema::Rule& rule) {
  return rule.source->options.limit && rule.source->options.limit->value.count != 0;
}

bool is_decision(Action action) {
  return action != Action::Log && action != Action::Snat && action != Action::Masq && action != Action::Dnat &&
         action != Action::Separator;
}

/// One family of a policy.
struct Half {
  analyse::FilterBoxes boxes_of;
  judges::List list;     ///< where limits let packets go on
  judges::List limited;  ///< of packets within all limits
  judges::Box world;
  bool is_known = true;

  Half(const sema::Policy& policy, net::Family family)
      : boxes_of(policy, family), world(judges::read(boxes_of.plain().everything())) {
    for (std::size_t i = 0; i < policy.rules.size(); ++i) {
      const sema::Rule& rule = policy.rules[i];
      const analyse::RuleBoxes found = boxes_of.taken_by(rule);
      is_known = is_known && !found.has_more;
      const bool decides = is_decision(*rule.source->action) && *rule.source->action != Action::Chain;
      for (const analyse::Box& box : found.boxes) {
        list.push_back({.rule = i, .takes = decides && !is_limited(rule), .box = judges::read(box)});
        limited.push_back({.rule = i, .takes = decides, .box = judges::read(box)});
      }
    }
  }

  /// Nothing when its own address is one that only the moment tells.
  [[nodiscard]] std::optional<judges::Point> point_of(const analyse::Sample& sample) const {
    if (sample.is_own_unknown) return std::nullopt;
    judges::Point point{};
    const auto at = [&point](Field field) -> judges::Number& { return point[static_cast<std::size_t>(field)]; };
    at(Field::Chain) = static_cast<judges::Number>(sample.way);
    // The first number is that of a device that no interface stands for.
    for (const auto& [field, device] : {std::pair(Field::In, sample.in), std::pair(Field::Out, sample.out)})
      if (!device.empty()) at(field) = judges::number_of(boxes_of.plain().device_interval(device).first);
    at(Field::Protocol) = static_cast<judges::Number>(sample.protocol);
    const bool has_ports = net::has_ports(sample.protocol);
    at(Field::SourcePort) = has_ports ? sample.source_port : sample.icmp_type;
    at(Field::DestinationPort) = has_ports ? sample.destination_port : sample.icmp_code;
    at(Field::Source) = judges::number_of(analyse::value_of(sample.source));
    at(Field::Destination) = judges::number_of(analyse::value_of(sample.destination));
    if (sample.source_mac)
      for (const std::uint8_t byte : sample.source_mac->bytes) at(Field::SourceMac) = at(Field::SourceMac) << 8 | byte;
    return point;
  }
};

/// Whether a rule that gets a packet, or none, shows that a statement is not true.
bool contradicts(const Assertion& assertion, const sema::Policy& policy, std::size_t place) {
  const Action action = place == kNobody ? Action::Drop : *policy.rules[place].source->action;
  if (!is_decision(action)) return false;
  if (action == Action::Chain) return true;  // what it does nobody knows
  const bool is_refused = action == Action::Drop || action == Action::Reject;
  if (assertion.kind == Assertion::Kind::Reaches) return is_refused;
  if (assertion.kind == Assertion::Kind::Never || assertion.kind == Assertion::Kind::Only) return !is_refused;
  bool is_surely = false, is_maybe = false;
  switch (assertion.verdict) {
    case Assertion::Verdict::Accepted: is_surely = !is_refused && action != Action::Nfqueue; break;
    case Assertion::Verdict::Dropped: is_surely = action == Action::Drop; break;
    case Assertion::Verdict::Rejected: is_surely = action == Action::Reject; break;
    case Assertion::Verdict::Refused: is_surely = is_refused; break;
    case Assertion::Verdict::Queued: {
      if (action != Action::Nfqueue) break;
      const auto& option = policy.rules[place].source->options.queue;
      const model::QueueRange queues = option ? **option : model::QueueRange{};
      const model::QueueRange wanted = assertion.queues.value_or(model::QueueRange{0, 65535});
      is_surely = queues.first >= wanted.first && queues.last <= wanted.last;
      is_maybe = queues.first <= wanted.last && queues.last >= wanted.first;
      break;
    }
  }
  return assertion.kind == Assertion::Kind::Is ? !is_surely : is_surely || is_maybe;
}

/// The packets that a statement is about, and those of them that it excepts.
struct Subject {
  std::vector<judges::Box> about{}, except{};
};

Subject subject_of(const Assertion& assertion, const analyse::Configuration& configuration, const Half& half) {
  diag::Sink sink;
  const bool is_only = assertion.kind == Assertion::Kind::Only;
  const bool forbids = is_only || assertion.kind == Assertion::Kind::Never || assertion.kind == Assertion::Kind::IsNot;
  analyse::Question services;
  for (const auto& name : assertion.services) {
    analyse::Question one;
    REQUIRE(analyse::read_service(configuration, name, one, sink));
    if (one.any_service) continue;
    services.any_service = false;
    services.port_sets.insert(services.port_sets.end(), one.port_sets.begin(), one.port_sets.end());
  }
  const auto read = [&](const model::Located<std::string>& name) {
    analyse::AskedEnd end = *analyse::read_end(configuration, name, sink);
    if (forbids && end.end.kind == sema::End::Kind::Firewall) end.end.kind = sema::End::Kind::FirewallAny;
    return end;
  };
  Subject subject;
  const auto add = [&](const analyse::AskedEnd& from, const analyse::AskedEnd& to, std::vector<judges::Box>& boxes) {
    analyse::Question question = services;
    question.from = from;
    question.to = to;
    for (const analyse::Box& box : analyse::boxes_of(question, half.boxes_of.plain(), configuration.policy))
      boxes.push_back(judges::read(box));
  };
  for (const auto& to : assertion.to) {
    if (is_only) add({}, read(to), subject.about);
    for (const auto& from : assertion.from) add(read(from), read(to), is_only ? subject.except : subject.about);
  }
  return subject;
}

bool any_holds(const std::vector<judges::Box>& boxes, const judges::Point& point) {
  return std::ranges::any_of(boxes, [&](const judges::Box& box) { return judges::holds(box, point); });
}

struct Tally {
  unsigned rows = 0, skipped = 0, unknown = 0;
  unsigned failing = 0, holding = 0, nothing = 0;
};

void check_statements(const analyse::Configuration& configuration, diag::SourceMap& sources,
                      const std::vector<Half>& halves, std::mt19937& random, Tally& tally) {
  std::string text;
  for (int i = 0; i < 8; ++i) text += statement(random) + "\n";
  diag::Sink sink;
  const auto told = analyse::check_assertions(text, sources.add("statements", text), configuration, sink);
  REQUIRE(told.assertions.size() == 8);
  for (std::size_t i = 0; i < told.assertions.size(); ++i) {
    const Assertion& assertion = told.assertions[i];
    const analyse::Finding& finding = told.findings[i];
    INFO(analyse::to_string(assertion));
    CHECK(finding.kind != Result::Unreadable);
    CHECK(finding.kind != Result::NotFinished);
    // Who can reach something within a limit can reach it.
    const auto list_of = [&](const Half& half) -> const judges::List& {
      return assertion.kind == Assertion::Kind::Reaches ? half.limited : half.list;
    };
    if (finding.kind == Result::Fails) {
      const Half& half = halves[finding.packet->family == net::Family::Ipv4 ? 0 : 1];
      CHECK(contradicts(assertion, configuration.policy, finding.rule));
      const auto point = half.point_of(*finding.packet);
      if (!point) {
        ++tally.skipped;
        continue;
      }
      ++tally.failing;
      CHECK(judges::fault_of_witness(list_of(half), finding.rule, *point) == "");
      const Subject subject = subject_of(assertion, configuration, half);
      CHECK(any_holds(subject.about, *point));
      CHECK_FALSE(any_holds(subject.except, *point));
      continue;
    }
    ++(finding.kind == Result::Holds ? tally.holding : tally.nothing);
    for (const Half& half : halves) {
      Subject subject = subject_of(assertion, configuration, half);
      const auto impossible = judges::impossible(half.world);
      subject.except.insert(subject.except.end(), impossible.begin(), impossible.end());
      for (const judges::Box& box : subject.about) {
        if (finding.kind == Result::AboutNothing) CHECK_FALSE(judges::outside(box, subject.except));
        for (std::size_t rule = 0; rule < configuration.policy.rules.size(); ++rule)
          if (contradicts(assertion, configuration.policy, rule))
            CHECK(judges::fault_of_nothing(list_of(half), rule, box, subject.except) == "");
        if (contradicts(assertion, configuration.policy, kNobody))
          CHECK(judges::fault_of_nothing(list_of(half), kNobody, box, subject.except) == "");
      }
    }
  }
}

/// The rows of a question: their examples, and that no other rule gets any of it.
void check_rows(const analyse::Configuration& configuration, const std::vector<Half>& halves, std::mt19937& random,
                Tally& tally) {
  diag::Sink sink;
  analyse::Question question;
  question.from = *analyse::read_end(configuration, std::string(kEnds[random() % kEnds.size()]), sink);
  question.to = *analyse::read_end(configuration, std::string(kEnds[random() % kEnds.size()]), sink);
  if (!analyse::read_service(configuration, std::string(kServices[random() % (kServices.size() - 1)]), question, sink))
    return;
  question.is_translated = true;
  for (const analyse::Explanation& explanation : analyse::explain(configuration.policy, question)) {
    const Half& half = halves[explanation.family == net::Family::Ipv4 ? 0 : 1];
    std::vector<std::size_t> told;
    for (const analyse::Branch& branch : explanation.branches)
      for (const analyse::Row& row : branch.rows) {
        REQUIRE(row.is_finished);
        told.push_back(row.rule);
        const auto point = half.point_of(row.example);
        if (!point) {
          ++tally.skipped;
          continue;
        }
        ++tally.rows;
        CHECK(judges::fault_of_witness(half.list, row.rule, *point) == "");
        std::vector<std::size_t> passed = judges::passed(half.list, *point);
        std::erase_if(passed, [&](std::size_t rule) { return rule >= row.rule; });
        CHECK(passed == row.passed);
      }
    const auto impossible = judges::impossible(half.world);
    for (const analyse::Box& box : analyse::boxes_of(question, half.boxes_of.plain(), configuration.policy)) {
      for (std::size_t rule = 0; rule < configuration.policy.rules.size(); ++rule)
        if (!std::ranges::count(told, rule))
          CHECK(judges::fault_of_nothing(half.list, rule, judges::read(box), impossible) == "");
      if (!std::ranges::count(told, kNobody))
        CHECK(judges::fault_of_nothing(half.list, kNobody, judges::read(box), impossible) == "");
    }
  }
}

}  // namespace

TEST_CASE("what is said of questions and statements has shown it to a checker of its own") {
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
    if (std::ranges::any_of(halves, [](const Half& half) { return !half.is_known; })) {
      ++tally.unknown;
      continue;
    }
    const analyse::Configuration configuration{
        .model = checked->tree.policy, .objects = checked->objects, .policy = checked->policy};
    check_statements(configuration, checked->tree.sources, halves, random, tally);
    for (int i = 0; i < 3; ++i) check_rows(configuration, halves, random, tally);
  }
  WARN(
      fmt::format("{} policies ({} with what is not known): {} statements that do not hold, {} that do, {} about "
                  "nothing; {} rows of questions; {} examples at addresses that only the moment tells",
                  policies, tally.unknown, tally.failing, tally.holding, tally.nothing, tally.rows, tally.skipped));
  CHECK(tally.unknown < policies / 5);
  CHECK(tally.failing > policies);
  CHECK(tally.holding > policies);
  CHECK(tally.rows > policies);
}
