// SPDX-License-Identifier: GPL-2.0-or-later
#include "sema/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "base/strings.h"
#include "sema/helpers.h"
#include "sema/legality.h"

namespace vuurmuur::sema {
namespace {

using model::Action;
using model::Endpoint;

/// What became of a name: with an inactive one the rule is left out.
using Found = Named;

class RuleResolver {
 public:
  RuleResolver(const model::Policy& model, const Names& names, const ActiveObjects& active, const Policy& policy,
               diag::Sink& sink)
      : model_(model), names_(names), active_(active), policy_(policy), sink_(sink) {}

  Found end(const model::Located<Endpoint>& written, End& end) {
    switch (written->kind) {
      case Endpoint::Kind::Any: end.kind = End::Kind::Any; return Found::Active;
      case Endpoint::Kind::Firewall: end.kind = End::Kind::Firewall; return Found::Active;
      case Endpoint::Kind::FirewallAny: end.kind = End::Kind::FirewallAny; return Found::Active;
      case Endpoint::Kind::Zone: return zone(written, end);
      case Endpoint::Kind::Network: return network(written, End::Kind::Peers, end);
      case Endpoint::Kind::Broadcast: return network(written, End::Kind::Broadcast, end);
      case Endpoint::Kind::Member: return member(written, end);
    }
    return Found::Missing;
  }

  Found service(const model::Located<std::string>& written, Rule& rule) {
    const std::string& name = *written;
    if (base::equals_ignoring_case(name, "any") || base::equals_ignoring_case(name, "all")) {
      rule.any_service = true;
      return Found::Active;
    }
    const auto index = names_.services.find(name);
    if (!index) {
      auto& problem = sink_.error("unknown-service", written.span, fmt::format("no service is named {}", quoted(name)));
      const auto also_called = std::ranges::find_if(model_.services, [&](const model::Service& one) {
        return std::ranges::any_of(one.aliases, [&](const auto& alias) { return *alias == name; });
      });
      problem.suggestion = also_called != model_.services.end() ? *also_called->name : names_.services.nearest(name);
      return Found::Missing;
    }
    const model::Service& service = model_.services[*index];
    if (!service.active) return Found::Inactive;
    if (service.port_sets.empty() && !without_ports_reported_[*index]) {
      without_ports_reported_[*index] = true;
      sink_
          .warning("service-without-ports", written.span,
                   fmt::format("service {} has no ports: rules with it match nothing", quoted(name)))
          .notes.push_back({service.name.span, "the service"});
    }
    for (const auto& set : service.port_sets) rule.port_sets.push_back(*set);
    rule.helper = *service.helper;
    rule.broadcast_service = service.broadcast;
    return Found::Active;
  }

  Found interface(const std::optional<model::Located<std::string>>& written, std::optional<InterfaceId>& id) {
    if (!written) return Found::Active;
    const auto index = names_.interfaces.find(written->value);
    if (!index) {
      sink_.error("unknown-interface", written->span, fmt::format("no interface is named {}", quoted(written->value)))
          .suggestion = names_.interfaces.nearest(written->value);
      return Found::Missing;
    }
    id = active_.interfaces[*index];
    return id ? Found::Active : Found::Inactive;
  }

  void reserve() { without_ports_reported_.assign(model_.services.size(), false); }

 private:
  Peer network_peer(NetworkId id) const { return Peer{id, policy_.network(id).prefixes, {}}; }

  Found zone(const model::Located<Endpoint>& written, End& end) {
    const auto index = names_.zones.find(written->name);
    if (!index) return missing(written, "zone");
    for (const NetworkId id : active_.zone_networks[*index]) end.peers.push_back(network_peer(id));
    end.kind = End::Kind::Peers;
    if (model_.zones[*index].active && end.peers.empty() && !has_network(written->name))
      sink_.warning("empty-zone", written.span,
                    fmt::format("zone {} has no networks: the rule matches nothing", quoted(written->name)));
    return end.peers.empty() ? Found::Inactive : Found::Active;
  }

  Found network(const model::Located<Endpoint>& written, End::Kind kind, End& end) {
    const auto index = names_.networks.find(written->name);
    if (!index) return missing(written, "network");
    end.kind = kind;
    const auto id = active_.networks[*index];
    if (!id) return Found::Inactive;
    end.peers.push_back(network_peer(*id));
    return Found::Active;
  }

  Found member(const model::Located<Endpoint>& written, End& end) {
    end.kind = End::Kind::Peers;
    if (const auto host = names_.hosts.find(written->name)) {
      if (!active_.hosts[*host]) return Found::Inactive;
      end.peers.push_back(host_peer(model_.hosts[*host]));
      return Found::Active;
    }
    const auto group = names_.groups.find(written->name);
    if (!group) return missing(written, "host or group");
    if (!active_.groups[*group]) return Found::Inactive;
    const model::Group& members = model_.groups[*group];
    for (const auto& name : members.members) {
      const auto host = names_.hosts.find(*name + "." + members.network + "." + members.zone);
      if (host && active_.hosts[*host]) end.peers.push_back(host_peer(model_.hosts[*host]));
    }
    return Found::Active;
  }

