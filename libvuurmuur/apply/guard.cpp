// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/guard.h"

#include "backend/xtables_entry.h"

namespace vuurmuur::apply {
namespace {

constexpr std::string_view kComment = "vuurmuur: applying";

std::vector<std::byte> encode_guard(net::Family family) {
  ir::Ruleset ruleset;
  ir::Rule rule;
  rule.matches.emplace_back(ir::ConntrackMatch{.states = ir::kCtNew});
  rule.target = ir::DropTarget{};
  rule.origin = ruleset.add_origin(std::string(kComment));
  std::vector<std::byte> entry;
  backend::encode_entry(ruleset, ruleset.rules(family).table(ir::TableName::Filter), family, rule, {.comments = true},
                        entry);
  return entry;
}

}  // namespace

bool is_guard(net::Family family, const void* entry, std::string_view target) {
  return target == "DROP" && backend::entry_comment(family, entry) == kComment;
}

base::Result<void> insert_guard(KernelTable& filter, net::Family family) {
  const std::vector<std::byte> guard = encode_guard(family);
  for (const ir::Hook hook : ir::hooks_of(ir::TableName::Filter)) {
    const std::string chain(to_string(hook));
    const void* first = filter.first_rule(chain);
    if (first != nullptr && is_guard(family, first, filter.target_of(first))) continue;
    std::vector<RulePlan> plan{RulePlan::add()};
    for (const void* rule = first; rule != nullptr; rule = filter.next_rule(rule))
      plan.push_back(RulePlan::keep(static_cast<std::uint32_t>(plan.size() - 1)));
    VM_TRY_VOID(filter.set_rules(chain, guard, plan));
  }
  return {};
}

}  // namespace vuurmuur::apply
