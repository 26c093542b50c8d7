// SPDX-License-Identifier: GPL-2.0-or-later
#include "policies.h"

#include <fmt/format.h>

namespace vuurmuur::kernel_test {
namespace {

/// How many services, sources and destinations the many rules are made of; the first two have no common divisor with
/// each other, so that neighbours have nothing in common.
constexpr unsigned kServices = 97, kSources = 50, kDestinations = 200, kFirstService = 20000;

std::string udp(unsigned port) { return fmt::format("RANGE=\"17;{}*0\"\n", port); }

void add_objects(Files& files) {
  files["services/flow"] = udp(ports::kFlow);
  files["services/talk"] = fmt::format("RANGE=\"6;{}:{}*0\"\n", ports::kTalk, ports::kTalk + 3);
  files["services/first"] = udp(ports::kFirst);
  files["services/middle"] = udp(ports::kMiddle);
  files["services/last"] = udp(ports::kLast);
  files["services/queued"] = udp(ports::kQueued);
  files["services/held"] = udp(ports::kHeld);
  files["services/grouped"] = udp(ports::kGrouped);
  files["services/forwarded"] = udp(ports::kForwarded);
  files["zones/lan/networks/local/hosts/bad.host"] = "IPADDRESS=\"10.1.0.15\"\nIPV6ADDRESS=\"fd00:1::15\"\n";
  files["zones/lan/networks/local/hosts/server.host"] = "IPADDRESS=\"10.1.0.12\"\nIPV6ADDRESS=\"fd00:1::12\"\n";
  for (unsigned i = 0; i < kServices; ++i) files[fmt::format("services/s{}", i)] = udp(kFirstService + i);
  for (unsigned i = 0; i < kSources; ++i)
    files[fmt::format("zones/lan/networks/local/hosts/h{}.host", i)] =
        fmt::format("IPADDRESS=\"10.1.0.{}\"\nIPV6ADDRESS=\"fd00:1::{:x}\"\n", 100 + i, 0x100 + i);
  for (unsigned i = 0; i < kDestinations; ++i)
    files[fmt::format("zones/inet/networks/world/hosts/t{}.host", i)] =
        fmt::format("IPADDRESS=\"198.18.0.{}\"\nIPV6ADDRESS=\"2001:db8:1800::{:x}\"\n", i, i + 1);
}

std::string filler(unsigned k, unsigned variant) {
  const bool changes = k % 10 == 3;
  const unsigned shifted = changes ? k + variant * 7 : k;
  return fmt::format("{} service s{} from h{}.local.lan to t{}.world.inet", shifted % 2 == 0 ? "accept" : "drop",
                     shifted % kServices, k % kSources, k % kDestinations);
}

}  // namespace

compile::Options rules_apart() {
  compile::Options options;
  options.disabled_passes = {"address-sets"};
  return options;
}

Files files_of(const PolicyPlan& plan) {
  std::vector<std::string> rules = plan.before;
  const auto accept = [&](const char* service) {
    rules.push_back(std::string("accept service ") + service + " from local.lan to inet");
  };
  rules.emplace_back("drop service any from bad.local.lan to any");
  for (const char* service : {"flow", "talk", "first"}) accept(service);
  for (unsigned k = 0; k < plan.rules; ++k) {
    if (k == plan.rules / 2 + plan.variant) accept("middle");
    rules.push_back(filler(k, plan.variant));
  }
  accept("last");
  Files files = with_rules(rules);
  add_objects(files);
  for (const auto& [path, text] : plan.over) files[path] = text;
  return files;
}

}  // namespace vuurmuur::kernel_test
