// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <algorithm>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "analyse/deep_check.h"
#include "diag/diagnostic.h"
#include "model/policy.h"
#include "sema/resolve.h"
#include "support/catch.h"

namespace vuurmuur::test {

/// A policy to be: zones lan (10.1.0.0/24 behind lan0), dmz (10.2.0.0/24 behind dmz0) and inet (everything behind
/// inet0), each with the network "net", and services http, https and ssh.
struct NamedWorld {
  NamedWorld() {
    add_network("lan", "10.1.0.0/24", "10.1.0.1");
    add_network("dmz", "10.2.0.0/24", "10.2.0.1");
    add_network("inet", "0.0.0.0/0", "203.0.113.2");
    add_service("http", 80);
    add_service("https", 443);
    add_service("ssh", 22);
  }

  void add_network(const std::string& zone_name, std::string_view prefix, std::string_view address,
                   const std::string& name = "net") {
    model::Interface interface;
    interface.name = zone_name + (name == "net" ? "" : "-" + name);
    interface.device = *interface.name + "0";
    interface.addresses.push_back(*net::Address::parse(address));
    model.interfaces.push_back(interface);
    if (std::ranges::none_of(model.zones, [&](const model::Zone& zone) { return *zone.name == zone_name; })) {
      model::Zone zone;
      zone.name = zone_name;
      model.zones.push_back(zone);
    }
    model::Network network;
    network.name = name;
    network.zone = zone_name;
    network.prefixes.push_back(*net::Prefix::parse(prefix));
    network.interfaces.push_back(*interface.name);
    model.networks.push_back(network);
  }

  void add_service(const char* name, std::uint16_t port) {
    model::Service service;
    service.name = std::string(name);
    service.port_sets.push_back(
        model::PortSet{.protocol = net::Protocol::Tcp, .destination = net::PortRange::one(port)});
    model.services.push_back(service);
  }

  model::Host& add_host(const char* name, const char* zone, std::string_view address) {
    model::Host host;
    host.name = std::string(name);
    host.network = "net";
    host.zone = zone;
    host.addresses.push_back(*net::Address::parse(address));
    model.hosts.push_back(host);
    return model.hosts.back();
  }

  /// Ends are "any", "firewall", "firewall(any)", zones, or hosts by their full names.
  model::Rule& rule(model::Action action, const char* service, const char* from, const char* to) {
    model::Rule made;
    made.number = static_cast<std::uint32_t>(model.rules.size() + 1);
    made.action = action;
    made.service = std::string(service);
    made.from = end(from);
    made.to = end(to);
    model.rules.push_back(made);
    return model.rules.back();
  }

  const sema::Policy& resolve() {
    sink = {};
    policy = sema::resolve(model, sources, sink);
    REQUIRE_FALSE(sink.has_errors());
    return policy;
  }

  /// What check_deep() tells, without what resolving tells: "code: message".
  std::vector<std::string> findings(const analyse::DeepOptions& options = {}) {
    resolve();
    told = {};
    analyse::check_deep(model, policy, options, told);
    CHECK_FALSE(told.has_errors());
    std::vector<std::string> texts;
    for (const diag::Diagnostic& finding : told.all()) texts.push_back(finding.code + ": " + finding.message);
    return texts;
  }

  model::Policy model;
  diag::SourceMap sources;
  diag::Sink sink, told;
  sema::Policy policy;

 private:
  static model::Endpoint end(std::string_view text) {
    using enum model::Endpoint::Kind;
    if (text == "any") return {.kind = Any, .name = {}};
    if (text == "firewall") return {.kind = Firewall, .name = {}};
    if (text == "firewall(any)") return {.kind = FirewallAny, .name = {}};
    const auto dots = std::ranges::count(text, '.');
    return {.kind = dots == 0 ? Zone : dots == 1 ? Network : Member, .name = std::string(text)};
  }
};

}  // namespace vuurmuur::test
