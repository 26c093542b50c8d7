// SPDX-License-Identifier: GPL-2.0-or-later
// Queue numbers that change while connections are queued and packets wait for their verdict.
#include <poll.h>

#include "apply/set_support.h"
#include "campaign.h"
#include "compile/compile.h"
#include "lab/error.h"
#include "lab/queue_consumer.h"
#include "policies.h"
#include "support/catch.h"
#include "support/engine.h"

using namespace vuurmuur;
using namespace vuurmuur::kernel_test;

namespace {

constexpr std::uint16_t kHeldQueues[] = {7, 8}, kLiveQueues[] = {11, 12};
constexpr unsigned kHeldPackets = 100;

Files policy_with(std::uint16_t held, std::uint16_t live) {
  const auto nfqueue = [](const char* service, std::uint16_t queue) {
    return std::string("nfqueue service ") + service + " from local.lan to inet options nfqueuenum=\"" +
           std::to_string(queue) + "\"";
  };
  return files_of({.rules = extent().rules, .before = {nfqueue("held", held), nfqueue("queued", live)}});
}

/// Loads a policy the way the program does: queues of live connections keep their leaf.
void load_beside_live(Road& bench, const Policy& policy, apply::Backend backend) {
  const lab::Inside there(bench.firewall());
  const auto kernel = apply::make_kernel();
  auto live = apply::live_queues(*kernel, policy.layout());
  REQUIRE(live);
  apply::SetSupport sets(*kernel, backend);
  compile::Options options = rules_apart();
  options.live_queues = std::move(*live);
  options.can_hold = [&sets](const ir::Set& set) { return sets.can_hold(set); };
  const auto output = compile::compile(policy.resolved, options);
  const auto report = apply::apply(*kernel, output.ruleset, {.backend = backend});
  if (!report) throw lab::LabError("apply: " + report.error().message);
}

/// Waits until so many packets are in the consumer's hand.
std::vector<lab::Queued> take(lab::QueueConsumer& consumer, std::size_t how_many) {
  std::vector<lab::Queued> all;
  while (all.size() < how_many) {
    pollfd waiting{consumer.fd(), POLLIN, 0};
    if (::poll(&waiting, 1, 5000) == 0) break;
    for (lab::Queued& queued : consumer.pending()) all.push_back(std::move(queued));
  }
  return all;
}

TrafficPlan queued_traffic() {
  TrafficPlan plan = usual_traffic();
  constexpr auto kFlow = Stream::Kind::Flow;
  constexpr auto kByHand = Stream::Kind::ByHand;
  plan.queues = {std::begin(kLiveQueues), std::end(kLiveQueues)};
  plan.streams.push_back(
      {.name = "held IPv4", .first = udp("10.1.0.10", "198.51.100.7", 0, ports::kHeld), .kind = kByHand});
  plan.streams.push_back(
      {.name = "held IPv6", .first = udp("fd00:1::10", "2001:db8:77::7", 0, ports::kHeld), .kind = kByHand});
  plan.streams.push_back(
      {.name = "queued flow IPv4", .first = udp("10.1.0.14", "198.51.100.7", 5003, ports::kQueued), .kind = kFlow});
  plan.streams.push_back(
      {.name = "queued flow IPv6", .first = udp("fd00:1::14", "2001:db8:77::7", 5003, ports::kQueued), .kind = kFlow});
  plan.streams.push_back({.name = "new queued IPv4", .first = udp("10.1.0.10", "198.51.100.8", 0, ports::kQueued)});
  plan.streams.push_back({.name = "new queued IPv6", .first = udp("fd00:1::10", "2001:db8:77::8", 0, ports::kQueued)});
  return plan;
}

}  // namespace

TEST_CASE("queue numbers change: queued connections go on in their queue, packets that wait are kept") {
  Road& bench = road();
  for (const apply::Backend backend : backends()) {
    if (!can_queue(backend)) continue;
    clear(bench);
    const Policy one(policy_with(kHeldQueues[0], kLiveQueues[0]), rules_apart()),
        two(policy_with(kHeldQueues[1], kLiveQueues[1]), rules_apart());
    const std::size_t rules = load(bench, one, backend).rules;
    const TrafficPlan plan = queued_traffic();
    Traffic traffic(bench, plan);
    lab::QueueConsumer consumer(bench.firewall());
    for (const std::uint16_t queue : kHeldQueues) consumer.bind(queue);
    const std::size_t held[] = {plan.streams.size() - 6, plan.streams.size() - 5};

    unsigned in_old_queue = 0;
    const auto count =
        run({"queue numbers change", backend, rules, extent().reloads}, traffic, plan, [&](unsigned number) {
          for (const std::size_t stream : held) traffic.send(stream, kHeldPackets / 2);
          const auto waiting = take(consumer, kHeldPackets);
          REQUIRE(waiting.size() == kHeldPackets);
          for (const lab::Queued& packet : waiting) in_old_queue += packet.queue == kHeldQueues[number % 2] ? 1 : 0;
          load_beside_live(bench, number % 2 == 0 ? two : one, backend);
          for (const lab::Queued& packet : waiting) consumer.accept(packet);
        });
    CHECK(in_old_queue == extent().reloads * kHeldPackets);
    for (const std::size_t stream : held) CHECK(count.streams[stream].sent == extent().reloads * kHeldPackets / 2);
  }
}
