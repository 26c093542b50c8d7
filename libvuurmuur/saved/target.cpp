// SPDX-License-Identifier: GPL-2.0-or-later
#include "saved/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/strings.h"

namespace vuurmuur::saved {
namespace {

/// Targets of iptables-extensions(8) that change nothing of what rules ask for.
constexpr std::array<std::string_view, 21> kWithoutEffect{
    "LOG", "NFLOG",   "ULOG",    "AUDIT", "CHECKSUM", "CLASSIFY", "CONNSECMARK", "DSCP", "ECN", "HL", "IDLETIMER",
    "LED", "RATEEST", "SECMARK", "SET",   "SYNPROXY", "TCPMSS",   "TCPOPTSTRIP", "TEE",  "TOS", "TTL"};

class Targets {
 public:
  Targets(const Rule& rule, const Table& table, diag::Sink& sink) : rule_(rule), table_(table), sink_(sink) {}

  Target run() {
    const std::string& name = rule_.target;
    if (name.empty()) return NoTarget{};
    if (const auto chain = table_.find(name)) return JumpTarget{.chain = *chain, .is_goto = rule_.is_goto};
    if (rule_.is_goto) return complain(fmt::format("table '{}' has no chain '{}'", table_.name, name));
    if (name == "ACCEPT") return AcceptTarget{};
    if (name == "DROP") return DropTarget{};
    if (name == "REJECT") return RejectTarget{};
    if (name == "RETURN") return ReturnTarget{};
    if (name == "QUEUE") return QueueTarget{};
    if (name == "NFQUEUE") return queue();
    if (name == "MARK" || name == "CONNMARK") return mark();
    if (name == "NOTRACK" || (name == "CT" && option("--notrack") != nullptr)) return UntrackTarget{};
    if (name == "CT" || name == "TRACE") return NoTarget{};
    if (name == "DNAT" || name == "SNAT") return translation();
    if (name == "MASQUERADE" || name == "REDIRECT") return own_translation();
    if (std::ranges::find(kWithoutEffect, name) != kWithoutEffect.end()) return NoTarget{};
    return UnknownTarget{};
  }

 private:
  [[nodiscard]] const Option* option(std::string_view name) const {
    const auto found = std::ranges::find(rule_.target_options, name, &Option::name);
    return found == rule_.target_options.end() ? nullptr : &*found;
  }
  [[nodiscard]] static std::string value_of(const Option& option) {
    return option.values.empty() ? "" : option.values.front();
  }

  Target complain(std::string message, const Option* option = nullptr) {
    sink_.error("bad-save-target", option == nullptr ? rule_.span : option->span, std::move(message));
    return UnknownTarget{};
  }

  Target queue() {
    if (const Option* const balance = option("--queue-balance")) {
      const std::string text = value_of(*balance);
      const auto colon = text.find(':');
      const auto first = base::parse_number<std::uint16_t>(text.substr(0, colon));
      const auto last =
          colon == std::string::npos ? std::nullopt : base::parse_number<std::uint16_t>(text.substr(colon + 1));
      if (!first || !last || *last < *first) return complain(fmt::format("'{}' is no range of queues", text), balance);
      return QueueTarget{.first = *first, .last = *last};
    }
    const Option* const number = option("--queue-num");
    if (number == nullptr) return QueueTarget{};
    const auto queue = base::parse_number<std::uint16_t>(value_of(*number));
    if (!queue)
      return complain(fmt::format("'{}' is no number of a queue: expected 0 to 65535", value_of(*number)), number);
    return QueueTarget{.first = *queue, .last = *queue};
  }

  /// "0x10/0xff" as value and mask, "5".
  struct Masked {
    std::uint32_t value = 0, mask = UINT32_MAX;
  };
  static std::optional<Masked> masked(const std::string& text) {
    const auto slash = text.find('/');
    const auto value = base::parse_unsigned(text.substr(0, slash));
    const auto mask =
        slash == std::string::npos ? std::optional(0xffffffffULL) : base::parse_unsigned(text.substr(slash + 1));
    if (!value || !mask || *value > UINT32_MAX || *mask > UINT32_MAX) return std::nullopt;
    return Masked{.value = static_cast<std::uint32_t>(*value), .mask = static_cast<std::uint32_t>(*mask)};
  }

