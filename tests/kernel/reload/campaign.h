// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <string>

#include "apply/apply.h"
#include "support/policy_files.h"
#include "traffic.h"

namespace vuurmuur::kernel_test {

/// How much is done; from the environment, so that the whole proof can be run by hand.
struct Extent {
  unsigned reloads = 0;  ///< VUURMUUR_RELOADS, of each scenario
  unsigned rules = 0;    ///< VUURMUUR_RELOAD_RULES, of the policy besides those that the scenario is about
};
[[nodiscard]] Extent extent();

/// The engines to reload in: all, or the one that VUURMUUR_RELOAD_BACKEND names.
[[nodiscard]] std::vector<apply::Backend> backends();

/// Loads a policy into the firewall of the road.
apply::Report load(Road& road, const Policy& policy, apply::Backend backend);
/// The same for one that the kernel refuses: gives the message.
[[nodiscard]] std::string load_refused(Road& road, const ir::Ruleset& ruleset, apply::Backend backend);
/// Takes all of ours out, whatever the engine, and forgets all connections.
void clear(Road& road);

/// Packets that met a rule of the policy, of both families and all its kernel rules: `rule` is what its origin begins
/// with ("rule 4:").
[[nodiscard]] std::uint64_t packets_of_rule(Road& road, const std::string& rule, apply::Backend backend);

/// Streams that every scenario has: one part allowed and one forbidden, of both families, new connections all of them.
[[nodiscard]] std::vector<Stream> common_streams();
/// A UDP packet for a stream to begin with.
[[nodiscard]] lab::Packet udp(const char* from, const char* to, std::uint16_t from_port, std::uint16_t to_port);

/// A long flow of each family, and TCP connections beside it.
[[nodiscard]] std::vector<Stream> long_flows();
[[nodiscard]] std::vector<TalkPlan> talks();
/// All of them.
[[nodiscard]] TrafficPlan usual_traffic();

/// A scenario: reloads while traffic crosses.
struct Campaign {
  std::string scenario;
  apply::Backend backend = apply::Backend::Xtables;
  std::size_t kernel_rules = 0;
  unsigned reloads = 0;
  /// Packets that have to cross between two reloads, so that no reload goes by unseen by the traffic.
  unsigned packets_between = 100;
};

/// Reloads `campaign.reloads` times; each is told its number. Then stops the traffic, writes a line of figures to the
/// log (standard output, and the file VUURMUUR_RELOAD_LOG), and checks them: nothing allowed lost beyond what the
/// laboratory itself may have lost, nothing forbidden admitted, nothing doubled, no connection broken or translated
/// anew. Gives the figures.
TrafficCount run(const Campaign& campaign, Traffic& traffic, const TrafficPlan& plan,
                 const std::function<void(unsigned)>& reload);

/// Checks the figures of a traffic that has been stopped, as run() does.
void check(const Campaign& campaign, const TrafficPlan& plan, const TrafficCount& count);

/// Only the line, without checks.
void write_log_line(const Campaign& campaign, const TrafficPlan& plan, const TrafficCount& count, double seconds);

/// Sums over streams.
struct Sums {
  std::uint64_t allowed = 0, forbidden = 0, lost = 0, leaked = 0, doubled = 0, changed = 0, slowest_us = 0;
  std::uint64_t broken = 0, resent = 0;  ///< TCP connections; segments
};
[[nodiscard]] Sums sum_up(const TrafficPlan& plan, const TrafficCount& count);

}  // namespace vuurmuur::kernel_test
