// SPDX-License-Identifier: GPL-2.0-or-later
// Statements about random policies, held against the reference: a packet that is said to contradict one does, and of
// those that hold no packet does. VUURMUUR_RANDOM_POLICIES sets how many policies, VUURMUUR_RANDOM_SEED the first one's
// seed.
#include "analyse/assertion.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>

#include "base/memory_file_system.h"
#include "control/checked_policy.h"
#include "kernel/matrix/random_policy.h"
#include "packets.h"
#include "reference/interpreter.h"
#include "support/catch.h"
#include "support/number_from.h"

using namespace vuurmuur;
using Kind = analyse::Assertion::Kind;
using Verdict = analyse::Assertion::Verdict;
using Result = analyse::Finding::Kind;

namespace {

constexpr std::array kEnds{"any",
                           "firewall",
                           "lan",
                           "dmz",
                           "inet",
                           "local.lan",
                           "world.inet",
                           "pc.local.lan",
                           "web.servers.dmz",
                           "staff.local.lan",
                           "10.1.0.77"};
constexpr std::array kServices{"any", "http", "ssh", "dns", "ping", "ports", "netbios"};

std::string statement(std::mt19937& random) {
  const auto end = [&] { return kEnds[random() % kEnds.size()]; };
  const std::string from = end(), to = end(), service = kServices[random() % kServices.size()];
  constexpr std::array kVerdicts{"accepted", "queued", "queued to 7", "dropped", "rejected", "refused"};
  switch (random() % 5) {
    case 0: return fmt::format("{} can reach {} service {}", from, to, service);
    case 1: return fmt::format("{} never reaches {} service {}", from, to, service);
    case 2: return fmt::format("only {}, {} reaches {} service {}", from, end(), to, service);
    case 3: return fmt::format("{} from {} to {} is {}", service, from, to, kVerdicts[random() % kVerdicts.size()]);
    default:
      return fmt::format("{} from {} to {} is not {}", service, from, to, kVerdicts[random() % kVerdicts.size()]);
  }
}

bool is_let_through(const reference::Answer& answer) {
  return answer.verdict == reference::Verdict::Accept || answer.verdict == reference::Verdict::Queue;
}

bool is(const reference::Answer& answer, const analyse::Assertion& assertion) {
  switch (assertion.verdict) {
    case Verdict::Accepted: return answer.verdict == reference::Verdict::Accept;
    case Verdict::Queued:
      return answer.verdict == reference::Verdict::Queue &&
             (!assertion.queues ||
              (assertion.queues->first <= answer.queue.first && answer.queue.last <= assertion.queues->last));
    case Verdict::Dropped: return answer.verdict == reference::Verdict::Drop;
    case Verdict::Rejected: return answer.verdict == reference::Verdict::Reject;
    case Verdict::Refused: return !is_let_through(answer);
  }
  return false;
}

/// Whether what becomes of a packet shows that a statement about it is not true.
bool contradicts(const reference::Answer& answer, const analyse::Assertion& assertion) {
  switch (assertion.kind) {
    case Kind::Reaches: return !is_let_through(answer);
    case Kind::Never:
    case Kind::Only: return is_let_through(answer);
    case Kind::Is: return !is(answer, assertion);
    case Kind::IsNot: return is(answer, assertion);
  }
  return false;
}

/// Packets that a statement is about, except that "only" leaves some of them out.
std::vector<analyse::Box> boxes_about(const analyse::Assertion& assertion, const analyse::Configuration& configuration,
                                      const analyse::PolicyBoxes& boxes_of) {
  diag::Sink sink;
  const bool forbids = assertion.kind == Kind::Never || assertion.kind == Kind::Only || assertion.kind == Kind::IsNot;
  analyse::Question question;
  const auto read = [&](const model::Located<std::string>& name) {
    analyse::AskedEnd end = *analyse::read_end(configuration, name, sink);
    if (forbids && end.end.kind == sema::End::Kind::Firewall) end.end.kind = sema::End::Kind::FirewallAny;
    return end;
  };
  if (assertion.kind != Kind::Only) question.from = read(assertion.from.front());
  question.to = read(assertion.to.front());
  if (!assertion.services.empty())
    REQUIRE(analyse::read_service(configuration, assertion.services.front(), question, sink));
  std::vector<analyse::Box> boxes = analyse::boxes_of(question, boxes_of, configuration.policy);
  if (assertion.kind != Kind::Only) return boxes;
  for (const auto& name : assertion.from) {
    question.from = read(name);
    for (const analyse::Box& except : analyse::boxes_of(question, boxes_of, configuration.policy))
      REQUIRE(analyse::subtract(except, 100'000, boxes));
  }
  return boxes;
}

}  // namespace

TEST_CASE("a packet that contradicts a statement does so, and of what holds no packet does") {
  const unsigned first = test::number_from("VUURMUUR_RANDOM_SEED", 1);
  const unsigned policies = test::number_from("VUURMUUR_RANDOM_POLICIES", 300);
  const reference::World machine = property::world();
  unsigned holding = 0, failing = 0, nothing = 0, unknown = 0, contradicting = 0, agreeing = 0;
  for (unsigned seed = first; seed < first + policies; ++seed) {
    std::mt19937 random(seed);
    base::MemoryFileSystem files;
    for (const auto& [path, text] : kernel_test::random_policy(random)) files.files["/tree/" + path] = text;
    std::string text;
    for (int i = 0; i < 12; ++i) text += statement(random) + "\n";
    const auto checked = control::check_tree(files, "/tree");
    REQUIRE_FALSE(checked->sink.has_errors());
    const analyse::Configuration configuration{
        .model = checked->tree.policy, .objects = checked->objects, .policy = checked->policy};
    const diag::FileId file = checked->tree.sources.add("statements", text);
    diag::Sink sink;
    const auto told = analyse::check_assertions(text, file, configuration, sink);
    REQUIRE(told.assertions.size() == 12);
    const auto ask = [&](const reference::Packet& packet) {
      reference::Interpreter interpreter(checked->tree.policy, machine);
      return interpreter.ask_rules(packet);
    };
    for (std::size_t i = 0; i < told.assertions.size(); ++i) {
      const analyse::Assertion& assertion = told.assertions[i];
      const analyse::Finding& finding = told.findings[i];
      INFO("seed " << seed << ": " << analyse::to_string(assertion) << "\n" << files.files["/tree/rules/rules.conf"]);
      CHECK(finding.kind != Result::Unreadable);
      nothing += finding.kind == Result::AboutNothing;
      unknown += finding.kind == Result::NotFinished;
      if (finding.kind == Result::Fails) {
        ++failing;
        const auto packet =
            property::packet_of(*finding.packet, analyse::PolicyBoxes(checked->policy, finding.packet->family));
        if (!packet) continue;
        const reference::Answer answer = ask(*packet);
        INFO("told " << answer.why << " of " << property::text_of(*packet));
        // What limits let go on, and chains of the user's, may be what shows it.
        const bool may_be_otherwise = std::ranges::any_of(checked->policy.rules, [](const sema::Rule& rule) {
          return analyse::way_of(rule) == analyse::Way::MayTake;
        });
        CHECK((contradicts(answer, assertion) || may_be_otherwise));
        contradicting += contradicts(answer, assertion);
      }
      if (finding.kind != Result::Holds) continue;
      ++holding;
      for (const net::Family family : net::kFamilies) {
        const analyse::PolicyBoxes boxes_of(checked->policy, family);
        const auto boxes = boxes_about(assertion, configuration, boxes_of);
        for (int tries = 0; tries < 6 && !boxes.empty(); ++tries) {
          const auto packet =
              property::packet_at(property::point_in(boxes[random() % boxes.size()], random), boxes_of, family);
          if (!packet) continue;
          const reference::Answer answer = ask(*packet);
          INFO("told " << answer.why << " of " << property::text_of(*packet));
          CHECK_FALSE(contradicts(answer, assertion));
          ++agreeing;
        }
      }
    }
  }
  WARN(fmt::format(
      "{} policies: {} statements hold, {} do not, {} are about nothing, {} unknown; {} packets contradict, {} agree",
      policies, holding, failing, nothing, unknown, contradicting, agreeing));
  CHECK(holding > policies);
  CHECK(contradicting > policies);
  CHECK(agreeing > policies);
}
