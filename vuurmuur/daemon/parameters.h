// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ipc/varlink.h"

namespace vuurmuur::daemon {

/// The parameters of a call, read by their names. What is not there or null is nothing. A parameter that nobody asks
/// for is as wrong as one of another type: what a caller wishes and the daemon does not know must not be left out.
class Parameters {
 public:
  explicit Parameters(const ipc::Json& object) : object_(object) {}

  [[nodiscard]] std::optional<std::string> text(const std::string& name);
  /// A whole number from 0 to `most`.
  [[nodiscard]] std::optional<std::uint64_t> number(const std::string& name,
                                                    std::uint64_t most = std::numeric_limits<std::int64_t>::max());
  /// False when it is not there.
  [[nodiscard]] bool flag(const std::string& name);
  [[nodiscard]] std::vector<std::string> texts(const std::string& name);

  void refuse(const std::string& name) {
    if (wrong_.empty()) wrong_ = name;
  }

  /// To be asked when all were read: the first that is wrong or was not asked for; empty: none.
  [[nodiscard]] std::string wrong() const;

 private:
  [[nodiscard]] const ipc::Json* find(const std::string& name);

  const ipc::Json& object_;
  std::set<std::string> known_;
  std::string wrong_;
};

}  // namespace vuurmuur::daemon
