// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/nft_prints.h"

#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "backend/nft_expressions.h"
#include "backend/nft_names.h"
#include "backend/nft_sets.h"

namespace vuurmuur::backend::nft {
namespace {

bool has_own_map(const Chain& chain) {
  const auto is_map = [](const Statement& statement) { return std::holds_alternative<MapQueue>(statement); };
  return std::ranges::any_of(chain.rules,
                             [&](const Rule& rule) { return std::ranges::any_of(rule.statements, is_map); });
}

bool is_own(const Existing::Object& object) {
  if (object.type == NFT_OBJECT_COUNTER) return is_own_counter_name(object.name);
  return object.type == NFT_OBJECT_CT_HELPER && is_own_helper_name(object.name);
}

std::unordered_set<std::string_view> object_names(const Program& program) {
  std::unordered_set<std::string_view> names;
  for (const Counter& counter : program.counters) names.insert(counter.name);
  for (const Helper& helper : program.helpers) names.insert(helper.name);
  return names;
}

}  // namespace

Prints chain_prints(const Program& program) {
  Prints prints;
  prints.reserve(program.chains.size());
  MessageBuffer bytes;
  MessageWriter out(bytes);
  for (const Chain& chain : program.chains) {
    auto& print = prints.emplace_back();
    if (has_own_map(chain)) continue;
    NameHash hash;
    hash.add_byte(chain.base ? (chain.base->policy_drop ? 2 : 1) : 0);
    for (const Rule& rule : chain.rules) {
      bytes.clear();
      write_expressions(out, program, rule);
      for (const std::byte byte : bytes.written()) hash.add_byte(std::to_integer<std::uint8_t>(byte));
      hash.add(rule.comment);
    }
    print = hash.value();
  }
  return prints;
}

Existing after(const Program& program, const Prints& prints, Existing before) {
  Existing now;
  now.has_table = before.has_table || !program.is_empty();
  std::unordered_set<std::string_view> chains;
  for (const Chain& chain : program.chains) chains.insert(chain.name);
  // Base chains stay, without rules; what is not ours stays as it is.
  for (Existing::Chain& chain : before.chains)
    if ((chain.is_base || !is_own_chain_name(chain.name)) && !chains.contains(chain.name))
      now.chains.push_back({.name = std::move(chain.name), .is_base = chain.is_base});
  for (std::size_t i = 0; i < program.chains.size(); ++i)
    now.chains.push_back(
        {.name = program.chains[i].name, .is_base = program.chains[i].base.has_value(), .print = prints[i]});

  std::erase_if(before.sets, [](const std::string& set) { return is_own_set_name(set); });
  now.sets = std::move(before.sets);
  for (const Set& set : program.sets)
    if (set.kind != Set::Kind::Queues) now.sets.push_back(set.name);

  const auto wanted = object_names(program);
  std::unordered_set<std::string> there;
  for (Existing::Object& object : before.objects) {
    if (is_own(object) && !wanted.contains(object.name)) continue;
    there.insert(object.name);
    now.objects.push_back(std::move(object));
  }
  for (const Counter& counter : program.counters)
    if (!there.contains(counter.name)) now.objects.push_back({.name = counter.name, .type = NFT_OBJECT_COUNTER});
  for (const Helper& helper : program.helpers)
    if (!there.contains(helper.name)) now.objects.push_back({.name = helper.name, .type = NFT_OBJECT_CT_HELPER});
  return now;
}

void take_prints(Existing& read, const Existing& known) {
  std::unordered_map<std::string_view, std::uint64_t> prints;
  for (const Existing::Chain& chain : known.chains)
    if (chain.print) prints.emplace(chain.name, *chain.print);
  for (Existing::Chain& chain : read.chains)
    if (const auto found = prints.find(chain.name); found != prints.end()) chain.print = found->second;
}

bool needs_counts(const Program& program, const Existing& existing) {
  std::unordered_set<std::string_view> there;
  for (const Existing::Object& object : existing.objects) there.insert(object.name);
  return std::ranges::any_of(object_names(program), [&](std::string_view name) { return !there.contains(name); });
}

}  // namespace vuurmuur::backend::nft
