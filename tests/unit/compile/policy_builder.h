// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <string>

#include "model/policy.h"
#include "sema/resolve.h"

namespace vuurmuur::test {

/// A small policy in memory: networks in.a (eth0, 10.1.0.0/16) and out.b (eth1, 10.2.0.0/16), service web (TCP 80).
struct PolicyBuilder {
  model::Policy model;
  diag::SourceMap sources;
  diag::Sink sink;

  PolicyBuilder() {
    for (const char* digit : {"0", "1"}) {
      model::Interface interface;
      interface.name = std::string("nic") + digit;
      interface.device = std::string("eth") + digit;
      interface.addresses = {*net::Address::parse(std::string("10.") + (*digit == '0' ? "1" : "2") + ".0.1")};
      model.interfaces.push_back(interface);
    }
    add_network("in", "a", "10.1.0.0/16", "nic0");
    add_network("out", "b", "10.2.0.0/16", "nic1");
    model::Service web;
    web.name = std::string("web");
    web.port_sets = {model::PortSet{.protocol = net::Protocol::Tcp, .destination = net::PortRange::one(80)}};
    model.services.push_back(web);
  }

  void add_network(std::string name, std::string zone, std::string_view prefix, std::string interface) {
    model::Zone parent;
    parent.name = zone;
    model.zones.push_back(parent);
    model::Network network;
    network.name = std::move(name);
    network.zone = std::move(zone);
    network.prefixes = {*net::Prefix::parse(prefix)};
    network.interfaces = {std::move(interface)};
    model.networks.push_back(network);
  }

  /// Adds a rule from in.a to out.b.
  model::Rule& add_rule(model::Action action) {
    model::Rule rule;
    rule.number = static_cast<std::uint32_t>(model.rules.size() + 1);
    rule.action = action;
    rule.service = std::string("web");
    rule.from = model::Endpoint{model::Endpoint::Kind::Network, "in.a"};
    rule.to = model::Endpoint{model::Endpoint::Kind::Network, "out.b"};
    model.rules.push_back(rule);
    return model.rules.back();
  }

  void add_queue_rule(std::uint16_t queue) {
    add_rule(model::Action::Nfqueue).options.queue = model::QueueRange{queue, queue};
  }

  sema::Policy resolve() { return sema::resolve(model, sources, sink); }
};

}  // namespace vuurmuur::test
