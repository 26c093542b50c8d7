// SPDX-License-Identifier: GPL-2.0-or-later
#include <cerrno>

#include "apply/apply.h"
#include "apply/entry.h"
#include "apply/nft_listing.h"
#include "apply/rule_labels.h"
#include "apply/set_store.h"
#include "backend/xtables_entry.h"

namespace vuurmuur::apply {
namespace {

ListedRule listed_rule(KernelTable& table, net::Family family, const void* entry, const backend::SetIndices& sets,
                       const RuleLabels& labels) {
  const std::string comment = backend::entry_comment(family, entry);
  const Counters counters = parts_of(family, entry).counters;
  return {.packets = counters.packets,
          .bytes = counters.bytes,
          .text = backend::entry_text(family, without_comment(family, entry).data(), table.target_of(entry),
                                      {.sets = &sets}),
          .origin = comment.empty() ? std::string(labels.of(tag_of(family, entry))) : comment};
}

ListedChain listed_chain(KernelTable& table, net::Family family, const std::string& name,
                         const backend::SetIndices& sets, const RuleLabels& labels) {
  const bool is_own = is_own_chain(name);
  const RuleLabels none;
  ListedChain chain{.name = name, .own = is_own};
  if (const auto policy = table.policy(name)) {
    chain.policy = policy->drop ? "DROP" : "ACCEPT";
    chain.packets = policy->counters.packets;
    chain.bytes = policy->counters.bytes;
  }
  for (const void* entry = table.first_rule(name); entry != nullptr; entry = table.next_rule(entry))
    chain.rules.push_back(listed_rule(table, family, entry, sets, is_own ? labels : none));
  return chain;
}

}  // namespace

base::Result<std::vector<ListedTable>> list(Kernel& kernel, const std::string& state_directory) {
  std::vector<ListedTable> tables;
  const RuleLabels labels = VM_TRY(RuleLabels::read(kernel.files(), state_directory));
  const backend::SetIndices sets = VM_TRY(set_indices(kernel));
  for (const net::Family family : net::kFamilies) {
    if (!kernel.has_family(family)) continue;
    for (const ir::TableName name : ir::kTables) {
      if (!kernel.may_have_table(family, name)) continue;
      auto opened = kernel.open_table(family, name);
      if (!opened && opened.error().code == ENOENT) continue;
      const auto table = VM_TRY(std::move(opened));
      ListedTable& listed = tables.emplace_back(ListedTable{.family = family, .table = name});
      for (const std::string& chain : table->chains())
        listed.chains.push_back(listed_chain(*table, family, chain, sets, labels));
    }
  }
  for (const net::Family family : net::kFamilies) {
    const std::string printed = VM_TRY(kernel.print_nft_table(family));
    for (ListedTable& table : parse_nft_listing(printed, family)) tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace vuurmuur::apply
