// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/parameters.h"

#include <algorithm>

namespace vuurmuur::daemon {

const ipc::Json* Parameters::find(const std::string& name) {
  known_.insert(name);
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::string> Parameters::text(const std::string& name) {
  const ipc::Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return value->get<std::string>();
  refuse(name);
  return std::nullopt;
}

std::optional<std::uint64_t> Parameters::number(const std::string& name, std::uint64_t most) {
  const ipc::Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  const bool is_whole = value->is_number_unsigned() || (value->is_number_integer() && value->get<std::int64_t>() >= 0);
  if (is_whole && value->get<std::uint64_t>() <= most) return value->get<std::uint64_t>();
  refuse(name);
  return std::nullopt;
}

bool Parameters::flag(const std::string& name) {
  const ipc::Json* value = find(name);
  if (value == nullptr) return false;
  if (value->is_boolean()) return value->get<bool>();
  refuse(name);
  return false;
}

std::vector<std::string> Parameters::texts(const std::string& name) {
  const ipc::Json* value = find(name);
  if (value == nullptr) return {};
  if (value->is_array() && std::ranges::all_of(*value, [](const ipc::Json& each) { return each.is_string(); }))
    return value->get<std::vector<std::string>>();
  refuse(name);
  return {};
}

std::string Parameters::wrong() const {
  if (!wrong_.empty()) return wrong_;
  for (const auto& [name, value] : object_.items())
    if (!known_.contains(name)) return name;
  return {};
}

}  // namespace vuurmuur::daemon
