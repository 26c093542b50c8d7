// SPDX-License-Identifier: GPL-2.0-or-later
#include "saved/condition.h"

#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"

namespace vuurmuur::saved {
namespace {

/// What a protocol of iptables(8) is called by itself and in /etc/protocols (protocols(5)).
std::optional<std::uint8_t> protocol_named(std::string_view name) {
  if (const auto number = base::parse_number<std::uint8_t>(name)) return number;
  if (name == "all") return 0;
  constexpr std::array<std::pair<std::string_view, std::uint8_t>, 12> kKnown{{{"tcp", 6},
                                                                              {"udp", 17},
                                                                              {"icmp", 1},
                                                                              {"icmpv6", 58},
                                                                              {"ipv6-icmp", 58},
                                                                              {"esp", 50},
                                                                              {"ah", 51},
                                                                              {"sctp", 132},
                                                                              {"dccp", 33},
                                                                              {"udplite", 136},
                                                                              {"gre", 47},
                                                                              {"ipv6-mh", 135}}};
  for (const auto& [known, number] : kKnown)
    if (base::equals_ignoring_case(known, name)) return number;
  protoent entry{}, *found = nullptr;
  std::array<char, 2048> room;
  if (::getprotobyname_r(std::string(name).c_str(), &entry, room.data(), room.size(), &found) != 0 || found == nullptr)
    return std::nullopt;
  return static_cast<std::uint8_t>(entry.p_proto);
}

std::optional<std::uint16_t> port_named(std::string_view name) {
  if (const auto number = base::parse_number<std::uint16_t>(name)) return number;
  servent entry{}, *found = nullptr;
  std::array<char, 2048> room;
  if (::getservbyname_r(std::string(name).c_str(), nullptr, &entry, room.data(), room.size(), &found) != 0 ||
      found == nullptr)
    return std::nullopt;
  const auto port = static_cast<std::uint16_t>(entry.s_port);
  return static_cast<std::uint16_t>(port << 8 | port >> 8);
}

/// "80", "1024:65535", ":1023".
std::optional<net::PortRange> port_range(std::string_view text) {
  const auto colon = text.find(':');
  const auto end_or = [](std::string_view part, std::uint16_t other) {
    return part.empty() ? std::optional(other) : port_named(part);
  };
  if (colon == std::string_view::npos) {
    const auto port = port_named(text);
    if (!port) return std::nullopt;
    return net::PortRange::one(*port);
  }
  const auto first = end_or(text.substr(0, colon), 0), last = end_or(text.substr(colon + 1), 65535);
  if (!first || !last || *last < *first) return std::nullopt;
  return net::PortRange{.first = *first, .last = *last};
}

std::optional<std::uint8_t> flags_named(std::string_view list) {
  constexpr std::array<std::pair<std::string_view, std::uint8_t>, 8> kFlags{
      {{"FIN", 1}, {"SYN", 2}, {"RST", 4}, {"PSH", 8}, {"ACK", 16}, {"URG", 32}, {"ALL", 63}, {"NONE", 0}}};
  std::uint8_t flags = 0;
  for (const std::string_view name : base::split(list, ',')) {
    const auto* const found = std::ranges::find(kFlags, name, &std::pair<std::string_view, std::uint8_t>::first);
    if (found == kFlags.end()) return std::nullopt;
    flags |= found->second;
  }
  return flags;
}

std::optional<std::uint8_t> states_named(std::string_view list) {
  constexpr std::array<std::pair<std::string_view, std::uint8_t>, 7> kStates{{{"NEW", State::kNew},
                                                                              {"ESTABLISHED", State::kEstablished},
                                                                              {"RELATED", State::kRelated},
                                                                              {"INVALID", State::kInvalid},
                                                                              {"UNTRACKED", State::kUntracked},
                                                                              {"SNAT", State::kSnat},
                                                                              {"DNAT", State::kDnat}}};
  std::uint8_t states = 0;
  for (const std::string_view name : base::split(list, ',')) {
    const auto* const found = std::ranges::find(kStates, name, &std::pair<std::string_view, std::uint8_t>::first);
    if (found == kStates.end()) return std::nullopt;
    states |= found->second;
  }
  return states;
}

/// "0x10/0xff", "5".
std::optional<MarkCondition> mark_named(std::string_view text) {
  const auto slash = text.find('/');
  const auto value = base::parse_unsigned(text.substr(0, slash));
  const auto mask =
      slash == std::string_view::npos ? std::optional(0xffffffffULL) : base::parse_unsigned(text.substr(slash + 1));
  if (!value || !mask || *value > UINT32_MAX || *mask > UINT32_MAX) return std::nullopt;
  return MarkCondition{.value = static_cast<std::uint32_t>(*value), .mask = static_cast<std::uint32_t>(*mask)};
}

class Conditions {
 public:
  Conditions(const Rule& rule, net::Family family, diag::Sink& sink) : rule_(rule), family_(family), sink_(sink) {}

