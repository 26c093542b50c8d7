// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <stdexcept>
#include <string>

namespace vuurmuur::lab {

/// The laboratory could not be built or used. There is nothing a test can do about it but fail, so it is thrown.
class LabError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  /// "doing: strerror(errno)"
  [[nodiscard]] static LabError from_errno(const std::string& doing);
};

}  // namespace vuurmuur::lab
