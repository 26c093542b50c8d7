// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "diag/diagnostic.h"
#include "model/policy.h"

namespace vuurmuur::sema {

/// Finds objects of one kind by name.
class NameIndex {
 public:
  /// Adds a name; false when it is there already.
  bool add(std::string name, std::size_t index);
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  /// The name that the user may have meant.
  [[nodiscard]] std::optional<std::string> nearest(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& all() const { return names_; }

 private:
  std::unordered_map<std::string, std::size_t> by_name_;
  std::vector<std::string> names_;
};

/// All names of a policy. The index of each is its place in the list of the model.
struct Names {
  NameIndex interfaces, services, zones, networks, hosts, groups;

  /// A name of any kind that can be the end of a rule, near to the one given.
  [[nodiscard]] std::optional<std::string> nearest_end(std::string_view name) const;
};

/// Indexes a policy and reports names that two objects have, or that the rule language keeps for itself.
[[nodiscard]] Names index_names(const model::Policy& policy, diag::Sink& sink);

/// "'NAME'" for messages, with what is too long for a line cut off.
[[nodiscard]] std::string quoted(std::string_view name);

}  // namespace vuurmuur::sema
