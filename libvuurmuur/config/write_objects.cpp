// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/ranges.h"
#include "config/read.h"
#include "config/statements.h"
#include "config/write.h"

namespace vuurmuur::config {
namespace {

using Texts = std::vector<std::string>;
using Addresses = std::vector<model::Located<net::Address>>;
using Prefixes = std::vector<model::Located<net::Prefix>>;

void set_boolean(Document& document, std::string_view key, bool value, bool now) {
  if (value != now) document.set(key, value ? "Yes" : "No");
}

void set_text(Document& document, std::string_view key, const std::string& value, const std::string& now) {
  if (value != now) document.set(key, value);
}

template <class T>
bool is_ipv4(const model::Located<T>& located) {
  if constexpr (std::is_same_v<T, net::Address>)
    return located->family == net::Family::Ipv4;
  else
    return located->family() == net::Family::Ipv4;
}

/// Where the IPv6 values begin when all IPv4 values stand before them; nothing when they are mixed. The two keys of a
/// file can only say the first.
template <class T>
std::optional<std::size_t> begin_of_ipv6(const std::vector<model::Located<T>>& values) {
  const auto begin = std::ranges::find_if_not(values, is_ipv4<T>);
  if (std::any_of(begin, values.end(), is_ipv4<T>)) return std::nullopt;
  return static_cast<std::size_t>(begin - values.begin());
}

void set_addresses(Document& document, const Addresses& addresses, bool dynamic_ipv4, bool dynamic_ipv6,
                   const Addresses& suffixes = {}, const std::vector<model::Located<model::DnsName>>& names = {}) {
  std::array<Texts, 2> texts;
  if (dynamic_ipv4) texts[0].push_back("dynamic");
  if (dynamic_ipv6) texts[1].push_back("dynamic");
  const std::size_t ipv6 = begin_of_ipv6(addresses).value_or(addresses.size());
  for (std::size_t i = 0; i < addresses.size(); ++i) texts[i < ipv6 ? 0 : 1].push_back(addresses[i]->to_string());
  for (const auto& suffix : suffixes) texts[1].push_back(suffix->to_string() + "/suffix");
  Texts both;
  for (const auto& name : names) {
    // What has no dot inside needs one at its end.
    const std::string text = name->name + (name->name.find('.') == std::string::npos ? "." : "");
    (name->ipv4 && name->ipv6 ? both : texts[name->ipv4 ? 0 : 1]).push_back(text);
  }
  if (!names.empty() || !document.values("ADDRESS").empty()) document.set("ADDRESS", both);
  document.set("IPADDRESS", texts[0]);
  document.set("IPV6ADDRESS", texts[1]);
}

void set_prefixes(Document& document, const model::Network& network) {
  const Prefixes& prefixes = network.prefixes;
  Texts networks, masks, networks6, lengths6;
  const auto ipv6 = begin_of_ipv6(prefixes);
  for (std::size_t i = 0; i < prefixes.size(); ++i) {
    const net::Prefix& prefix = *prefixes[i];
    if (!ipv6) {
      networks.push_back(prefix.to_string());
    } else if (i < *ipv6) {
      networks.push_back(prefix.address.to_string());
      masks.push_back(prefix.netmask().to_string());
    } else {
      networks6.push_back(prefix.address.to_string());
      lengths6.push_back(fmt::format("{}", prefix.length));
    }
  }
  if (network.dynamic_ipv4) networks.push_back("dynamic");
  if (network.dynamic_ipv6) networks6.push_back("dynamic");
  document.set("NETWORK", networks);
  document.set("NETMASK", masks);
  document.set("IPV6NETWORK", networks6);
  document.set("IPV6CIDR", lengths6);
}

void set_names(Document& document, std::string_view key, const std::vector<model::Located<std::string>>& names) {
  Texts texts;
  for (const auto& name : names) texts.push_back(*name);
  document.set(key, texts);
}

std::string rate_to_text(const std::optional<std::uint64_t>& rate) { return rate ? fmt::format("{}", *rate) : ""; }

/// What a statement of an interface or network says, in the form in which it is written; nothing for one that cannot
/// be read, so that it stays.
template <class Target, class Read, class Write>
Document::Meaning meaning_of_statement(Read read, Write write) {
  return [read, write](const std::string& text) -> std::optional<std::string> {
    Target target;
    diag::Sink problems;
    read(Value(escape(text), {}, 0), target, problems);
    const Texts statements = write(target);
    if (problems.has_errors() || statements.size() != 1) return std::nullopt;
    return statements.front();
  };
}

}  // namespace

void set_interface(Document& document, const model::Interface& wanted) {
  diag::Sink ignored;
  const model::Interface now = read_interface({document, {}, ignored}, {});
  set_boolean(document, "ACTIVE", wanted.active, now.active);
  if (wanted.addresses != now.addresses || wanted.dynamic_ipv4 != now.dynamic_ipv4 ||
      wanted.dynamic_ipv6 != now.dynamic_ipv6)
    set_addresses(document, wanted.addresses, wanted.dynamic_ipv4, wanted.dynamic_ipv6);
  if (wanted.device != now.device) {
    const bool has_only_old_key = !document.values("INTERFACE").empty() && document.values("DEVICE").empty();
    document.set(has_only_old_key ? "INTERFACE" : "DEVICE", *wanted.device);
    if (!has_only_old_key && !document.values("INTERFACE").empty()) document.set("INTERFACE", *wanted.device);
  }
  set_boolean(document, "VIRTUAL", wanted.is_virtual, now.is_virtual);
  if (wanted.protections != now.protections)
    document.set("RULE", interface_statements(wanted.protections),
                 meaning_of_statement<model::InterfaceProtections>(read_interface_statement, interface_statements));
  set_boolean(document, "SHAPE", wanted.shaping.enabled, now.shaping.enabled);
  set_text(document, "BW_IN", rate_to_text(wanted.shaping.in_rate), rate_to_text(now.shaping.in_rate));
  set_text(document, "BW_IN_UNIT", wanted.shaping.in_unit, now.shaping.in_unit);
  set_text(document, "BW_OUT", rate_to_text(wanted.shaping.out_rate), rate_to_text(now.shaping.out_rate));
  set_text(document, "BW_OUT_UNIT", wanted.shaping.out_unit, now.shaping.out_unit);
  set_boolean(document, "TCPMSS", wanted.clamp_mss, now.clamp_mss);
  set_text(document, "COMMENT", wanted.comment, now.comment);
}

void set_zone(Document& document, const model::Zone& wanted) {
  diag::Sink ignored;
  const model::Zone now = read_zone({document, {}, ignored}, {});
  set_boolean(document, "ACTIVE", wanted.active, now.active);
  set_text(document, "COMMENT", wanted.comment, now.comment);
}

void set_network(Document& document, const model::Network& wanted) {
  diag::Sink ignored;
  const model::Network now = read_network({document, {}, ignored}, {}, {});
  set_boolean(document, "ACTIVE", wanted.active, now.active);
  if (wanted.prefixes != now.prefixes || wanted.dynamic_ipv4 != now.dynamic_ipv4 || wanted.dynamic_ipv6 != now.dynamic_ipv6)
    set_prefixes(document, wanted);
  if (wanted.interfaces != now.interfaces) set_names(document, "INTERFACE", wanted.interfaces);
  if (wanted.spoof_protections != now.spoof_protections || wanted.dhcp_client != now.dhcp_client ||
      wanted.dhcp_server != now.dhcp_server)
    document.set("RULE", network_statements(wanted),
                 meaning_of_statement<model::Network>(read_network_statement, network_statements));
  set_text(document, "COMMENT", wanted.comment, now.comment);
}

void set_host(Document& document, const model::Host& wanted) {
  diag::Sink ignored;
  const model::Host now = read_host({document, {}, ignored}, {}, {}, {});
  set_boolean(document, "ACTIVE", wanted.active, now.active);
  if (wanted.addresses != now.addresses || wanted.suffixes != now.suffixes || wanted.dns_names != now.dns_names)
    set_addresses(document, wanted.addresses, /*dynamic_ipv4=*/false, /*dynamic_ipv6=*/false, wanted.suffixes,
                  wanted.dns_names);
  if (wanted.mac != now.mac) document.set("MAC", wanted.mac ? wanted.mac->to_string() : "");
  set_text(document, "COMMENT", wanted.comment, now.comment);
}

void set_group(Document& document, const model::Group& wanted) {
  diag::Sink ignored;
  const model::Group now = read_group({document, {}, ignored}, {}, {}, {});
  set_boolean(document, "ACTIVE", wanted.active, now.active);
  if (wanted.members != now.members) set_names(document, "MEMBER", wanted.members);
  set_text(document, "COMMENT", wanted.comment, now.comment);
}

void set_service(Document& document, const model::Service& wanted) {
  diag::Sink ignored;
  const model::Service now = read_service({document, {}, ignored}, {});
  set_boolean(document, "ACTIVE", wanted.active, now.active);
  if (wanted.port_sets != now.port_sets) {
    Texts ranges;
    for (const auto& ports : wanted.port_sets) ranges.push_back(range_to_text(*ports));
    // The old keys would contradict what is written now.
    for (const std::string_view old : {"TCP", "UDP", "ICMP", "GRE", "AH", "ESP", "PROTO_41"})
      document.set(old, std::span<const std::string>{});
    document.set("RANGE", ranges);
  }
  set_text(document, "HELPER", *wanted.helper, *now.helper);
  set_boolean(document, "BROADCAST", wanted.broadcast, now.broadcast);
  if (wanted.categories != now.categories) set_names(document, "CATEGORY", wanted.categories);
  if (wanted.aliases != now.aliases) set_names(document, "ALIAS", wanted.aliases);
  set_text(document, "COMMENT", wanted.comment, now.comment);
}

}  // namespace vuurmuur::config
