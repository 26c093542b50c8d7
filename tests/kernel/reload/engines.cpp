// SPDX-License-Identifier: GPL-2.0-or-later
// From one rule engine to the other and back while packets flow.
#include <poll.h>

#include "campaign.h"
#include "lab/queue_consumer.h"
#include "policies.h"
#include "support/catch.h"
#include "support/engine.h"

using namespace vuurmuur;
using namespace vuurmuur::kernel_test;

namespace {

constexpr std::uint16_t kQueue = 7;
constexpr unsigned kHeldPackets = 50;

/// Gives the verdict ACCEPT to what waits, until nothing more comes.
void accept_all(lab::QueueConsumer& consumer) {
  constexpr int kQuiet = 300;
  pollfd waiting{consumer.fd(), POLLIN, 0};
  while (::poll(&waiting, 1, kQuiet) == 1)
    for (const lab::Queued& packet : consumer.pending()) consumer.accept(packet);
}

}  // namespace

TEST_CASE("the engine changes: the new one is in force before the old one goes") {
  if (backends().size() < 2) return;
  Road& bench = road();
  clear(bench);
  const Policy one(files_of({.rules = extent().rules}), rules_apart()),
      two(files_of({.rules = extent().rules, .variant = 1}), rules_apart());
  const std::size_t rules = load(bench, one, apply::Backend::Xtables).rules;
  const TrafficPlan plan = usual_traffic();
  Traffic traffic(bench, plan);
  run({"the engine changes", apply::Backend::Nft, rules, extent().reloads}, traffic, plan, [&](unsigned number) {
    // Every other change of engine is one of policy as well.
    const Policy& policy = number % 4 < 2 ? two : one;
    load(bench, policy, number % 2 == 0 ? apply::Backend::Nft : apply::Backend::Xtables);
  });
}

TEST_CASE("the engine changes while packets wait in a queue: they arrive when they get their verdict") {
  if (backends().size() < 2 || !can_queue(apply::Backend::Nft)) return;
  Road& bench = road();
  clear(bench);
  const Policy policy(files_of({.rules = 100,
                                .before = {"nfqueue service held from local.lan to inet options nfqueuenum=\"" +
                                           std::to_string(kQueue) + "\""}}));
  const std::size_t rules = load(bench, policy, apply::Backend::Xtables).rules;
  TrafficPlan plan = usual_traffic();
  plan.streams.push_back(
      {.name = "held IPv4", .first = udp("10.1.0.10", "198.51.100.7", 0, ports::kHeld), .kind = Stream::Kind::ByHand});
  const std::size_t held = plan.streams.size() - 1;
  Traffic traffic(bench, plan);
  lab::QueueConsumer consumer(bench.firewall());
  consumer.bind(kQueue);
  run({"the engine changes, packets wait", apply::Backend::Nft, rules, std::min(extent().reloads, 10u)}, traffic, plan,
      [&](unsigned number) {
        traffic.send(held, kHeldPackets);
        std::vector<lab::Queued> waiting;
        pollfd more{consumer.fd(), POLLIN, 0};
        while (waiting.size() < kHeldPackets && ::poll(&more, 1, 5000) == 1)
          for (lab::Queued& packet : consumer.pending()) waiting.push_back(std::move(packet));
        REQUIRE(waiting.size() == kHeldPackets);
        load(bench, policy, number % 2 == 0 ? apply::Backend::Nft : apply::Backend::Xtables);
        for (const lab::Queued& packet : waiting) consumer.accept(packet);
        // A packet may meet the rules of the other engine behind those that queued it, and be queued again.
        accept_all(consumer);
      });
}
