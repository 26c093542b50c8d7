// SPDX-License-Identifier: GPL-2.0-or-later
// What lists of objects show: a line an object.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/workspace.h"
#include "edit/object.h"
#include "model/policy.h"

namespace vuurmuur::screens {

struct ObjectLine {
  edit::Object object;
  bool is_active = true;
  std::string value;    ///< its addresses, ports or device, or how many it has
  std::string comment;  ///< as it is written
};

[[nodiscard]] std::vector<ObjectLine> zone_lines(const model::Policy& policy);
/// Of a zone.
[[nodiscard]] std::vector<ObjectLine> network_lines(const model::Policy& policy, const std::string& zone);
/// Hosts and groups of a network ("local.lan").
[[nodiscard]] std::vector<ObjectLine> host_lines(const model::Policy& policy, const std::string& network);
[[nodiscard]] std::vector<ObjectLine> service_lines(const model::Policy& policy);
[[nodiscard]] std::vector<ObjectLine> interface_lines(const model::Policy& policy);

/// "10.0.0.1, ::25/suffix, www.example.org".
[[nodiscard]] std::string addresses_of(const model::Host& host);
/// "192.168.1.0/24, dynamic".
[[nodiscard]] std::string addresses_of(const model::Network& network);
[[nodiscard]] std::string addresses_of(const model::Interface& interface);
/// "tcp 80, udp 53"; source ports only where they say something.
[[nodiscard]] std::string ports_of(const model::Service& service);

/// What is wrong with files, by file.
class ProblemsByFile {
 public:
  /// Looks at a reading, unless it did already.
  void look_at(const std::shared_ptr<const app::Reading>& reading);
  /// Those of an object's file, in their order; they live as long as the reading.
  [[nodiscard]] std::span<const diag::Diagnostic* const> of(const edit::Object& object) const;
  [[nodiscard]] std::span<const diag::Diagnostic* const> of(const std::string& path) const;

 private:
  std::shared_ptr<const app::Reading> reading_;
  std::unordered_map<std::string, std::vector<const diag::Diagnostic*>> by_path_;
};

[[nodiscard]] bool has_error(std::span<const diag::Diagnostic* const> problems);
/// Its message with what may have been meant.
[[nodiscard]] std::string text_of(const diag::Diagnostic& problem);

}  // namespace vuurmuur::screens