  Target mark() {
    const bool is_of_connection = rule_.target == "CONNMARK";
    for (const Option& each : rule_.target_options) {
      const bool is_save = each.name == "--save-mark";
      if (is_save || each.name == "--restore-mark") return copy(is_save);
      const auto what = masked(value_of(each));
      const auto result = [&](std::uint32_t clear, std::uint32_t flip) {
        return MarkTarget{.is_of_connection = is_of_connection, .clear = clear, .flip = flip};
      };
      const bool is_change = each.name == "--set-xmark" || each.name == "--set-mark" || each.name == "--and-mark" ||
                             each.name == "--or-mark" || each.name == "--xor-mark";
      if (!is_change) continue;
      if (!what) return complain(fmt::format("'{}' is no mark", value_of(each)), &each);
      // As iptables-extensions(8) says what each is short for.
      if (each.name == "--set-xmark") return result(what->mask, what->value);
      if (each.name == "--set-mark") return result(what->mask | what->value, what->value);
      if (each.name == "--and-mark") return result(~what->value, 0);
      if (each.name == "--or-mark") return result(what->value, what->value);
      return result(0, what->value);
    }
    return complain(fmt::format("target {} does not say what it sets", rule_.target));
  }

  Target copy(bool is_save) {
    CopyMarkTarget copy{.is_save = is_save};
    const auto read = [&](std::string_view name, std::uint32_t& mask) {
      const Option* const each = option(name);
      if (each == nullptr) return true;
      const auto number = base::parse_unsigned(value_of(*each));
      if (!number || *number > UINT32_MAX) return false;
      mask = static_cast<std::uint32_t>(*number);
      return true;
    };
    std::uint32_t both = UINT32_MAX;
    if (!read("--mask", both)) return complain("a mask is a number of 32 bits");
    copy.packet_mask = copy.connection_mask = both;
    if (!read("--nfmask", copy.packet_mask) || !read("--ctmask", copy.connection_mask))
      return complain("a mask is a number of 32 bits");
    return copy;
  }

  static std::optional<net::PortRange> ports(const std::string& text) {
    const auto dash = text.find('-');
    const auto first = base::parse_number<std::uint16_t>(text.substr(0, dash));
    const auto last = dash == std::string::npos ? first : base::parse_number<std::uint16_t>(text.substr(dash + 1));
    if (!first || !last || *last < *first) return std::nullopt;
    return net::PortRange{.first = *first, .last = *last};
  }

  /// "192.0.2.1-192.0.2.9:80-90", "[2001:db8::1]:80", ":80".
  Target translation() {
    NatTarget nat{.is_destination = rule_.target == "DNAT", .first = {}, .last = {}, .ports = {}};
    const Option* const to = option(nat.is_destination ? "--to-destination" : "--to-source");
    if (to == nullptr) return complain(fmt::format("target {} does not say to what", rule_.target));
    std::string text = value_of(*to);
    const bool is_v6 = text.starts_with('[') || std::ranges::count(text, ':') > 1;
    const std::size_t colon = !is_v6 ? text.find(':') : text.starts_with('[') ? text.find("]:") : std::string::npos;
    if (colon != std::string::npos) {
      std::string port = text.substr(text.find(':', colon) + 1);
      if (const auto shift = port.find('/'); shift != std::string::npos) port.resize(shift);
      nat.ports = ports(port);
      if (!nat.ports) return complain(fmt::format("'{}' is no port", port), to);
      text.resize(colon);
    }
    std::erase_if(text, [](char c) { return c == '[' || c == ']'; });
    if (text.empty()) return nat;
    const auto dash = text.find('-');
    nat.first = net::Address::parse(text.substr(0, dash));
    nat.last = dash == std::string::npos ? nat.first : net::Address::parse(text.substr(dash + 1));
    if (!nat.first || !nat.last) return complain(fmt::format("'{}' is no address", text), to);
    return nat;
  }

  Target own_translation() {
    const bool is_redirect = rule_.target == "REDIRECT";
    NatTarget nat{.is_destination = is_redirect, .first = {}, .last = {}, .ports = {}, .is_to_itself = is_redirect};
    if (const Option* const to = option("--to-ports")) {
      nat.ports = ports(value_of(*to));
      if (!nat.ports) return complain(fmt::format("'{}' is no port", value_of(*to)), to);
    }
    return nat;
  }

  const Rule& rule_;
  const Table& table_;
  diag::Sink& sink_;
};

}  // namespace

Target target_of(const Rule& rule, const Table& table, diag::Sink& sink) { return Targets(rule, table, sink).run(); }

}  // namespace vuurmuur::saved
