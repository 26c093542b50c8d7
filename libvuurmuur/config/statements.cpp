// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/statements.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/nearest.h"
#include "base/strings.h"
#include "config/fields.h"
#include "config/names.h"

namespace vuurmuur::config {
namespace {

using model::InterfaceProtections;
using model::Spoof;

struct ProtectionRow {
  std::string_view name;
  bool InterfaceProtections::*at;
};

constexpr std::array kProtections{
    ProtectionRow{"source-routed-packets", &InterfaceProtections::source_routed_packets},
    ProtectionRow{"icmp-redirect", &InterfaceProtections::icmp_redirect},
    ProtectionRow{"send-redirect", &InterfaceProtections::send_redirect},
    ProtectionRow{"rp-filter", &InterfaceProtections::rp_filter},
    ProtectionRow{"log-martians", &InterfaceProtections::log_martians},
};

struct SpoofRow {
  std::string_view name;
  Spoof spoof;
};

constexpr std::array kSpoofs{
    SpoofRow{"loopback", Spoof::Loopback},
    SpoofRow{"class-a", Spoof::ClassA},
    SpoofRow{"class-b", Spoof::ClassB},
    SpoofRow{"class-c", Spoof::ClassC},
    SpoofRow{"class-d", Spoof::ClassD},
    SpoofRow{"class-e", Spoof::ClassE},
    SpoofRow{"test-net", Spoof::TestNet},
    SpoofRow{"lnk-loc-net", Spoof::LinkLocal},
    SpoofRow{"iana-0/8", Spoof::Iana0},
    SpoofRow{"brdcst-src", Spoof::BroadcastSource},
    SpoofRow{"brdcst-dst", Spoof::BroadcastDestination},
};

constexpr std::array<std::string_view, 2> kDhcp{"dhcp-client", "dhcp-server"};
constexpr std::string_view kInterfaceForm = "protect against PROTECTION";
constexpr std::string_view kNetworkForm =
    "protect against spoofing from RANGE, accept dhcp-client or accept dhcp-server";

bool begins_with(std::span<const std::string_view> words, std::span<const std::string_view> wanted) {
  return words.size() >= wanted.size() &&
         std::ranges::equal(words.subspan(0, wanted.size()), wanted, base::equals_ignoring_case);
}

void report_form(const Value& statement, std::string_view form, diag::Sink& sink) {
  sink.error("bad-statement", statement.span(),
             fmt::format("expected '{}', not {}", form, quoted(statement.trimmed())));
}

template <class Rows>
const auto* find_row(const Rows& rows, std::string_view name) {
  const auto found =
      std::ranges::find_if(rows, [&](const auto& row) { return base::equals_ignoring_case(row.name, name); });
  return found == rows.end() ? nullptr : &*found;
}

template <class Rows>
std::vector<std::string_view> names_of(const Rows& rows) {
  std::vector<std::string_view> names;
  for (const auto& row : rows) names.push_back(row.name);
  return names;
}

}  // namespace

void read_interface_statement(const Value& statement, InterfaceProtections& protections, diag::Sink& sink) {
  constexpr std::array<std::string_view, 2> kStart{"protect", "against"};
  const auto parts = words(statement.trimmed());
  if (parts.size() != 3 || !begins_with(parts, kStart)) return report_form(statement, kInterfaceForm, sink);
  if (const ProtectionRow* row = find_row(kProtections, parts[2])) {
    protections.*row->at = true;
    return;
  }
  sink.error("unknown-protection", statement.span(parts[2]), fmt::format("unknown protection {}", quoted(parts[2])))
      .suggestion = base::nearest(parts[2], names_of(kProtections));
}

std::vector<std::string> interface_statements(const InterfaceProtections& protections) {
  std::vector<std::string> result;
  for (const ProtectionRow& row : kProtections)
    if (protections.*row.at) result.push_back(fmt::format("protect against {}", row.name));
  return result;
}

void read_network_statement(const Value& statement, model::Network& network, diag::Sink& sink) {
  constexpr std::array<std::string_view, 4> kStart{"protect", "against", "spoofing", "from"};
  constexpr std::array<std::string_view, 1> kAccept{"accept"};
  const auto parts = words(statement.trimmed());
  if (parts.size() == 2 && begins_with(parts, kAccept)) {
    if (base::equals_ignoring_case(parts[1], kDhcp[0])) return void(network.dhcp_client = true);
    if (base::equals_ignoring_case(parts[1], kDhcp[1])) return void(network.dhcp_server = true);
    sink.error("bad-statement", statement.span(parts[1]),
               fmt::format("expected dhcp-client or dhcp-server, not {}", quoted(parts[1])))
        .suggestion = base::nearest(parts[1], kDhcp);
    return;
  }
  if (parts.size() != 5 || !begins_with(parts, kStart)) return report_form(statement, kNetworkForm, sink);
  if (const SpoofRow* row = find_row(kSpoofs, parts[4])) {
    network.spoof_protections.emplace_back(row->spoof, statement.span(parts[4]));
    return;
  }
  sink.error("unknown-spoof-range", statement.span(parts[4]),
             fmt::format("unknown range of spoofed addresses {}", quoted(parts[4])))
      .suggestion = base::nearest(parts[4], names_of(kSpoofs));
}

std::vector<std::string> network_statements(const model::Network& network) {
  std::vector<std::string> result;
  if (network.dhcp_client) result.push_back("accept dhcp-client");
  if (network.dhcp_server) result.push_back("accept dhcp-server");
  for (const auto& spoof : network.spoof_protections) {
    const auto row = std::ranges::find(kSpoofs, spoof.value, &SpoofRow::spoof);
    result.push_back(fmt::format("protect against spoofing from {}", row->name));
  }
  return result;
}

}  // namespace vuurmuur::config
