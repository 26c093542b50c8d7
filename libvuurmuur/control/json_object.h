// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <nlohmann/json.hpp>
#include <utility>

namespace vuurmuur::control {

/// A JSON object of so many members, added in their order, each once. Of what there are ten thousand: an initialiser list
/// makes each value three times over, and operator[] looks for one that is not there.
class JsonObject {
 public:
  explicit JsonObject(std::size_t members) { members_.reserve(members); }
  JsonObject& add(const char* name, nlohmann::ordered_json value) {
    members_.emplace_back(name, std::move(value));
    return *this;
  }
  [[nodiscard]] nlohmann::ordered_json take() { return std::move(members_); }

 private:
  nlohmann::ordered_json::object_t members_;
};

}  // namespace vuurmuur::control
