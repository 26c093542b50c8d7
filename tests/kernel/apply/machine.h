// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <string_view>

#include "lab/namespace.h"

namespace vuurmuur::apply::test {

/// A network namespace of its own that the test is in while this lives.
class Machine {
 public:
  Machine();

 private:
  /// Before the namespace is made; a second machine in one process is the same laboratory.
  struct Laboratory {
    Laboratory();
  } laboratory_;
  lab::NetNamespace namespace_;
  lab::Inside inside_;
};

/// What iptables-legacy-save -c prints for all tables, without its lines of comment.
[[nodiscard]] std::string saved_ipv4();
/// The same of one table, which is made by it.
[[nodiscard]] std::string saved_ipv4(const std::string& table);
[[nodiscard]] std::string saved_ipv6();
/// Both.
[[nodiscard]] std::string saved();

/// Loads text with iptables-legacy-restore -c; it must work.
void restore_ipv4(std::string_view text);

}  // namespace vuurmuur::apply::test
