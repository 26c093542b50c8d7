// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"

namespace vuurmuur::apply {

/// The message of a record of /dev/kmsg (Documentation/ABI/testing/dev-kmsg) when it is the kernel's own and of
/// netfilter; nothing for others.
[[nodiscard]] std::optional<std::string> netfilter_message(std::string_view record);

/// What netfilter says in the kernel's log from now on: why it refused a rule stands nowhere else. The log is that of
/// the whole machine and may be closed to us; then it says nothing.
class KernelLog {
 public:
  KernelLog();

  /// The messages since the last call, or since the beginning. None when the log cannot be read.
  [[nodiscard]] std::vector<std::string> new_messages();

 private:
  base::UniqueFd fd_;
};

}  // namespace vuurmuur::apply
