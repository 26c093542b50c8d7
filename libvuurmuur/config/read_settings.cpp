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
      .error("bad-drift", value->span(),
             fmt::format("DRIFT expects repair or warn, not {}", quoted(value->trimmed())))
      .suggestion = base::nearest(value->trimmed(), model::kDriftWords);
  return model::Drift::Repair;
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
  if (const Value* directory = fields.one("LOGDIR")) settings.log_directory = directory->text();
  return settings;
}

}  // namespace vuurmuur::config
