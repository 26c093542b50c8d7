// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <map>
#include <string_view>

#include "apply/kernel.h"
#include "apply/rule_engine.h"
#include "ir/set.h"

namespace vuurmuur::apply {

/// Which sets a rule engine of a kernel can hold: for compile::Options::can_hold. Each type is asked for once, when it
/// is needed, because the question loads its module. The kernel must outlive it.
class SetSupport {
 public:
  SetSupport(Kernel& kernel, Backend backend) : kernel_(kernel), backend_(backend) {}
  [[nodiscard]] bool can_hold(const ir::Set& set);

 private:
  Kernel& kernel_;
  Backend backend_;
  std::map<std::pair<net::Family, std::string_view>, bool> known_;
};

}  // namespace vuurmuur::apply
