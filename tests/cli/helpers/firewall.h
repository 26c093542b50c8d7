// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "helpers/program.h"
#include "helpers/tree.h"
#include "lab/namespace.h"

namespace vuurmuur::test {

/// A network namespace of its own with eth0, 192.0.2.1/24, up and alone. The thread is in it while it lives.
class LoneMachine {
 public:
  LoneMachine();

 private:
  std::optional<lab::NetNamespace> space_;
  std::optional<lab::Inside> inside_;
};

/// A network namespace with the devices that SmallTree speaks of, a state directory of its own, and a tree to apply.
/// Its eth0 is a wire to `peer`, which has 192.0.2.2. The thread is in the namespace while it lives.
class Firewall {
 public:
  Firewall();

  [[nodiscard]] Outcome run(std::vector<std::string> words) const;
  /// "apply OPTIONS TREE".
  [[nodiscard]] Outcome apply(std::vector<std::string> options = {}) const;
  /// What a command prints with --json.
  [[nodiscard]] nlohmann::ordered_json json(std::vector<std::string> words) const;
  /// The same of a command that has to succeed.
  nlohmann::ordered_json done(std::vector<std::string> words) const;
  [[nodiscard]] const std::filesystem::path& state() const { return state_.path(); }
  [[nodiscard]] const lab::NetNamespace& peer() const { return *peer_; }
  [[nodiscard]] const lab::NetNamespace& space() const { return *space_; }

  /// Whether the kernel's rules accept a service from the outside, by their comments.
  [[nodiscard]] static bool admits(const std::string& service);

  SmallTree tree;

 private:
  TemporaryDirectory state_;
  std::optional<lab::NetNamespace> peer_, space_;
  std::optional<lab::Inside> inside_;
};

}  // namespace vuurmuur::test
