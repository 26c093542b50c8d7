// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/running_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "apply/apply.h"
#include "backend/ipset_save.h"
#include "backend/iptables_save.h"

namespace vuurmuur::cli {
namespace {

std::string_view family_name(net::Family family) { return family == net::Family::Ipv4 ? "IPv4" : "IPv6"; }

/// "-m geoip [rev 1]", of which the kernel's listing knows no more, as words that no other rule has: "-m geoip --of
/// FORWARD:3".
std::string with_own_words(std::string text, const std::string& chain, std::size_t number) {
  constexpr std::string_view kBegin = "[rev ";
  for (std::size_t at = 0; (at = text.find(kBegin, at)) != std::string::npos;) {
    const std::size_t end = text.find(']', at);
    if (end == std::string::npos) break;
    const std::string words = fmt::format("--of {}:{}", chain, number);
    text.replace(at, end + 1 - at, words);
    at += words.size();
  }
  return text;
}

std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

/// A table as iptables-save(8) prints it.
void append_table(std::string& out, const apply::ListedTable& table) {
  out += fmt::format("*{}\n", ir::to_string(table.table));
  for (const apply::ListedChain& chain : table.chains)
    out += fmt::format(":{} {} [0:0]\n", chain.name, chain.policy.empty() ? "-" : chain.policy);
  for (const apply::ListedChain& chain : table.chains)
    for (std::size_t i = 0; i < chain.rules.size(); ++i) {
      const apply::ListedRule& rule = chain.rules[i];
      out += fmt::format("-A {} ", in_quotes(chain.name));
      if (!rule.origin.empty()) out += fmt::format("-m comment --comment {} ", in_quotes(rule.origin));
      out += with_own_words(rule.text, chain.name, i + 1) + '\n';
    }
  out += "COMMIT\n";
}

/// A set without elements, by the type that the kernel calls it by; nothing: it is none of those that we make.
std::optional<ir::Set> empty_set(const apply::KernelSet& set) {
  constexpr std::array<std::pair<std::string_view, ir::SetKey>, 7> kKeys{
      {{"hash:net", ir::SetKey::Source},
       {"hash:ip", ir::SetKey::Source},
       {"hash:net,port", ir::SetKey::SourcePort},
       {"hash:ip,port", ir::SetKey::SourcePort},
       {"hash:net,net", ir::SetKey::SourceDestination},
       {"hash:ip,port,ip", ir::SetKey::SourcePortDestination},
       {"hash:net,port,net", ir::SetKey::SourcePortDestination}}};
  const auto key = std::ranges::find(kKeys, set.type, &std::pair<std::string_view, ir::SetKey>::first);
  if (key == kKeys.end()) return std::nullopt;
  ir::Set found;
  found.name = set.name;
  found.key = key->second;
  return found;
}

/// Who is in such a set only the moment tells.
bool is_timed(const std::string& name) {
  for (const net::Family family : net::kFamilies)
    for (const ir::SetUse use : {ir::SetUse::TimedHosts, ir::SetUse::TimedNetworks})
      if (ir::timed_set(family, use).name == name) return true;
  return false;
}

base::Result<std::vector<ir::Set>> read_sets(apply::Kernel& kernel) {
  std::vector<ir::Set> sets;
  for (const apply::KernelSet& known : VM_TRY(kernel.sets())) {
    if (!apply::is_own_set(known.name) || is_timed(known.name)) continue;
    auto set = empty_set(known);
    if (!set) continue;
    const auto members = kernel.read_set(known.name);
    if (!members && members.error().code == ENOENT) continue;  // a load took it away meanwhile
    if (!members) return std::unexpected(members.error());
    for (const apply::SetMember& member : *members) {
      const ir::SetElement& element = member.element;
      const auto& any = element.source ? element.source : element.destination;
      if (any) set->family = any->family();
      set->elements.push_back({.source = element.source, .destination = element.destination, .port = element.port});
    }
    sets.push_back(*std::move(set));
  }
  return sets;
}

std::string sets_text(std::vector<ir::Set> sets, net::Family family) {
  std::erase_if(sets, [](const ir::Set& set) { return set.is_timed(); });
  ir::Ruleset holder;
  holder.sets = std::move(sets);
  for (ir::Set& set : holder.sets) set.is_counted = false;
  const std::array families{family};
  return backend::ipset_save(holder, families, {.comments = false});
}

}  // namespace

base::Result<RulesOfFamilies> read_running_rules(apply::Kernel& kernel, const std::string& runtime_directory) {
  const std::vector<apply::ListedTable> tables = VM_TRY(apply::list(kernel, runtime_directory));
  const std::vector<ir::Set> sets = VM_TRY(read_sets(kernel));
  RulesOfFamilies all;
  for (const net::Family family : net::kFamilies) {
    if (!kernel.has_family(family)) continue;
    std::string text;
    for (const apply::ListedTable& table : tables)
      if (table.family == family && table.engine == apply::Backend::Xtables) append_table(text, table);
    auto& rules = all[static_cast<std::size_t>(family)] = std::make_unique<SavedRules>();
    rules->read(fmt::format("the kernel's {} rules", family_name(family)), std::move(text), "the kernel's sets",
                sets_text(sets, family));
  }
  return all;
}

RulesOfFamilies rules_in_text(const ir::Ruleset& ruleset, apply::Kernel& kernel) {
  RulesOfFamilies all;
  for (const net::Family family : net::kFamilies) {
    if (!kernel.has_family(family)) continue;
    auto& rules = all[static_cast<std::size_t>(family)] = std::make_unique<SavedRules>();
    rules->read(fmt::format("compiled {} rules", family_name(family)), backend::iptables_save(ruleset, family),
                "compiled sets", sets_text(ruleset.sets, family));
  }
  return all;
}

}  // namespace vuurmuur::cli
