// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/engine_support.h"

#include <cerrno>

#include "apply/table_editor.h"

namespace vuurmuur::apply {
namespace {

/// The errno in words, lower case, as errors have it.
std::string reason_of(const base::Error& error) {
  return error.code != 0 ? base::system_error("", error.code).error().message.substr(2) : error.message;
}

EngineSupport try_engines(Kernel& kernel) {
  EngineSupport support;
  const auto table = kernel.open_table(net::Family::Ipv4, ir::TableName::Filter);
  support.has_xtables = table.has_value();
  if (!table) support.xtables_reason = reason_of(table.error());
  const auto rules = kernel.try_nft(NftAbility::Rules);
  support.has_nft = rules.has_value();
  if (!rules) support.nft_reason = reason_of(rules.error());
  support.has_nft_queue = support.has_nft && kernel.try_nft(NftAbility::Queue).has_value();
  return support;
}

}  // namespace

EngineSupport probe_engines(Kernel& kernel) {
  EngineSupport support;
  const auto ran = kernel.in_scratch_namespace([&] { support = try_engines(kernel); });
  if (ran) return support;
  return {.has_xtables = true, .has_nft = true, .has_nft_queue = true, .untried = ran.error().message};
}

base::Result<bool> has_own_xtables_chains(Kernel& kernel) {
  for (const net::Family family : net::kFamilies) {
    if (!kernel.has_family(family) || !kernel.may_have_table(family, ir::TableName::Filter)) continue;
    auto opened = kernel.open_table(family, ir::TableName::Filter);
    // Where the table cannot be known of without opening it, it may still be that there is none.
    if (!opened && (opened.error().code == ENOENT || opened.error().code == ENOPROTOOPT)) continue;
    const auto table = VM_TRY(std::move(opened));
    if (has_own_chain(*table)) return true;
  }
  return false;
}

base::Result<std::optional<Backend>> loaded_engine(Kernel& kernel) {
  const bool in_xtables = VM_TRY(has_own_xtables_chains(kernel)), in_nft = VM_TRY(kernel.has_nft_chains());
  if (in_xtables == in_nft) return std::optional<Backend>();
  return std::optional(in_nft ? Backend::Nft : Backend::Xtables);
}

base::Result<Circumstances> look_around(Kernel& kernel) {
  Circumstances found;
  found.support = probe_engines(kernel);
  found.others = VM_TRY(rules_of_others(kernel));
  found.loaded = VM_TRY(loaded_engine(kernel));
  return found;
}

base::Result<Circumstances> look_around_for(Kernel& kernel, BackendWish wish, std::optional<Backend> loaded) {
  Circumstances found;
  found.support = probe_engines(kernel);
  found.others = VM_TRY(kernel.nft_rules_of_others());
  found.loaded = loaded;
  const bool is_free = conflicts(Backend::Xtables, found.others, {.queues = true, .nat = true}).empty();
  const bool takes_xtables =
      wish ? *wish == Backend::Xtables : found.support.has_xtables && found.loaded != Backend::Nft;
  if (is_free && takes_xtables) return found;
  const ForeignRules in_xtables = VM_TRY(foreign_xtables_rules(kernel));
  found.others.chains.insert(found.others.chains.begin(), in_xtables.chains.begin(), in_xtables.chains.end());
  found.others.marks.insert(found.others.marks.begin(), in_xtables.marks.begin(), in_xtables.marks.end());
  return found;
}

}  // namespace vuurmuur::apply
