// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/nft_heirs.h"

#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "backend/nft_names.h"
#include "backend/origin_label.h"
#include "base/strings.h"

namespace vuurmuur::backend::nft {
namespace {

std::uint32_t rule_number(std::string_view label) {
  constexpr std::string_view kRule = "rule ";
  if (!label.starts_with(kRule)) return 0;
  label.remove_prefix(kRule.size());
  return base::parse_number<std::uint32_t>(label.substr(0, label.find(':'))).value_or(0);
}

/// Those who leave and those who take, of one label without its number; both by their place in their list.
struct Kin {
  std::vector<std::size_t> gone, added;
};

}  // namespace

std::vector<Counted> inherited_counts(const Program& program, const Existing& existing) {
  std::vector<Counted> counts(program.counters.size());
  if (existing.objects.empty()) return counts;
  std::unordered_set<std::string_view> wanted, there;
  for (const Counter& counter : program.counters) wanted.insert(counter.name);
  std::unordered_map<std::string_view, Kin> kin_of;
  for (std::size_t i = 0; i < existing.objects.size(); ++i) {
    const Existing::Object& object = existing.objects[i];
    if (object.type != NFT_OBJECT_COUNTER) continue;
    there.insert(object.name);
    if (object.label.empty() || !is_own_counter_name(object.name) || wanted.contains(object.name)) continue;
    kin_of[without_number(object.label)].gone.push_back(i);
  }
  if (kin_of.empty()) return counts;
  for (std::size_t i = 0; i < program.counters.size(); ++i) {
    if (there.contains(program.counters[i].name)) continue;
    const auto kin = kin_of.find(without_number(program.counters[i].comment));
    if (kin != kin_of.end()) kin->second.added.push_back(i);
  }
  for (auto& [label, kin] : kin_of) {
    if (kin.added.empty()) continue;
    std::ranges::stable_sort(kin.gone, {}, [&](std::size_t i) { return rule_number(existing.objects[i].label); });
    std::ranges::stable_sort(kin.added, {}, [&](std::size_t i) { return rule_number(program.counters[i].comment); });
    for (std::size_t i = 0; i < kin.gone.size(); ++i) {
      const Counted& left = existing.objects[kin.gone[i]].counted;
      Counted& heir = counts[kin.added[std::min(i, kin.added.size() - 1)]];
      heir.packets += left.packets;
      heir.bytes += left.bytes;
    }
  }
  return counts;
}

}  // namespace vuurmuur::backend::nft
