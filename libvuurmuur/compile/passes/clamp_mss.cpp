// SPDX-License-Identifier: GPL-2.0-or-later
// TCP MSS clamping in table mangle, as iptables-extensions(8) recommends for TCPMSS. SYN answers are ESTABLISHED, so it
// could not stand in filter without being asked before the accept of established packets.
#include <fmt/format.h>

#include "compile/passes.h"

namespace vuurmuur::compile {

void pass_clamp_mss(Context& context) {
  ir::Table& mangle = context.table(ir::TableName::Mangle);
  for (const sema::Interface& interface : context.policy.interfaces) {
    if (!interface.clamp_mss) continue;
    ir::Rule rule{.out_interface = interface.device,
                  .protocol = net::Protocol::Tcp,
                  .target = ir::TcpmssTarget{},
                  .origin = context.ruleset.add_origin(fmt::format("tcpmss: {}", interface.name))};
    ir::TcpMatch syn;
    syn.flags = {ir::TcpFlags::kSyn | ir::TcpFlags::kRst, ir::TcpFlags::kSyn};
    rule.matches.push_back(syn);
    mangle.append(hook_chain(context, mangle, ir::Hook::Forward), std::move(rule));
  }
}

}  // namespace vuurmuur::compile
