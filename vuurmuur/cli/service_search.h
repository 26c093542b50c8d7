// SPDX-License-Identifier: GPL-2.0-or-later
// Services found by what people know of them.
#pragma once
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "model/objects.h"

namespace vuurmuur::cli {

/// A service, and where it was found.
struct FoundService {
  model::Service service;
  bool is_configured = false;  ///< rules of the configuration can name it; else it is one of those shipped
};

/// What is looked for; every one of them has to be there.
struct ServiceWishes {
  struct Port {
    std::uint16_t number = 0;
    std::optional<net::Protocol> protocol;  ///< nothing: any that has ports
  };
  std::vector<Port> ports;
  std::vector<std::string> words;  ///< in the name, another name, the comment, a category or the helper; without case
  std::vector<std::string> categories;

  /// Reads "22", "53/udp" or a word. The error is a message for the user.
  [[nodiscard]] std::expected<void, std::string> add(const std::string& text);
};

/// The services of a configuration and those in a directory of shipped ones that it has not, by name. What is wrong
/// with them is told by "check". The error is that of a configuration that cannot be listed.
[[nodiscard]] base::Result<std::vector<FoundService>> read_services(const base::FileSystem& files,
                                                                    const std::string& configuration,
                                                                    const std::string& shipped);

/// Those that are looked for: the ones so called first, then those whose ports are the fewest.
[[nodiscard]] std::vector<FoundService> search(std::vector<FoundService> services, const ServiceWishes& wishes);

/// "udp 53, tcp 53", "icmp 8/0", "gre".
[[nodiscard]] std::string ports_text(const model::Service& service);

}  // namespace vuurmuur::cli
