// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/besides_rules.h"

#include <map>
#include <set>
#include <string_view>
#include <tuple>

namespace vuurmuur::analyse {
namespace {

using What = OtherwiseSet::What;
using model::Settings;

struct SettingRow {
  std::string_view key;
  bool (*is_same)(const Settings&, const Settings&);
};

template <auto Member>
bool same(const Settings& a, const Settings& b) {
  return a.*Member == b.*Member;
}

/// Keys of config.conf that say what becomes of packets. What the policies of the chains log is a part of it.
constexpr SettingRow kSettings[] = {
    {"LOG_POLICY", same<&Settings::log_policy>},
    {"LOG_POLICY_LIMIT", same<&Settings::log_policy_limit>},
    {"LOG_BLOCKLIST", same<&Settings::log_blocklist>},
    {"LOG_INVALID", same<&Settings::log_invalid>},
    {"LOG_NO_SYN", same<&Settings::log_no_syn>},
    {"LOG_PROBES", same<&Settings::log_probes>},
    {"LOG_FRAG", same<&Settings::log_fragments>},
    {"DROP_INVALID", same<&Settings::drop_invalid>},
    {"SYN_LIMIT", same<&Settings::syn_limit>},
    {"UDP_LIMIT", same<&Settings::udp_limit>},
    {"PROTECT_SYNCOOKIE", same<&Settings::protect_syncookie>},
    {"PROTECT_ECHOBROADCAST", same<&Settings::protect_echo_broadcast>},
    {"NFGRP", same<&Settings::log_group>},
    {"BAIT", same<&Settings::baits>},
    {"CONNMARK_MASK", same<&Settings::connmark_mask>},
};

bool is_protected(const sema::Interface& interface) {
  return interface.protections != model::InterfaceProtections{} || interface.clamp_mss;
}

/// What is done on an interface beside the rules, and where that is.
auto protections_of(const sema::Interface& interface) {
  return std::tuple(interface.device, interface.protections, interface.clamp_mss);
}

bool is_protected(const sema::Network& network) {
  return !network.spoof_protections.empty() || network.dhcp_client || network.dhcp_server;
}

/// What is done about a network beside the rules, and where that is.
auto protections_of(const sema::Policy& policy, const sema::Network& network) {
  std::multiset<std::tuple<std::string, std::vector<net::Address>, bool, bool>> places;
  for (const sema::InterfaceId id : network.interfaces) {
    const sema::Interface& interface = policy.interface(id);
    places.insert({interface.device, interface.addresses, interface.dynamic_ipv4, interface.dynamic_ipv6});
  }
  return std::tuple(network.prefixes, network.spoof_protections, network.dhcp_client, network.dhcp_server, places);
}

/// Names of what is protected otherwise, from tables of those that are protected.
template <class Table>
void compare(const Table& before, const Table& after, What what, std::vector<OtherwiseSet>& to) {
  std::set<std::string> names;
  for (const auto& [name, protections] : before)
    if (const auto other = after.find(name); other == after.end() || other->second != protections) names.insert(name);
  for (const auto& [name, protections] : after)
    if (!before.contains(name)) names.insert(name);
  for (const std::string& name : names) to.push_back({what, name});
}

auto interfaces_of(const sema::Policy& policy) {
  std::map<std::string, decltype(protections_of(policy.interfaces[0]))> table;
  for (const sema::Interface& interface : policy.interfaces)
    if (is_protected(interface)) table.emplace(interface.name, protections_of(interface));
  return table;
}

auto networks_of(const sema::Policy& policy) {
  std::map<std::string, decltype(protections_of(policy, policy.networks[0]))> table;
  for (const sema::Network& network : policy.networks)
    if (is_protected(network)) table.emplace(network.name, protections_of(policy, network));
  return table;
}

}  // namespace

std::vector<OtherwiseSet> set_otherwise(const sema::Policy& before, const sema::Policy& after) {
  std::vector<OtherwiseSet> all;
  for (const SettingRow& row : kSettings)
    if (!row.is_same(*before.settings, *after.settings)) all.push_back({What::Setting, std::string(row.key)});
  if (before.blocked != after.blocked) all.push_back({What::Blocklist, ""});
  compare(interfaces_of(before), interfaces_of(after), What::Interface, all);
  compare(networks_of(before), networks_of(after), What::Network, all);
  return all;
}

}  // namespace vuurmuur::analyse
