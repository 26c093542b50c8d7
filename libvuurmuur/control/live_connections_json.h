// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "control/connection_query.h"
#include "control/named_connection.h"

namespace vuurmuur::control {

/// Appends a live connection as one JSON object without line ends, as type LiveConnection of
/// config/org.vuurmuur.Manager.varlink says. Of what there can be a million: written without a document in between.
void append_json(const NamedConnection& named, std::string& to);
[[nodiscard]] inline std::string json_line(const NamedConnection& named) {
  std::string line;
  append_json(named, line);
  return line;
}

/// A group as an object of type ConnectionGroup.
[[nodiscard]] std::string json_line(const ConnectionGroup& group);

}  // namespace vuurmuur::control
