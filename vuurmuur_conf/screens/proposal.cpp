// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/proposal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/strings.h"
#include "config/document.h"

namespace vuurmuur::screens {
namespace {

using app::Device;
using app::Listener;
using app::Machine;

/// Services that a first policy speaks of, for a machine without the shipped ones (RFC 6335's port numbers).
const std::map<std::string, std::string>& plain_services() {
  static const std::map<std::string, std::string> kServices{
      {"ssh", "ACTIVE=\"Yes\"\nRANGE=\"6;22\"\nCOMMENT=\"Secure shell\"\n"},
      {"dns", "ACTIVE=\"Yes\"\nRANGE=\"17;53\"\nRANGE=\"6;53\"\nCOMMENT=\"Domain Name System\"\n"},
      {"http", "ACTIVE=\"Yes\"\nRANGE=\"6;80\"\nCOMMENT=\"Web\"\n"},
      {"https", "ACTIVE=\"Yes\"\nRANGE=\"6;443\"\nRANGE=\"17;443\"\nCOMMENT=\"Web, encrypted\"\n"},
      {"ntp", "ACTIVE=\"Yes\"\nRANGE=\"17;123\"\nCOMMENT=\"Network Time Protocol\"\n"},
      {"ping", "ACTIVE=\"Yes\"\nRANGE=\"1;8*0\"\nCOMMENT=\"Echo request\"\n"},
  };
  return kServices;
}

std::string port_range(const Listener& listener) {
  return fmt::format("{};{}", listener.is_udp ? 17 : 6, listener.port);
}

/// Where the other end of a session is: behind the device whose network its address is in.
Side side_of(const Machine& machine, const Wishes& wishes, const std::string& address) {
  const auto parsed = net::Address::parse(address);
  if (!parsed) return Side::Internet;
  for (std::size_t i = 0; i < machine.devices.size(); ++i)
    for (const net::Prefix& network : machine.devices[i].networks)
      if (network.contains(*parsed) && i < wishes.sides.size()) return wishes.sides[i];
  return Side::Internet;
}

/// "eth0" as the name of an interface: what a name cannot hold becomes '-'.
std::string interface_name(const std::string& device) {
  std::string name = device;
  for (char& c : name)
    if (std::string_view(".:@+ ").find(c) != std::string_view::npos) c = '-';
  return name;
}

bool is_private(const net::Address& address) {
  constexpr std::array kPrivate{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"};
  return std::ranges::any_of(kPrivate, [&](const char* text) { return net::Prefix::parse(text)->contains(address); });
}

/// How many port sets the file of a service has.
std::size_t range_count(const std::string& text) {
  std::size_t count = 0;
  for (std::size_t at = text.find("RANGE="); at != std::string::npos; at = text.find("RANGE=", at + 1)) ++count;
  return count;
}

class Builder {
 public:
  Builder(const Machine& machine, const Wishes& wishes) : machine_(machine), wishes_(wishes) {}

  std::map<std::string, std::string> build() {
    files_["config.conf"] = "";
    files_["rules/blocklist.conf"] = "";
    for (std::size_t i = 0; i < machine_.devices.size(); ++i)
      if (wishes_.sides[i] != Side::Nothing) add_device(machine_.devices[i], wishes_.sides[i]);
    add_rules();
    for (const auto& [name, text] : plain_services()) {
      const auto shipped = machine_.services.find(name);
      files_["services/" + name] = shipped == machine_.services.end() ? text : shipped->second;
    }
    return std::move(files_);
  }

 private:
  [[nodiscard]] bool has(Side side) const { return std::ranges::find(wishes_.sides, side) != wishes_.sides.end(); }

  void add_device(const Device& device, Side side) {
    const std::string interface = interface_name(device.name);
    const bool is_outside = side == Side::Internet;
    std::string text = fmt::format("ACTIVE=\"Yes\"\nDEVICE=\"{}\"\n", device.name);
    bool has_v4 = false, has_v6 = false;
    for (const net::Address& address : device.addresses) {
      bool& has_one = address.family == net::Family::Ipv4 ? has_v4 : has_v6;
      if (has_one) continue;
      has_one = true;
      // Outside it is the provider who says which address it is.
      text += fmt::format("{}=\"{}\"\n", address.family == net::Family::Ipv4 ? "IPADDRESS" : "IPV6ADDRESS",
                          is_outside ? "dynamic" : address.to_string());
    }
    for (const char* protection : {"source-routed-packets", "icmp-redirect", "send-redirect", "rp-filter"})
      text += fmt::format("RULE=\"protect against {}\"\n", protection);
    files_[fmt::format("interfaces/{}.conf", interface)] = text;

    const std::string zone = side == Side::Internet ? "inet" : side == Side::Lan ? "lan" : "dmz";
    files_.try_emplace(fmt::format("zones/{}/zone.config", zone), "ACTIVE=\"Yes\"\n");
    if (is_outside) return add_world(interface);
    add_network(device, zone, interface);
  }

  void add_world(const std::string& interface) {
    std::string& text = files_["zones/inet/networks/world/network.config"];
    if (text.empty())
      text =
          "ACTIVE=\"Yes\"\nNETWORK=\"0.0.0.0\"\nNETMASK=\"0.0.0.0\"\nIPV6NETWORK=\"::\"\nIPV6CIDR=\"0\"\n"
          "RULE=\"accept dhcp-client\"\n";
    text += fmt::format("INTERFACE=\"{}\"\n", interface);
  }

  void add_network(const Device& device, const std::string& zone, const std::string& interface) {
    std::string text = "ACTIVE=\"Yes\"\n";
    bool has_v4 = false, has_v6 = false;
    for (const net::Prefix& network : device.networks) {
      if (network.family() == net::Family::Ipv4 && !has_v4) {
        text +=
            fmt::format("NETWORK=\"{}\"\nNETMASK=\"{}\"\n", network.address.to_string(), network.netmask().to_string());
        has_v4 = true;
      } else if (network.family() != net::Family::Ipv4 && !has_v6) {
        text += fmt::format("IPV6NETWORK=\"{}\"\nIPV6CIDR=\"{}\"\n", network.address.to_string(),
                            static_cast<unsigned>(network.length));
        has_v6 = true;
      }
    }
    text += fmt::format("INTERFACE=\"{}\"\n", interface);
    const bool serves_dhcp =
        std::ranges::find(machine_.listeners, Listener{.is_udp = true, .port = 67}) != machine_.listeners.end();
    if (serves_dhcp) text += "RULE=\"accept dhcp-server\"\n";
    text += "RULE=\"protect against spoofing from loopback\"\n";
    files_[fmt::format("zones/{}/networks/{}/network.config", zone, interface)] = text;
  }

  void rule(const std::string& text) { rules_ += fmt::format("RULE=\"{}\"\n", config::escape(text)); }
  void heading(const std::string& text) {
    if (!rules_.empty()) rules_ += "\n";
    rule(fmt::format("separator options comment=\"{}\"", text));
  }

  [[nodiscard]] static std::string zone_of(Side side) {
    return side == Side::Lan ? "lan" : side == Side::Dmz ? "dmz" : "world.inet";
  }

  /// A service for a port, with a file of its own when no known one has it.
  std::string service(const Listener& listener) {
    const std::string name = service_of(machine_, listener);
    if (const auto shipped = machine_.services.find(name); shipped != machine_.services.end())
      files_["services/" + name] = shipped->second;
    else if (!plain_services().contains(name))
      files_["services/" + name] = fmt::format("ACTIVE=\"Yes\"\nRANGE=\"{}\"\nCOMMENT=\"{} {}\"\n",
                                               port_range(listener), listener.is_udp ? "UDP" : "TCP", listener.port);
    return name;
  }

  void add_rules() {
    heading("The firewall itself");
    std::set<std::string> said;
    const auto accept = [&](const std::string& name, Side from, const std::string& options = "") {
      const std::string text = fmt::format("accept service {} from {} to firewall", name, zone_of(from));
      if (said.insert(text).second) rule(text + options);
    };
    if (wishes_.session_port != 0) {
      const Side from = side_of(machine_, wishes_, wishes_.session_from);
      if (from != Side::Nothing && has(from))
        accept(service({.is_udp = false, .port = wishes_.session_port}), from,
               " options comment=\"the session that made this\"");
    }
    for (const Side side : {Side::Lan, Side::Dmz, Side::Internet})
      if (has(side)) accept("ping", side, side == Side::Internet ? " options limit=\"5/sec\",burst=\"10\"" : "");
    for (const auto& [listener, side] : wishes_.open) {
      if (side == Side::Nothing) continue;
      const std::string name = service(listener);
      if (has(Side::Lan)) accept(name, Side::Lan);
      if (side == Side::Internet && has(Side::Internet)) accept(name, Side::Internet);
    }
    const bool has_world = has(Side::Internet);
    if (has_world)
      for (const char* name : {"dns", "ntp", "http", "https", "ping"})
        rule(fmt::format("accept service {} from firewall to world.inet", name));
    if (has(Side::Lan)) rule("accept service any from firewall to lan");
    if (has(Side::Lan) && has_world && wishes_.lan_may_out) add_way_out();
    if (has(Side::Lan) && has(Side::Dmz)) {
      heading("Office and servers");
      rule("accept service any from lan to dmz");
    }
    if (has(Side::Dmz) && has_world) {
      heading("Servers outwards");
      for (const char* name : {"dns", "ntp", "http", "https"})
        rule(fmt::format("accept service {} from dmz to world.inet", name));
      if (wishes_.masquerades) rule("masq service any from dmz to world.inet");
    }
    files_["rules/rules.conf"] =
        "# The first rule that matches a new connection decides. What no rule takes is logged and dropped.\n\n" +
        rules_;
  }

  void add_way_out() {
    heading("From the LAN outwards");
    rule("accept service any from lan to world.inet");
    if (wishes_.masquerades) rule("masq service any from lan to world.inet");
  }

  const Machine& machine_;
  const Wishes& wishes_;
  std::map<std::string, std::string> files_;
  std::string rules_;
};

}  // namespace

std::string service_of(const Machine& machine, const Listener& listener) {
  const std::string range = fmt::format("RANGE=\"{}\"", port_range(listener));
  for (const auto& [name, text] : plain_services())
    if (text.find(range) != std::string::npos) return name;
  // The one that opens the least besides; of several nobody knows which one listens there.
  std::size_t least = std::string::npos;
  std::vector<std::string> names;
  for (const auto& [name, text] : machine.services) {
    if (text.find(range) == std::string::npos) continue;
    const std::size_t count = range_count(text);
    if (count < least) names.clear();
    if (count <= least) names.push_back(name);
    least = std::min(least, count);
  }
  if (names.size() == 1) return names.front();
  return fmt::format("{}-{}", listener.is_udp ? "udp" : "tcp", listener.port);
}

Wishes guess(const Machine& machine, const std::string& ssh_connection) {
  Wishes wishes;
  bool has_private = false;
  for (const Device& device : machine.devices) {
    const bool is_used = device.is_up && !device.addresses.empty();
    wishes.sides.push_back(device.has_default_route ? Side::Internet : is_used ? Side::Lan : Side::Nothing);
    if (wishes.sides.back() != Side::Lan) continue;
    has_private = has_private || std::ranges::any_of(device.addresses, is_private);
  }
  wishes.masquerades = has_private;
  // DHCP (RFC 2131, RFC 8415) is let through by the networks' own rules.
  constexpr std::array<std::uint16_t, 4> kDhcp{67, 68, 546, 547};
  for (const Listener& listener : machine.listeners)
    if (!listener.is_udp || std::ranges::find(kDhcp, listener.port) == kDhcp.end())
      wishes.open[listener] = Side::Nothing;
  // "CLIENT PORT SERVER PORT" (ssh(1)).
  const auto words = base::split(ssh_connection, ' ');
  if (words.size() == 4) {
    wishes.session_from = std::string(words[0]);
    wishes.session_port = base::parse_number<std::uint16_t>(words[3]).value_or(0);
  }
  return wishes;
}

std::map<std::string, std::string> propose(const Machine& machine, const Wishes& wishes) {
  return Builder(machine, wishes).build();
}

}  // namespace vuurmuur::screens
