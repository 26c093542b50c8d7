// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <vector>

#include "config/fields.h"
#include "model/policy.h"

namespace vuurmuur::config {

// Each reads one file. Problems go into the sink; what could be read is in the result. The name's place is the
// beginning of the file.

[[nodiscard]] model::Settings read_settings(const Input& input);
[[nodiscard]] model::Interface read_interface(const Input& input, std::string name);
[[nodiscard]] model::Zone read_zone(const Input& input, std::string name);
[[nodiscard]] model::Network read_network(const Input& input, std::string name, std::string zone);
[[nodiscard]] model::Host read_host(const Input& input, std::string name, std::string network, std::string zone);
[[nodiscard]] model::Group read_group(const Input& input, std::string name, std::string network, std::string zone);
[[nodiscard]] model::Service read_service(const Input& input, std::string name);
[[nodiscard]] std::vector<model::BlockEntry> read_blocklist(const Input& input);

/// Rules that have an error are left out, but counted in the numbers of the others.
[[nodiscard]] std::vector<model::Rule> read_rules(const Input& input);

}  // namespace vuurmuur::config
