// SPDX-License-Identifier: GPL-2.0-or-later
// Many queues in one ruleset: each pair of a host and a service has its own.
#include <fmt/format.h>

#include <random>
#include <set>

#include "conversation.h"
#include "lab/requirement.h"
#include "support/catch.h"
#include "support/engine.h"
#include "support/policy_files.h"

using namespace vuurmuur;
using namespace vuurmuur::kernel_test;

namespace {

constexpr unsigned kHosts = 256;
constexpr std::uint16_t kFirstPort = 10000;

/// Host h (198.18.0.h) and service s (port 10000 + s) have queue s * 256 + h: `count` of them.
Files policy_of(unsigned count) {
  Files files = read_files("base");
  std::string rules;
  for (unsigned queue = 0; queue < count; ++queue) {
    const unsigned host = queue % kHosts, service = queue / kHosts;
    files[fmt::format("zones/inet/networks/world/hosts/h{}.host", host)] =
        fmt::format("IPADDRESS=\"198.18.0.{}\"\n", host);
    files[fmt::format("services/s{}", service)] = fmt::format("RANGE=\"6;{}*0\"\n", kFirstPort + service);
    rules += fmt::format("RULE=\"nfqueue service s{} from lan to h{}.world.inet options nfqueuenum=\\\"{}\\\"\"\n",
                         service, host, queue);
  }
  files["rules/rules.conf"] = rules;
  return files;
}

std::set<std::uint16_t> samples(unsigned count) {
  std::set<std::uint16_t> some{0, static_cast<std::uint16_t>(count - 1)};
  std::mt19937 random(count);
  for (int i = 0; i < 20; ++i) some.insert(static_cast<std::uint16_t>(random() % count));
  return some;
}

}  // namespace

TEST_CASE("as many queues as there are, each reached in both directions") {
  if (!can_queue(engine_under_test())) return;
  const unsigned count = GENERATE(1u, 256u, 65536u);
  // Each queue has a rule and a chain of its own, in both families.
  constexpr std::size_t kBytesOfQueue = 3000;
  if (engine_under_test() == apply::Backend::Nft && !lab::can_send(count * kBytesOfQueue)) return;
  lab::Gateway& bench = gateway();
  load(bench, Policy(policy_of(count)));
  const auto some = samples(count);
  for (const std::uint16_t queue : some) bench.queues.bind(queue);
  for (const std::uint16_t queue : some) {
    const std::string server = fmt::format("198.18.0.{}", queue % kHosts);
    Conversation talk("lan0", "10.1.0.10", "inet0", server.c_str(), 41000,
                      static_cast<std::uint16_t>(kFirstPort + queue / kHosts));
    auto steps = talk.open();
    steps.push_back(talk.server_says("data"));
    for (const auto& step : steps) {
      CHECK(step.arrived);
      REQUIRE(step.queued.size() == 1);
      CHECK(step.queued[0].queue == queue);
    }
    CHECK(bench.conntrack.find(talk.first())->mark == (0x10000000u | static_cast<std::uint32_t>(queue) << 12));
  }
  for (const std::uint16_t queue : some) bench.queues.unbind(queue);
  bench.conntrack.flush();
}
