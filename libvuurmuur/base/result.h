// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace vuurmuur::base {

/// Why the world refused: a file, a socket, the kernel. The user's mistakes are diag::Diagnostic instead.
struct Error {
  /// What was being done and what went wrong, lower case, no final period: "write '/x/y': no space left on device".
  std::string message;
  /// The errno behind it, or 0 when there is none.
  int code = 0;

  /// The same error with "doing: " in front, for a caller that knows more of the purpose.
  [[nodiscard]] Error within(std::string_view doing) && {
    message.insert(0, std::string(doing) + ": ");
    return std::move(*this);
  }

  bool operator==(const Error&) const = default;
};

/// A value, or the reason why there is none.
template <class T>
using Result = std::expected<T, Error>;

/// The failure "doing: strerror(code)".
[[nodiscard]] std::unexpected<Error> system_error(std::string_view doing, int code);

/// A failure without an errno.
[[nodiscard]] std::unexpected<Error> failure(std::string message);

}  // namespace vuurmuur::base

/// Gives the value of a Result, or returns its error from the enclosing function.
#define VM_TRY(expression)                                                        \
  __extension__({                                                                 \
    auto vm_try_result = (expression);                                            \
    if (!vm_try_result) return std::unexpected(std::move(vm_try_result).error()); \
    std::move(vm_try_result).value();                                             \
  })

/// Returns the error of a Result<void> from the enclosing function, if it has one.
#define VM_TRY_VOID(expression)                                                                                      \
  do {                                                                                                               \
    if (auto vm_try_result = (expression); !vm_try_result) return std::unexpected(std::move(vm_try_result).error()); \
  } while (false)
