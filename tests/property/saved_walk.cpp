// SPDX-License-Identifier: GPL-2.0-or-later
// What is emitted means what the policy says: random policies are compiled and written as iptables-save and ipset do,
// read back from that text alone, and random packets sent through it, held against the reading of the policy.
// VUURMUUR_RANDOM_POLICIES sets how many policies, VUURMUUR_RANDOM_SEED the first one's seed.
#include <fmt/format.h>

#include <array>

#include "backend/ipset_save.h"
#include "backend/iptables_save.h"
#include "diag/render.h"
#include "kernel/matrix/random_policy.h"
#include "lab/namespace.h"
#include "reference/interpreter.h"
#include "saved/read.h"
#include "saved/walk.h"
#include "support/catch.h"
#include "support/flow.h"
#include "support/number_from.h"
#include "support/probes.h"

using namespace vuurmuur;
using namespace vuurmuur::kernel_test;

namespace {

/// The text of a family read back, with the chains of the user's that the policies call.
class Emitted {
 public:
  Emitted(const Policy& policy, net::Family family, const reference::World& world) {
    std::string text = backend::iptables_save(policy.ruleset, family);
    const std::string filter = "*filter\n";
    if (const auto at = text.find(filter); at != std::string::npos)
      text.insert(
          at + filter.size(),
          ":my-empty - [0:0]\n:my-accept - [0:0]\n:my-drop - [0:0]\n-A my-accept -j ACCEPT\n-A my-drop -j DROP\n");
    const std::array families{family};
    ruleset_ = saved::read(sources_.add("rules.save", std::move(text)), sources_, sink_);
    sets_ =
        saved::Sets::read(sources_.add("sets.save", backend::ipset_save(policy.ruleset, families)), sources_, sink_);
    walker_.emplace(ruleset_, family, sink_,
                    saved::Walker::Options{.sets = &sets_,
                                           .route =
                                               [&world](const net::Address& to) {
                                                 return world.is_local(to) ? std::string() : world.device_towards(to);
                                               },
                                           .addresses =
                                               [&world](const std::string& device) {
                                                 std::vector<net::Address> addresses;
                                                 if (const auto found = world.devices.find(device);
                                                     found != world.devices.end())
                                                   for (const net::Prefix& own : found->second)
                                                     addresses.push_back(own.address);
                                                 return addresses;
                                               }});
  }
  [[nodiscard]] std::string said() const { return diag::render(sink_, sources_, diag::Style::Plain); }
  [[nodiscard]] saved::Answer walk(const saved::Packet& packet) const { return walker_->walk(packet); }
  [[nodiscard]] std::string text(const saved::Outcome& outcome) const {
    std::string text;
    for (const saved::Step& step : outcome.path)
      text += fmt::format("  {} {}\n", step.table->name,
                          step.rule == nullptr ? step.chain->name + " policy" : sources_.text(step.rule->span));
    for (const saved::Assumption& assumption : outcome.assumed)
      text += fmt::format("  {} if '{}'\n", assumption.holds ? "" : "not", assumption.condition);
    return text;
  }

