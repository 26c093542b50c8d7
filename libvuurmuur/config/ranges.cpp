// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/ranges.h"

#include <fmt/format.h>

#include <array>

#include "base/strings.h"
#include "config/fields.h"
#include "config/names.h"

namespace vuurmuur::config {
namespace {

using net::Protocol;

constexpr std::string_view kAny = "any";

/// A number of an ICMP message: nothing inside for "any", nothing at all for a mistake.
std::optional<std::optional<std::uint8_t>> read_icmp_number(const Value& value, std::string_view part,
                                                            std::string_view what, diag::Sink& sink) {
  if (base::equals_ignoring_case(part, kAny)) return std::optional<std::uint8_t>();
  const auto number = read_number(value, part, what, 0, 255, 10, sink);
  if (!number) return std::nullopt;
  return std::optional(static_cast<std::uint8_t>(*number));
}

std::string icmp_number_to_text(const std::optional<std::uint8_t>& number) {
  return number ? fmt::format("{}", *number) : std::string(kAny);
}

bool is_icmp(Protocol protocol) { return protocol == Protocol::Icmp || protocol == Protocol::Icmpv6; }

/// The two sides of a separator, trimmed; the second is empty when there is none.
std::array<std::string_view, 2> halves(std::string_view text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) return {base::trim(text), text.substr(text.size())};
  return {base::trim(text.substr(0, at)), base::trim(text.substr(at + 1))};
}

}  // namespace

std::optional<net::PortRange> read_ports(const Value& value, std::string_view part, diag::Sink& sink) {
  const auto [low, high] = halves(part, ':');
  const auto first = read_number(value, low, "a port", 0, 65535, 10, sink);
  const auto last = high.empty() ? first : read_number(value, high, "a port", 0, 65535, 10, sink);
  if (!first || !last) return std::nullopt;
  const auto begin = static_cast<std::uint16_t>(*first);
  const auto end = static_cast<std::uint16_t>(*last);
  if (begin == 0 && end == 0) return net::PortRange::any();
  if (end == 0) return net::PortRange::one(begin);
  if (end < begin) {
    sink.error("reversed-range", value.span(part),
               fmt::format("the port range {} ends before it begins", quoted(part)));
    return std::nullopt;
  }
  return net::PortRange{begin, end};
}

std::string ports_to_text(const net::PortRange& ports) { return ports.is_any() ? "0" : ports.to_string(); }

std::optional<model::PortSet> read_port_pair(const Value& value, std::string_view part, Protocol protocol,
                                             diag::Sink& sink) {
  const auto [destination, source] = halves(part, '*');
  const auto to = destination.empty() ? net::PortRange::any() : read_ports(value, destination, sink);
  const auto from = source.empty() ? net::PortRange::any() : read_ports(value, source, sink);
  if (!to || !from) return std::nullopt;
  return model::PortSet{.protocol = protocol, .destination = *to, .source = *from, .icmp_type = {}, .icmp_code = {}};
}

std::optional<model::PortSet> read_icmp(const Value& value, std::string_view part, char separator, Protocol protocol,
                                        diag::Sink& sink) {
  const auto [type_text, code_text] = halves(part, separator);
  const auto type = read_icmp_number(value, type_text, "an ICMP type", sink);
  const auto code = code_text.empty() ? std::optional(std::optional<std::uint8_t>())
                                      : read_icmp_number(value, code_text, "an ICMP code", sink);
  if (!type || !code) return std::nullopt;
  if (!*type && *code) {
    sink.error("code-without-type", value.span(code_text), "an ICMP code needs a type");
    return std::nullopt;
  }
  return model::PortSet{.protocol = protocol, .icmp_type = *type, .icmp_code = *code};
}

std::optional<model::PortSet> read_range(const Value& value, diag::Sink& sink) {
  const auto [protocol_text, rest] = halves(value.trimmed(), ';');
  const auto number = read_number(value, protocol_text, "a protocol", 0, 255, 10, sink);
  if (!number) return std::nullopt;
  const auto protocol = static_cast<Protocol>(*number);
  if (net::has_ports(protocol)) return read_port_pair(value, rest, protocol, sink);
  if (is_icmp(protocol)) {
    if (rest.empty()) return model::PortSet{.protocol = protocol, .icmp_type = {}, .icmp_code = {}};
    return read_icmp(value, rest, '*', protocol, sink);
  }
  const auto ignored = read_port_pair(value, rest, protocol, sink);
  if (!ignored) return std::nullopt;
  if (!ignored->destination.is_any() || !ignored->source.is_any())
    sink.warning("ports-ignored", value.span(rest), fmt::format("protocol {} has no ports, they are ignored", *number));
  return model::PortSet{.protocol = protocol, .icmp_type = {}, .icmp_code = {}};
}

std::string range_to_text(const model::PortSet& ports) {
  const auto protocol = static_cast<unsigned>(ports.protocol);
  if (is_icmp(ports.protocol))
    return fmt::format("{};{}*{}", protocol, icmp_number_to_text(ports.icmp_type),
                       icmp_number_to_text(ports.icmp_code));
  return fmt::format("{};{}*{}", protocol, ports_to_text(ports.destination), ports_to_text(ports.source));
}

}  // namespace vuurmuur::config
