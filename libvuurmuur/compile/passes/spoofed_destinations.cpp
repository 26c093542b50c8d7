// SPDX-License-Identifier: GPL-2.0-or-later
// The other direction of anti-spoofing: no new connection leaves by an interface to addresses that cannot be there.
#include <fmt/format.h>

#include "compile/passes.h"
#include "sema/spoof.h"

namespace vuurmuur::compile {

void pass_spoofed_destinations(Context& context) {
  ir::Table& filter = context.table(ir::TableName::Filter);
  for (const sema::Network& network : context.policy.networks) {
    for (const model::Spoof spoof : network.spoof_protections) {
      for (const sema::SpoofRange& range : sema::spoof_ranges(spoof, context.family)) {
        if (!range.as_destination) continue;
        const auto origin =
            context.ruleset.add_origin(fmt::format("spoofing to {}: {}", sema::spoof_word(spoof), network.name));
        const auto chain_origin = context.ruleset.add_origin(fmt::format("spoofing to {}", sema::spoof_word(spoof)));
        const ir::Target drop =
            drop_target(context, filter, spoof_chain(spoof), true,
                        {fmt::format("vrmr: DROP spoof {} ", sema::spoof_word(spoof)), 1, 5}, chain_origin);
        for (const sema::InterfaceId id : network.interfaces)
          for (const ir::Hook hook : {ir::Hook::Forward, ir::Hook::Output})
            filter.append(hook_chain(context, filter, hook),
                          ir::Rule{.out_interface = context.policy.interface(id).device,
                                   .destination = range.prefix,
                                   .target = drop,
                                   .origin = origin});
      }
    }
  }
}

}  // namespace vuurmuur::compile
