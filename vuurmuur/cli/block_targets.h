// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "config/tree.h"
#include "net/address.h"
#include "sema/policy.h"

namespace vuurmuur::cli {

/// Where names of hosts, groups and networks are looked up.
inline constexpr Option kConfigOption{
    .name = "config", .argument = "DIR", .help = "configuration that names are looked up in (" VUURMUUR_CONFIG_DIR ")"};

/// More names than a command line has room for.
inline constexpr std::size_t kAnyNumberOfTargets = 100'000;

/// Finds out who is meant by words: addresses and networks as they are written, and the full names of hosts, groups and
/// networks of the configuration, which is read only when there is a name, and once.
class TargetFinder {
 public:
  /// `configuration` is its directory when kConfigOption is not given. `context` and `arguments` outlive it.
  TargetFinder(Context& context, const Arguments& arguments, const std::string& configuration);

  /// In network form. The error is a message for the user.
  [[nodiscard]] std::expected<std::vector<net::Prefix>, std::string> find(const std::string& word);

  /// The bait of BAIT that a word names: as it stands there, or the host alone when it stands there once.
  [[nodiscard]] std::expected<sema::Bait, std::string> find_bait(const std::string& word);

 private:
  [[nodiscard]] const model::Policy& policy();

  Context& context_;
  const Arguments& arguments_;
  std::string directory_;
  std::optional<config::Tree> tree_;
};

/// Who is meant by the words of a command line, each once: there is one at least, and nobody means everybody.
[[nodiscard]] std::expected<std::vector<net::Prefix>, std::string> block_targets(Context& context,
                                                                                 const Arguments& arguments,
                                                                                 const std::string& configuration);

/// What option --for says; nothing when it is not there: until it is taken back. The error is a message for the user.
[[nodiscard]] std::expected<std::optional<std::chrono::seconds>, std::string> block_time(const Arguments& arguments);

}  // namespace vuurmuur::cli
