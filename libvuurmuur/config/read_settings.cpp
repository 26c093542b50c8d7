// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <array>

#include "base/nearest.h"
#include "base/strings.h"
#include "config/names.h"
#include "config/read.h"
#include "config/settings_table.h"

namespace vuurmuur::config {

namespace {

struct BackendWord {
  std::string_view word;
  model::Backend backend;
};

/// What is written first, then what people call them too.
constexpr std::array kBackends{BackendWord{"auto", model::Backend::Auto},
                               BackendWord{"xtables", model::Backend::Xtables}, BackendWord{"nft", model::Backend::Nft},
                               BackendWord{"iptables", model::Backend::Xtables},
                               BackendWord{"nftables", model::Backend::Nft}};

model::Backend read_backend(const Fields& fields) {
  const Value* value = fields.one("BACKEND");
  if (value == nullptr) return model::Backend::Auto;
  for (const BackendWord& row : kBackends)
    if (base::equals_ignoring_case(value->trimmed(), row.word)) return row.backend;
  fields.sink()
      .error("bad-backend", value->span(),
             fmt::format("BACKEND expects auto, xtables or nft, not {}", quoted(value->trimmed())))
      .suggestion = base::nearest(value->trimmed(), model::kBackendWords);
  return model::Backend::Auto;
}

model::Drift read_drift(const Fields& fields) {
  const Value* value = fields.one("DRIFT");
  if (value == nullptr) return model::Drift::Repair;
  for (std::size_t i = 0; i < model::kDriftWords.size(); ++i)
    if (base::equals_ignoring_case(value->trimmed(), model::kDriftWords[i])) return static_cast<model::Drift>(i);
  fields.sink()
      .error("bad-drift", value->span(), fmt::format("DRIFT expects repair or warn, not {}", quoted(value->trimmed())))
      .suggestion = base::nearest(value->trimmed(), model::kDriftWords);
  return model::Drift::Repair;
}

model::LogFormat read_log_format(const Fields& fields) {
  const Value* value = fields.one("LOG_FORMAT");
  if (value == nullptr) return model::LogFormat::Text;
  for (std::size_t i = 0; i < model::kLogFormatWords.size(); ++i)
    if (base::equals_ignoring_case(value->trimmed(), model::kLogFormatWords[i]))
      return static_cast<model::LogFormat>(i);
  fields.sink()
      .error("bad-log-format", value->span(),
             fmt::format("LOG_FORMAT expects text or json, not {}", quoted(value->trimmed())))
      .suggestion = base::nearest(value->trimmed(), model::kLogFormatWords);
  return model::LogFormat::Text;
}

/// "192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]:5353".
std::optional<model::DnsServer> parse_dns_server(std::string_view text) {
  model::DnsServer server;
  const bool has_brackets = text.starts_with('[');
  const std::size_t end = has_brackets ? text.find(']') : text.find(':');
  const bool is_bare_ipv6 = !has_brackets && end != std::string_view::npos && text.find(':', end + 1) != text.npos;
  if (has_brackets && end == std::string_view::npos) return std::nullopt;
  const auto address =
      net::Address::parse(is_bare_ipv6 ? text : text.substr(has_brackets ? 1 : 0, end - (has_brackets ? 1 : 0)));
  if (!address || (has_brackets && address->family != net::Family::Ipv6)) return std::nullopt;
  server.address = *address;
  if (is_bare_ipv6 || end == std::string_view::npos) return server;
  std::string_view rest = text.substr(end + (has_brackets ? 1 : 0));
  if (rest.empty()) return server;
  const auto port = rest.starts_with(':') ? base::parse_number<std::uint16_t>(rest.substr(1)) : std::nullopt;
  if (!port || *port == 0) return std::nullopt;
  server.port = *port;
  return server;
}

/// "honeypot.net.dmz", "honeypot.net.dmz:2222".
void read_baits(const Fields& fields, model::Settings& settings) {
  for (const Value* value : fields.all("BAIT")) {
    const std::string_view text = value->trimmed();
    const std::size_t colon = text.find(':');
    model::BaitHost bait{.host = std::string(text.substr(0, colon)), .port = {}};
    if (colon != std::string_view::npos) bait.port = base::parse_number<std::uint16_t>(text.substr(colon + 1));
    if (bait.host.empty() || (colon != std::string_view::npos && bait.port.value_or(0) == 0)) {
      fields.sink().error(
          "bad-bait", value->span(),
          fmt::format("BAIT expects a host like honeypot.net.dmz or honeypot.net.dmz:2222, not {}", quoted(text)));
      continue;
    }
    settings.baits.emplace_back(std::move(bait), value->span());
  }
}

void read_dns(const Fields& fields, model::Settings& settings) {
  for (const Value* value : fields.all("DNS_SERVER")) {
    if (const auto server = parse_dns_server(value->trimmed())) {
      settings.dns_servers.emplace_back(*server, value->span());
      continue;
    }
    fields.sink().error(
        "bad-dns-server", value->span(),
        fmt::format("DNS_SERVER expects an address like 192.0.2.53, 192.0.2.53:53 or [2001:db8::53]:53, not {}",
                    quoted(value->trimmed())));
  }
  const Value* most = fields.one("DNS_TTL_MAX");
  const Value* least = fields.one("DNS_TTL_MIN");
  if (settings.dns_ttl_min > settings.dns_ttl_max)
    fields.sink().error(
        "bad-dns-ttl", (least != nullptr ? least : most)->span(),
        fmt::format("DNS_TTL_MIN ({}) is more than DNS_TTL_MAX ({})", settings.dns_ttl_min, settings.dns_ttl_max));
}

}  // namespace

model::Settings read_settings(const Input& input) {
  const Fields fields(input, FileType::Settings);
  model::Settings settings;
  for (const SettingRow& row : setting_rows()) {
    if (const auto* flag = std::get_if<bool& (*)(model::Settings&)>(&row.place)) {
      bool& place = (*flag)(settings);
      place = fields.boolean(row.key, place);
    } else {
      const auto& number = std::get<NumberSetting>(row.place);
      if (const auto value = fields.number(row.key, number.least, number.most, number.radix))
        number.at(settings) = static_cast<std::uint32_t>(*value);
    }
  }
  if (const auto group = fields.number("NFGRP", 0, 0xffff)) settings.log_group = static_cast<std::uint16_t>(*group);
  if (const auto mask = fields.number("CONNMARK_MASK", 1, 0xffffffff, 16))
    settings.connmark_mask = {static_cast<std::uint32_t>(*mask), fields.one("CONNMARK_MASK")->span()};
  for (const Value* value : fields.all("CONNMARK_FOREIGN"))
    if (const auto bits = read_number(*value, value->trimmed(), "CONNMARK_FOREIGN", 1, 0xffffffff, 16, input.sink))
      settings.foreign_connmarks.emplace_back(static_cast<std::uint32_t>(*bits), value->span());
  settings.backend = read_backend(fields);
  settings.drift = read_drift(fields);
  settings.log_format = read_log_format(fields);
  read_baits(fields, settings);
  read_dns(fields, settings);
  if (const Value* directory = fields.one("LOGDIR")) settings.log_directory = directory->text();
  return settings;
}

}  // namespace vuurmuur::config