  std::vector<Condition> run() {
    for (const Match& match : rule_.matches) {
      match_ = &match;
      if (add_local() || add_set()) continue;
      if (match.name == "frag") {
        conditions_.push_back({.what = FragmentCondition{}, .is_inverted = false, .span = match.span});
        continue;
      }
      if (!is_known()) {
        conditions_.push_back(
            {.what = OpaqueCondition{.text = text_of(match)}, .is_inverted = false, .span = match.span});
        continue;
      }
      for (const Option& option : match.options) {
        option_ = &option;
        if (!is_plain() && !is_of_transport() && !is_of_tracking() && !is_of_address()) add_opaque();
      }
    }
    return std::move(conditions_);
  }

 private:
  [[nodiscard]] bool is(std::string_view name) const { return option_->name == name; }
  [[nodiscard]] bool in(std::string_view match) const { return match_->name == match; }
  /// One whose options say something each, and which says nothing without them.
  [[nodiscard]] bool is_known() const {
    constexpr std::array<std::string_view, 17> kKnown{"",     "tcp",      "udp",    "udplite",   "sctp",   "dccp",
                                                      "icmp", "icmp6",    "icmpv6", "multiport", "state",  "conntrack",
                                                      "mark", "connmark", "mac",    "iprange",   "comment"};
    return std::ranges::find(kKnown, match_->name) != kKnown.end();
  }
  [[nodiscard]] std::string value(std::size_t place = 0) const {
    return place < option_->values.size() ? option_->values[place] : std::string();
  }
  template <class What>
  bool add(What what) {
    conditions_.push_back({.what = std::move(what), .is_inverted = option_->is_inverted, .span = option_->span});
    return true;
  }
  bool complain(std::string_view expected) {
    sink_.error("bad-save-match", option_->span,
                fmt::format("'{}' is no {}", base::join(option_->values, " "), expected));
    add_opaque();
    return true;
  }

  static std::string text_of(const Option& option) {
    std::string text = option.name;
    for (const std::string& value : option.values) text += " " + value;
    return text;
  }
  /// All options of an unknown match belong to each other.
  static std::string text_of(const Match& match) {
    std::string text = match.name;
    for (const Option& option : match.options)
      text += fmt::format("{} {}", option.is_inverted ? " !" : "", text_of(option));
    return text;
  }
  void add_opaque() {
    add(OpaqueCondition{.text = match_->name + (match_->name.empty() ? "" : " ") + text_of(*option_)});
  }

  /// Other types are opaque.
  bool add_local() {
    if (!in("addrtype")) return false;
    auto device = LocalCondition::Device::Any;
    for (const Option& option : match_->options) {
      if (option.name == "--limit-iface-in")
        device = LocalCondition::Device::In;
      else if (option.name == "--limit-iface-out")
        device = LocalCondition::Device::Out;
      else if ((option.name != "--src-type" && option.name != "--dst-type") ||
               option.values != std::vector<std::string>{"LOCAL"})
        return false;
    }
    for (const Option& option : match_->options) {
      option_ = &option;
      if (!option.values.empty()) add(LocalCondition{.is_destination = is("--dst-type"), .device = device});
    }
    return true;
  }

  bool add_set() {
    if (!in("set") || match_->options.size() != 1 || match_->options.front().name != "--match-set" ||
        match_->options.front().values.size() != 2)
      return false;
    option_ = &match_->options.front();
    return add(SetCondition{.set = value(), .sides = value(1)});
  }

