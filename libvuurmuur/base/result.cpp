// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/result.h"

#include <system_error>

namespace vuurmuur::base {

std::unexpected<Error> system_error(std::string_view doing, int code) {
  std::string reason = std::generic_category().message(code);
  if (!reason.empty() && reason[0] >= 'A' && reason[0] <= 'Z') reason[0] = static_cast<char>(reason[0] - 'A' + 'a');
  return std::unexpected(Error{.message = std::string(doing) + ": " + reason, .code = code});
}

std::unexpected<Error> failure(std::string message) {
  return std::unexpected(Error{.message = std::move(message), .code = 0});
}

}  // namespace vuurmuur::base
