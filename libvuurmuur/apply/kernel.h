// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>

namespace vuurmuur::apply {

/// The kernel of the network namespace the process is in, behind an interface so that tests can fail any step of it.
class Kernel {
 public:
  virtual ~Kernel() = default;
};

/// The real one: libiptc, netlink, /proc/sys.
[[nodiscard]] std::unique_ptr<Kernel> make_kernel();

}  // namespace vuurmuur::apply
