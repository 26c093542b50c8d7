// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile/context.h"

#include <fmt/format.h>

#include <algorithm>

#include "sema/rate.h"
#include "sema/spoof.h"

namespace vuurmuur::compile {

std::uint32_t log_burst(std::uint32_t per_second) {
  return per_second > sema::kMaxBurst / 2 ? sema::kMaxBurst : 2 * per_second;
}

void append_log(Context& context, ir::Table& table, ir::ChainId chain, const LogStyle& style, ir::OriginId origin) {
  ir::Rule rule;
  rule.origin = origin;
  if (style.per_second != 0)
    rule.matches.push_back(ir::LimitMatch{style.per_second, ir::LimitMatch::Unit::Second, style.burst});
  rule.target = ir::NflogTarget{context.settings().log_group, style.prefix.substr(0, ir::NflogTarget::kMaxPrefix)};
  table.append(chain, std::move(rule));
}

ir::Target drop_target(Context& context, ir::Table& table, std::string_view chain, bool logged, const LogStyle& style,
                       ir::OriginId origin) {
  if (!logged) return ir::DropTarget{};
  if (const auto made = table.find(chain)) return ir::GotoTarget{*made};
  const ir::ChainId id = table.chain_named(chain);
  append_log(context, table, id, style, origin);
  table.append(id, ir::Rule{.target = ir::DropTarget{}, .origin = origin});
  return ir::GotoTarget{id};
}

std::string spoof_chain(model::Spoof spoof) {
  std::string name = fmt::format("{}D-{}", ir::kOwnPrefix, sema::spoof_word(spoof));
  std::ranges::replace(name, '/', '-');
  return name;
}

ir::ChainId hook_chain(Context& context, ir::Table& table, ir::Hook hook) {
  const std::string name = fmt::format("{}{}", ir::kOwnPrefix, to_string(hook));
  if (const auto made = table.find(name)) return *made;
  const ir::ChainId id = table.chain_named(name);
  const ir::OriginId origin = context.ruleset.add_origin("Vuurmuur");
  table.append(table.builtin(hook), ir::Rule{.target = ir::JumpTarget{id}, .origin = origin, .commented = false});
  return id;
}

ir::ChainId rules_chain(ir::Table& filter, ir::Hook hook) {
  return filter.chain_named(fmt::format("{}{}-NEW", ir::kOwnPrefix, to_string(hook)));
}

}  // namespace vuurmuur::compile
