// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/counter_heirs.h"

#include <map>
#include <optional>
#include <utility>

#include "apply/entry.h"
#include "backend/origin_label.h"

namespace vuurmuur::apply {
namespace {

using backend::without_number;

/// Comment and what the rule does.
using Key = std::pair<std::string_view, std::string_view>;

}  // namespace

std::vector<CounterHeir> find_counter_heirs(net::Family family, std::span<const NumberedRule> gone,
                                            std::span<const NumberedRule> added) {
  std::vector<CounterHeir> heirs;
  if (gone.empty() || added.empty()) return heirs;
  // Few rules go, as a rule, and many are added: those that go are ordered, with the first that takes each one's place.
  std::map<Key, std::optional<std::uint32_t>> same, renumbered;
  for (const NumberedRule& rule : gone) {
    const std::string_view comment = comment_of(family, rule.entry);
    if (comment.empty()) continue;
    same.try_emplace({comment, rule.does});
    renumbered.try_emplace({without_number(comment), rule.does});
  }
  if (same.empty()) return heirs;
  const auto offer = [](auto& places, const Key& key, std::uint32_t number) {
    if (const auto place = places.find(key); place != places.end() && !place->second) place->second = number;
  };
  for (const NumberedRule& rule : added) {
    const std::string_view comment = comment_of(family, rule.entry);
    if (comment.empty()) continue;
    offer(same, {comment, rule.does}, rule.number);
    offer(renumbered, {without_number(comment), rule.does}, rule.number);
  }
  for (const NumberedRule& rule : gone) {
    const std::string_view comment = comment_of(family, rule.entry);
    if (comment.empty()) continue;
    auto heir = same[{comment, rule.does}];
    if (!heir) heir = renumbered[{without_number(comment), rule.does}];
    if (heir) heirs.push_back({.old_entry = rule.number, .new_entry = *heir});
  }
  return heirs;
}

}  // namespace vuurmuur::apply
