// SPDX-License-Identifier: GPL-2.0-or-later
// What is said of live connections, held against the reference: for random policies and random first packets the entry
// that conntrack would have is judged by the compiled rules, and the packet by the reading of the policy.
#include <fmt/format.h>

#include "apply/connection_judge.h"
#include "base/memory_file_system.h"
#include "kernel/matrix/random_policy.h"
#include "lab/namespace.h"
#include "reference/interpreter.h"
#include "support/catch.h"
#include "support/flow.h"
#include "support/number_from.h"
#include "support/probes.h"

using namespace vuurmuur;
using namespace vuurmuur::kernel_test;

namespace {

using Verdict = apply::Judgement::Verdict;

/// What the kernel would say of that world. Devices are numbered from 1 in the order of their names.
class Facts {
 public:
  explicit Facts(const reference::World& world) : world_(world) {
    apply::DeviceNumber next = 0;
    for (const auto& [name, addresses] : world.devices) {
      facts_.devices[++next] = name;
      numbers_[name] = next;
      for (const net::Prefix& own : addresses) facts_.addresses.push_back({next, own.address});
    }
    facts_.devices[++next] = "lo";
  }
  [[nodiscard]] const apply::RoutingFacts& facts() const { return facts_; }
  [[nodiscard]] apply::Route route(const net::Address& to) const {
    for (const auto& [name, addresses] : world_.devices) {
      for (const net::Prefix& own : addresses) {
        if (own.address == to) return {apply::RouteKind::Local, numbers_.at(name)};
        if (own.family() == net::Family::Ipv4 && own.last() == to)
          return {apply::RouteKind::Broadcast, numbers_.at(name)};
      }
    }
    return {apply::RouteKind::Onward, numbers_.at(world_.device_towards(to))};
  }

 private:
  const reference::World& world_;
  apply::RoutingFacts facts_;
  std::map<std::string, apply::DeviceNumber> numbers_;
};

/// The entry that the packet's connection has under a policy that makes this answer to it.
apply::LiveConnection entry_of(const Probe& probe, const reference::Answer& answer, std::uint32_t mark) {
  apply::LiveConnection entry;
  entry.original.source = probe.packet.source;
  entry.original.destination = probe.packet.destination;
  entry.original.protocol = probe.packet.protocol;
  if (net::has_ports(probe.packet.protocol)) {
    entry.original.source_port = probe.packet.source_port;
    entry.original.destination_port = probe.packet.destination_port;
  }
  entry.original.icmp_type = probe.packet.icmp_type;
  entry.original.icmp_code = probe.packet.icmp_code;
  entry.reply = entry.original;
  std::swap(entry.reply.source, entry.reply.destination);
  std::swap(entry.reply.source_port, entry.reply.destination_port);
  if (answer.destination) {
    entry.reply.source = answer.destination->address;
    if (!answer.destination->ports.empty() && net::has_ports(probe.packet.protocol))
      entry.reply.source_port = answer.destination->ports.front().first;
  }
  if (answer.source) entry.reply.destination = *answer.source;
  entry.mark = mark;
  return entry;
}

bool admits(const reference::Answer& answer) {
  return answer.verdict == reference::Verdict::Accept || answer.verdict == reference::Verdict::Queue;
}

bool is_own(const net::Address& address, const reference::World& world) {
  for (const auto& [device, addresses] : world.devices)
    for (const net::Prefix& own : addresses)
      if (own.address == address) return true;
  return false;
}

/// Whether filter is what decides, and the packet came by the device that leads back to its source, as is taken for
/// granted of connections.
bool is_fair(const Probe& probe, const reference::Answer& answer, const reference::World& world) {
  if (probe.state != reference::State::New || answer.by_protection) return false;
  const auto& source = probe.packet.source;
  if (probe.in_device.empty()) return world.is_local(source) && !is_own(probe.packet.destination, world);
  return !world.is_local(source) && world.device_towards(source) == probe.in_device;
}

/// The user's chains that the policies call; what an accepting one does depends on its conditions.
apply::ForeignAcceptance user_chains() {
  apply::ForeignAcceptance chains = apply::ForeignAcceptance::nothing();
  for (const net::Family family : net::kFamilies) {
    chains.set(family, "my-accept", ir::ForeignChain::Anything);
    chains.set(family, "my-drop", ir::ForeignChain::Refuses);
  }
  return chains;
}

struct Tally {
  unsigned kept = 0, ended = 0, changed = 0, undecided = 0;
};

}  // namespace

TEST_CASE("what is said of a live connection is what the policy says of its first packet") {
  lab::enter_laboratory();  // compiling asks the kernel for its kinds of sets
  const reference::World world = gateway_world();
  const Facts facts(world);
  Probes probes;
  Tally tally;
  const unsigned first = test::number_from("VUURMUUR_RANDOM_SEED", 1),
                 policies = test::number_from("VUURMUUR_RANDOM_POLICIES", 150);
  for (unsigned seed = first; seed < first + policies; ++seed) {
    std::mt19937 random(seed);
    const Policy policy(random_policy(random));
    reference::Interpreter reference(policy.model(), world);
    const apply::ForeignAcceptance foreign = user_chains();
    apply::ConnectionJudge judge(policy.ruleset, foreign);
    for (unsigned i = 0; i < 60; ++i) {
      const Probe probe = probes.any(random);
      const reference::Answer answer = reference.first(for_reference(probe, world), probe.state);
      if (!is_fair(probe, answer, world)) continue;
      const std::uint32_t others = static_cast<std::uint32_t>(random()) & ~policy.layout().mask();
      const std::uint32_t right = admits(answer) ? connection_field(answer, policy.layout()) : 0;
      const std::uint32_t wrong = policy.layout().encode({ir::MarkKind::Queued, 11});
      for (const std::uint32_t field : {right, wrong}) {
        const apply::LiveConnection entry = entry_of(probe, answer, field | others);
        apply::Routes routes;
        for (const net::Address& to : {apply::source_in_filter(entry), apply::destination_in_filter(entry)})
          if (apply::is_routable(to)) routes.emplace(to, facts.route(to));
        const apply::FirstPackets packets(facts.facts(), routes,
                                          [&](std::string_view device) { return judge.number(device); });
        const apply::Judgement judgement = judge.judge(entry, packets.of(entry));
        INFO("seed " << seed << ", " << probe.to_string() << ", entry " << apply::to_string(entry)
                     << ", reference: " << answer.why);
        switch (judgement.verdict) {
          case Verdict::Undecided: ++tally.undecided; break;
          case Verdict::End:
            ++tally.ended;
            CHECK_FALSE(admits(answer));
            break;
          case Verdict::Keep:
            ++tally.kept;
            CHECK(admits(answer));
            CHECK(field == right);
            break;
          case Verdict::Remark:
            ++tally.changed;
            CHECK(admits(answer));
            CHECK(field != right);
            CHECK(judgement.field == right);
            break;
        }
      }
    }
  }
  WARN(fmt::format("kept {}, ended {}, changed {}, undecided {}", tally.kept, tally.ended, tally.changed,
                   tally.undecided));
  // It says something of most, and of each kind.
  CHECK(tally.kept > 100);
  CHECK(tally.changed > 100);
  CHECK(tally.ended > 100);
  CHECK(tally.undecided < tally.kept + tally.ended + tally.changed);
}
