// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "config/read.h"
#include "config/settings_table.h"
#include "config/write.h"

namespace vuurmuur::config {
namespace {

std::string number_to_text(std::uint32_t number, int radix) {
  return radix == 8 ? fmt::format("{:o}", number) : fmt::format("{}", number);
}

}  // namespace

void set_settings(Document& document, const model::Settings& settings) {
  diag::Sink ignored;
  model::Settings now = read_settings({document, {}, ignored});
  model::Settings wanted = settings;
  for (const SettingRow& row : setting_rows()) {
    if (const auto* flag = std::get_if<bool& (*)(model::Settings&)>(&row.place)) {
      const bool value = (*flag)(wanted);
      if (value != (*flag)(now)) document.set(row.key, value ? "Yes" : "No");
    } else {
      const auto& number = std::get<NumberSetting>(row.place);
      const std::uint32_t value = number.at(wanted);
      if (value != number.at(now)) document.set(row.key, number_to_text(value, number.radix));
    }
  }
  if (wanted.log_group != now.log_group) document.set("NFGRP", fmt::format("{}", wanted.log_group));
  if (wanted.connmark_mask != now.connmark_mask)
    document.set("CONNMARK_MASK", fmt::format("{:#x}", *wanted.connmark_mask));
  if (wanted.foreign_connmarks != now.foreign_connmarks) {
    std::vector<std::string> values;
    for (const auto& bits : wanted.foreign_connmarks) values.push_back(fmt::format("{:#x}", *bits));
    document.set("CONNMARK_FOREIGN", values);
  }
  if (wanted.backend != now.backend)
    document.set("BACKEND", std::string(model::kBackendWords[static_cast<std::size_t>(wanted.backend)]));
  if (wanted.drift != now.drift)
    document.set("DRIFT", std::string(model::kDriftWords[static_cast<std::size_t>(wanted.drift)]));
  if (wanted.log_format != now.log_format)
    document.set("LOG_FORMAT", std::string(model::kLogFormatWords[static_cast<std::size_t>(wanted.log_format)]));
  if (wanted.baits != now.baits) {
    std::vector<std::string> values;
    for (const auto& bait : wanted.baits) values.push_back(to_string(*bait));
    document.set("BAIT", values);
  }
  if (wanted.dns_servers != now.dns_servers) {
    std::vector<std::string> values;
    for (const auto& server : wanted.dns_servers) {
      const std::string address = server->address.to_string();
      const bool is_ipv4 = server->address.family == net::Family::Ipv4;
      values.push_back(fmt::format("{}:{}", is_ipv4 ? address : "[" + address + "]", server->port));
    }
    document.set("DNS_SERVER", values);
  }
  if (wanted.log_directory != now.log_directory) document.set("LOGDIR", wanted.log_directory);
}

}  // namespace vuurmuur::config