  bool is_plain() {
    if (is("-4") || is("-6")) {
      // Of the other family: no packet of this one.
      if (is("-4") != (family_ == net::Family::Ipv4)) add(FragmentCondition{});
      return true;
    }
    if (is("-f")) return add(FragmentCondition{});
    if (is("-i") || is("-o")) {
      DeviceCondition device{.is_out = is("-o"), .name = value()};
      if (device.name.empty()) return complain("name of a device");
      if ((device.is_beginning = device.name.ends_with('+'))) device.name.pop_back();
      return add(std::move(device));
    }
    if (is("-s") || is("-d")) {
      const auto prefix = net::Prefix::parse(value());
      if (!prefix && value().find('/') != std::string::npos) {
        // A mask with holes: no range of addresses.
        add_opaque();
        return true;
      }
      if (!prefix || prefix->family() != family_) return complain("address of this family");
      return add(
          AddressCondition{.is_destination = is("-d"), .first = prefix->network().address, .last = prefix->last()});
    }
    if (is("-p")) {
      const auto protocol = protocol_named(value());
      if (!protocol) return complain("protocol");
      return *protocol == 0 || add(ProtocolCondition{.protocol = *protocol});
    }
    return in("comment");
  }

  bool is_of_transport() {
    using Which = PortCondition::Which;
    const bool is_source = is("--sport") || is("--source-port") || is("--sports") || is("--source-ports");
    const bool is_destination =
        is("--dport") || is("--destination-port") || is("--dports") || is("--destination-ports");
    if (is_source || is_destination || (in("multiport") && (is("--ports") || is("--port")))) {
      PortCondition ports{.which = is_source        ? Which::Source
                                   : is_destination ? Which::Destination
                                                    : Which::Either,
                          .ranges = {}};
      const std::string list = value();
      for (const std::string_view part : base::split(list, ',')) {
        const auto range = port_range(part);
        if (!range) return complain("list of ports");
        ports.ranges.push_back(*range);
      }
      return add(std::move(ports));
    }
    if (is("--syn")) return add(FlagCondition{.mask = 23, .set = 2});
    if (is("--tcp-flags")) {
      const auto mask = flags_named(value()), set = flags_named(value(1));
      if (!mask || !set || option_->values.size() != 2) return complain("pair of lists of TCP flags");
      return add(FlagCondition{.mask = *mask, .set = *set});
    }
    if (is("--icmp-type") || is("--icmpv6-type")) {
      if (value() == "any" || value() == "255") return true;
      const auto type = icmp_named(value(), family_);
      return type ? add(*type) : complain("type of ICMP");
    }
    return false;
  }

  bool is_of_tracking() {
    if ((in("state") && is("--state")) || (in("conntrack") && is("--ctstate"))) {
      const auto states = states_named(value());
      return states ? add(StateCondition{.states = *states}) : complain("list of states");
    }
    if ((in("mark") || in("connmark")) && is("--mark")) {
      auto mark = mark_named(value());
      if (!mark) return complain("mark");
      mark->is_of_connection = in("connmark");
      return add(*mark);
    }
    return false;
  }

  bool is_of_address() {
    if (in("mac") && is("--mac-source")) {
      const auto address = net::MacAddress::parse(value());
      return address ? add(MacCondition{.address = *address}) : complain("MAC address");
    }
    if (in("iprange") && (is("--src-range") || is("--dst-range"))) {
      const std::string text = value();
      const auto dash = text.find('-');
      const auto first = net::Address::parse(text.substr(0, dash));
      const auto last = dash == std::string::npos ? first : net::Address::parse(text.substr(dash + 1));
      if (!first || !last || first->family != family_ || last->family != family_)
        return complain("range of addresses of this family");
      return add(AddressCondition{.is_destination = is("--dst-range"), .first = *first, .last = *last});
    }
    return false;
  }

  const Rule& rule_;
  net::Family family_;
  diag::Sink& sink_;
  const Match* match_ = nullptr;
  const Option* option_ = nullptr;
  std::vector<Condition> conditions_;
};

}  // namespace

std::vector<Condition> conditions_of(const Rule& rule, net::Family family, diag::Sink& sink) {
  return Conditions(rule, family, sink).run();
}

}  // namespace vuurmuur::saved
