// SPDX-License-Identifier: GPL-2.0-or-later
// Interfaces that get another name, in the policy and in the kernel.
#include "campaign.h"
#include "lab/run.h"
#include "policies.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::kernel_test;

namespace {

constexpr const char* kNetwork = "zones/lan/networks/local/network.config";

Files policy_with(const std::string& interface_lines) {
  Files over;
  over["interfaces/wired.conf"] = "DEVICE=\"wired0\"\nIPADDRESS=\"10.1.0.1\"\nIPV6ADDRESS=\"fd00:1::1\"\n";
  over[kNetwork] =
      "NETWORK=\"10.1.0.0\"\nNETMASK=\"255.255.255.0\"\nIPV6NETWORK=\"fd00:1::\"\nIPV6CIDR=\"64\"\n" + interface_lines;
  return files_of({.rules = extent().rules, .over = over});
}

/// Gives the device of the near side another name while it lives, and back again.
class Renamed {
 public:
  explicit Renamed(Road& bench) : bench_(bench) {}
  ~Renamed() {
    if (is_renamed_) turn();
  }
  void turn() {
    const lab::Inside there(bench_.firewall());
    lab::ip(is_renamed_ ? "link set wired0 name lan0\n" : "link set lan0 name wired0\n");
    is_renamed_ = !is_renamed_;
  }

 private:
  Road& bench_;
  bool is_renamed_ = false;
};

}  // namespace

TEST_CASE("a device gets another name: with both names in the policy meanwhile, no packet notices") {
  const std::string lan = "INTERFACE=\"lan\"\n", wired = "INTERFACE=\"wired\"\n";
  Road& bench = road();
  for (const apply::Backend backend : backends()) {
    clear(bench);
    const Policy old_name(policy_with(lan), rules_apart()), new_name(policy_with(wired), rules_apart()),
        both(policy_with(lan + wired), rules_apart());
    const std::size_t rules = load(bench, old_name, backend).rules;
    const TrafficPlan plan = usual_traffic();
    Traffic traffic(bench, plan);
    Renamed device(bench);
    run({"an interface gets another name", backend, rules, extent().reloads}, traffic, plan, [&](unsigned number) {
      if (number % 2 == 0) {
        load(bench, both, backend);
        return;
      }
      device.turn();
      load(bench, number % 4 == 1 ? new_name : old_name, backend);
    });
  }
}
