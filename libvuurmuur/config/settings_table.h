// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "model/policy.h"

namespace vuurmuur::config {

/// A number of config.conf and what it may be.
struct NumberSetting {
  std::uint32_t& (*at)(model::Settings&);
  std::uint32_t least = 0, most = 0xffffffff;
  int radix = 10;
};

/// A key of config.conf that has one value and where the value is kept: what reading and writing share.
struct SettingRow {
  std::string_view key;
  std::variant<bool& (*)(model::Settings&), NumberSetting> place;
};

/// All yes/no settings and numbers but BACKEND, DRIFT, LOG_FORMAT, NFGRP and CONNMARK_MASK, whose types are their own.
[[nodiscard]] std::span<const SettingRow> setting_rows();

}  // namespace vuurmuur::config