  Peer host_peer(const model::Host& host) const {
    const auto network = names_.networks.find(host.network + "." + host.zone);
    Peer peer{*active_.networks[*network], {}, host.mac};
    for (const auto& address : host.addresses) {
      const net::Prefix prefix = net::Prefix::host(*address);
      if (std::ranges::find(peer.prefixes, prefix) == peer.prefixes.end()) peer.prefixes.push_back(prefix);
    }
    return peer;
  }

  bool has_network(const std::string& zone) const {
    return std::ranges::any_of(model_.networks, [&](const model::Network& network) { return network.zone == zone; });
  }

  Found missing(const model::Located<Endpoint>& written, std::string_view kind) {
    auto& problem =
        sink_.error("unknown-name", written.span, fmt::format("no {} is named {}", kind, quoted(written->name)));
    problem.suggestion = names_.nearest_end(written->name);
    return Found::Missing;
  }

  const model::Policy& model_;
  const Names& names_;
  const ActiveObjects& active_;
  const Policy& policy_;
  diag::Sink& sink_;
  std::vector<bool> without_ports_reported_;
};

/// Reports an in_int or out_int that is none of its end's interfaces.
void check_narrowing(const Policy& policy, const End& end, const model::Located<Endpoint>& written,
                     const std::optional<InterfaceId>& only, const std::optional<model::Located<std::string>>& option,
                     std::string_view name, diag::Sink& sink) {
  if (!only) return;
  if (end.kind == End::Kind::Any) return;
  const auto has_it = [&](const Peer& peer) {
    const auto& interfaces = policy.network(peer.network).interfaces;
    return std::ranges::find(interfaces, *only) != interfaces.end();
  };
  if (std::ranges::any_of(end.peers, has_it)) return;
  const bool is_local = end.kind == End::Kind::Firewall || end.kind == End::Kind::FirewallAny;
  sink.warning("interface-mismatch", option->span,
               is_local ? fmt::format("traffic {} the firewall passes no '{}' interface: the rule matches nothing",
                                      name == "in_int" ? "from" : "to", name)
                        : fmt::format("interface {} is none of {}: the rule matches nothing", quoted(option->value),
                                      quoted(to_string(*written))));
}

/// Checks that need to know what the names stand for.
bool check_resolved(const Rule& rule, const Policy& policy, const Names& names, diag::Sink& sink) {
  const model::Rule& written = *rule.source;
  const Action action = *written.action;
  if (action == Action::Portfw || action == Action::Dnat || action == Action::Bounce) {
    if (names.groups.find(written.to->name)) {
      sink.error("nat-to-host", written.to.span,
                 fmt::format("action '{}' needs a single host as destination, {} is a group", to_string(action),
                             quoted(written.to->name)));
      return false;
    }
  }
  if (rule.via_interface) {
    const Interface& via = policy.interface(*rule.via_interface);
    if (!via.has(net::Family::Ipv4) && !via.has(net::Family::Ipv6)) {
      sink.error("via-without-address", written.options.via_interface->span,
                 fmt::format("interface {} has no address to bounce from", quoted(via.name)));
      return false;
    }
  }
  if (rule.via_interface && policy.interface(*rule.via_interface).addresses.empty() &&
      rule.from.kind == End::Kind::Peers) {
    const auto enters_by_via = [&](const Peer& peer) {
      const auto& interfaces = policy.network(peer.network).interfaces;
      return std::ranges::find(interfaces, *rule.via_interface) != interfaces.end();
    };
    if (std::ranges::none_of(rule.from.peers, enters_by_via))
      sink.warning(
          "via-dynamic", written.options.via_interface->span,
          fmt::format("interface {} has a dynamic address, which is known only for traffic that comes in by it: "
                      "the rule matches nothing",
                      quoted(*written.options.via_interface.value())));
  }
  if (written.options.listen_ports || written.options.remote_ports || action == Action::Redirect) {
    const bool has_ports =
        std::ranges::any_of(rule.port_sets, [](const auto& set) { return net::has_ports(set.protocol); });
    if (!has_ports) {
      sink.error("ports-without-protocol", written.service.span,
                 fmt::format("ports need a service with TCP or UDP, {} has neither", quoted(*written.service)));
      return false;
    }
  }
  const bool udp = rule.any_service || std::ranges::any_of(rule.port_sets, [](const auto& set) {
                     return set.protocol == net::Protocol::Udp;
                   });
  if (action != Action::Snat && action != Action::Masq)
    check_narrowing(policy, rule.from, written.from, rule.in_interface, written.options.in_interface, "in_int", sink);
  if (action != Action::Redirect)
    check_narrowing(policy, rule.to, written.to, rule.out_interface, written.options.out_interface, "out_int", sink);
  if (rule.to.kind == End::Kind::Broadcast && !udp)
    sink.warning("broadcast-without-udp", written.service.span,
                 fmt::format("only UDP goes to broadcast addresses, service {} has none: the rule matches nothing",
                             quoted(*written.service)));
  return true;
}

/// What ends of rules stand for something that has other addresses.
class ReaddressedEnds {
 public:
  ReaddressedEnds(const model::Policy& model, const Readdressed& changed) {
    for (const std::size_t i : changed.networks) {
      zones_.insert(model.networks[i].zone);
      networks_.insert(model.networks[i].full_name());
    }
    for (const std::size_t i : changed.hosts) members_.insert(model.hosts[i].full_name());
    if (changed.hosts.empty()) return;
    std::vector<std::string> groups;
    for (const model::Group& group : model.groups) {
      const std::string parent = "." + group.network + "." + group.zone;
      if (std::ranges::any_of(group.members, [&](const auto& member) { return members_.contains(*member + parent); }))
        groups.push_back(group.full_name());
    }
    members_.insert(groups.begin(), groups.end());
  }

