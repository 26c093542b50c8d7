// SPDX-License-Identifier: GPL-2.0-or-later
// What the machine says to itself over the loopback interface is never filtered.
#include "compile/passes.h"

namespace vuurmuur::compile {

void pass_loopback(Context& context) {
  ir::Table& filter = context.table(ir::TableName::Filter);
  const auto origin = context.ruleset.add_origin("loopback");
  filter.append(hook_chain(context, filter, ir::Hook::Input),
                ir::Rule{.in_interface = "lo", .target = ir::AcceptTarget{}, .origin = origin});
  filter.append(hook_chain(context, filter, ir::Hook::Output),
                ir::Rule{.out_interface = "lo", .target = ir::AcceptTarget{}, .origin = origin});
}

}  // namespace vuurmuur::compile