 private:
  diag::SourceMap sources_;
  diag::Sink sink_;
  saved::Ruleset ruleset_;
  saved::Sets sets_;
  std::optional<saved::Walker> walker_;
};

saved::Packet packet_of(const Probe& probe, const reference::World& world) {
  const bool is_local = world.is_local(probe.packet.destination);
  saved::Packet packet{
      .way = probe.in_device.empty() ? saved::Way::Out
             : is_local              ? saved::Way::In
                                     : saved::Way::Through,
      .in = probe.in_device,
      .out = is_local && !probe.in_device.empty() ? "" : world.device_towards(probe.packet.destination),
      .source = probe.packet.source,
      .destination = probe.packet.destination,
      .protocol = static_cast<std::uint8_t>(probe.packet.protocol),
      .source_port = probe.packet.source_port,
      .destination_port = probe.packet.destination_port,
      .icmp_type = probe.packet.icmp_type,
      .icmp_code = probe.packet.icmp_code,
      .flags = probe.packet.tcp_flags};
  if (!probe.in_device.empty()) packet.source_mac = probe.from;
  if (probe.state == reference::State::Invalid) packet.states = saved::State::kInvalid;
  if (probe.state == reference::State::Untracked) packet.states = saved::State::kUntracked;
  return packet;
}

/// Whether it ends alike, is remembered alike and was sent to the same address.
bool agree(const saved::Outcome& outcome, const reference::Answer& answer, const ir::MarkLayout& layout) {
  const bool is_admitted = answer.verdict == reference::Verdict::Accept || answer.verdict == reference::Verdict::Queue;
  if (is_admitted && outcome.packet.states != saved::State::kUntracked &&
      (outcome.packet.connection_mark & layout.mask()) != connection_field(answer, layout))
    return false;
  if (is_admitted && answer.destination && outcome.packet.destination != answer.destination->address) return false;
  using enum saved::Outcome::Verdict;
  switch (answer.verdict) {
    case reference::Verdict::Drop: return outcome.verdict == Drop;
    case reference::Verdict::Reject: return outcome.verdict == Reject;
    case reference::Verdict::Accept: return outcome.verdict == Accept;
    case reference::Verdict::Queue: break;
  }
  return outcome.verdict == Queue && *outcome.queue >= answer.queue.first && *outcome.queue <= answer.queue.last;
}

struct Tally {
  unsigned sure = 0, split = 0;
};

void compare(unsigned seed, Tally& tally) {
  static const reference::World world = gateway_world();
  static Probes probes;
  std::mt19937 random(seed);
  const Policy policy(random_policy(random));
  const Emitted v4(policy, net::Family::Ipv4, world), v6(policy, net::Family::Ipv6, world);
  INFO("seed " << seed << '\n' << v4.said() << v6.said());
  REQUIRE(v4.said().empty());
  REQUIRE(v6.said().empty());
  for (unsigned i = 0; i < 80; ++i) {
    const Probe probe = probes.any(random);
    // Limits are asked with a full bucket each time.
    const reference::Answer answer =
        reference::Interpreter(policy.model(), world).first(for_reference(probe, world), probe.state);
    const Emitted& emitted = probe.packet.source.family == net::Family::Ipv4 ? v4 : v6;
    const saved::Answer walked = emitted.walk(packet_of(probe, world));
    ++(walked.outcomes.size() == 1 ? tally.sure : tally.split);
    if (std::ranges::any_of(walked.outcomes,
                            [&](const saved::Outcome& outcome) { return agree(outcome, answer, policy.layout()); }))
      continue;
    std::string told;
    for (const saved::Outcome& outcome : walked.outcomes)
      told += fmt::format("{}:\n{}", static_cast<int>(outcome.verdict), emitted.text(outcome));
    FAIL_CHECK(probe.to_string() << ", reference: " << static_cast<int>(answer.verdict) << " by " << answer.why << '\n'
                                 << told);
  }
}

}  // namespace

TEST_CASE("the emitted text, read back, does with every packet what the policy says") {
  lab::enter_laboratory();  // compiling asks the kernel for its kinds of sets
  const unsigned first = test::number_from("VUURMUUR_RANDOM_SEED", 1),
                 policies = test::number_from("VUURMUUR_RANDOM_POLICIES", 150);
  Tally tally;
  for (unsigned seed = first; seed < first + policies; ++seed) compare(seed, tally);
  WARN(fmt::format("{} packets have one answer, {} depend on more than they tell", tally.sure, tally.split));
  CHECK(tally.sure > tally.split);
}

TEST_CASE("an interface that stands for the device of another one is itself alone") {
  lab::enter_laboratory();
  Tally tally;
  for (const unsigned seed : {91U, 899U, 2858U, 4491U}) compare(seed, tally);
}