  [[nodiscard]] bool contains(const Endpoint& end) const {
    switch (end.kind) {
      case Endpoint::Kind::Any:
      case Endpoint::Kind::Firewall:
      case Endpoint::Kind::FirewallAny: return false;
      case Endpoint::Kind::Zone: return zones_.contains(end.name);
      case Endpoint::Kind::Network:
      case Endpoint::Kind::Broadcast: return networks_.contains(end.name);
      case Endpoint::Kind::Member: return members_.contains(end.name);
    }
    return true;
  }

 private:
  std::unordered_set<std::string> zones_, networks_, members_;
};

}  // namespace

Named resolve_end(const model::Policy& model, const Objects& objects, const Policy& policy,
                  const model::Located<Endpoint>& written, End& end, diag::Sink& sink) {
  return RuleResolver(model, objects.names, objects.active, policy, sink).end(written, end);
}

Named resolve_service(const model::Policy& model, const Objects& objects, const Policy& policy,
                      const model::Located<std::string>& name, Rule& rule, diag::Sink& sink) {
  RuleResolver resolver(model, objects.names, objects.active, policy, sink);
  resolver.reserve();
  return resolver.service(name, rule);
}

void check_helpers(const model::Policy& model, diag::Sink& sink) {
  for (const model::Service& service : model.services) {
    if (service.helper->empty() || is_known_helper(*service.helper)) continue;
    auto& problem =
        sink.warning("unknown-helper", service.helper.span,
                     fmt::format("conntrack helper {} is not one of the kernel's own", quoted(*service.helper)));
    problem.suggestion = nearest_helper(*service.helper);
  }
}

void resolve_rules(const model::Policy& model, const Names& names, const ActiveObjects& active,
                   const diag::SourceMap& sources, Policy& policy, diag::Sink& sink) {
  RuleResolver resolver(model, names, active, policy, sink);
  resolver.reserve();
  policy.rules.reserve(model.rules.size());
  for (const model::Rule& written : model.rules) {
    if (!written.active || *written.action == Action::Separator) continue;
    Rule rule;
    rule.source = &written;
    const bool legal = check_legality(written, sink);
    // Every name is looked up whatever the others gave, so that one run reports them all.
    const Found found[] = {resolver.service(written.service, rule), resolver.end(written.from, rule.from),
                           resolver.end(written.to, rule.to),
                           resolver.interface(written.options.via_interface, rule.via_interface)};
    const Found narrowed[] = {resolver.interface(written.options.in_interface, rule.in_interface),
                              resolver.interface(written.options.out_interface, rule.out_interface)};
    const auto has = [](std::span<const Found> all, Found wanted) {
      return std::ranges::find(all, wanted) != all.end();
    };
    if (!legal || has(found, Found::Missing) || has(narrowed, Found::Missing)) continue;
    if (has(found, Found::Inactive)) continue;
    rule.never = has(narrowed, Found::Inactive);
    if (!check_resolved(rule, policy, names, sink)) continue;
    if (sources.size() != 0) rule.place = sources.place(written.span);
    policy.rules.push_back(std::move(rule));
  }
}

void readdress_rules(const model::Policy& model, const Objects& objects, const Readdressed& changed, Policy& policy) {
  diag::Sink told;  // what is wrong with names was reported when they were resolved
  RuleResolver resolver(model, objects.names, objects.active, policy, told);
  const ReaddressedEnds ends(model, changed);
  const auto readdress = [&](const model::Located<Endpoint>& written, End& end) {
    if (!ends.contains(*written)) return;
    end = {};
    static_cast<void>(resolver.end(written, end));
  };
  for (Rule& rule : policy.rules) {
    readdress(rule.source->from, rule.from);
    readdress(rule.source->to, rule.to);
  }
}

}  // namespace vuurmuur::sema
