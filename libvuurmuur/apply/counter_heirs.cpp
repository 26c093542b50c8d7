// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/counter_heirs.h"

#include <map>
#include <utility>

#include "apply/entry.h"

namespace vuurmuur::apply {
namespace {

/// Comment and what the rule does.
using Key = std::pair<std::string_view, std::string_view>;

/// A comment without the number in "rule N: …".
std::string_view without_number(std::string_view comment) {
  constexpr std::string_view kRule = "rule ";
  const std::size_t colon = comment.find(": ");
  return comment.starts_with(kRule) && colon != std::string_view::npos ? comment.substr(colon) : comment;
}

}  // namespace

std::vector<CounterHeir> find_counter_heirs(net::Family family, std::span<const NumberedRule> gone,
                                            std::span<const NumberedRule> added) {
  std::vector<CounterHeir> heirs;
  if (gone.empty() || added.empty()) return heirs;
  std::map<Key, std::uint32_t> same, renumbered;
  for (const NumberedRule& rule : added) {
    const std::string_view comment = comment_of(family, rule.entry);
    if (comment.empty()) continue;
    same.try_emplace({comment, rule.does}, rule.number);
    renumbered.try_emplace({without_number(comment), rule.does}, rule.number);
  }
  for (const NumberedRule& rule : gone) {
    const std::string_view comment = comment_of(family, rule.entry);
    if (comment.empty()) continue;
    if (const auto heir = same.find({comment, rule.does}); heir != same.end())
      heirs.push_back({.old_entry = rule.number, .new_entry = heir->second});
    else if (const auto other = renumbered.find({without_number(comment), rule.does}); other != renumbered.end())
      heirs.push_back({.old_entry = rule.number, .new_entry = other->second});
  }
  return heirs;
}

}  // namespace vuurmuur::apply
