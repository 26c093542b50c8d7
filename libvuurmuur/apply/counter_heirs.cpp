// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/counter_heirs.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "apply/entry.h"
#include "backend/origin_label.h"

namespace vuurmuur::apply {
namespace {

using backend::OriginTag;

/// Whose a rule is, and what it does.
template <class Whose>
using Places = std::map<std::pair<Whose, std::string_view>, std::optional<std::uint32_t>>;

template <class Whose>
void offer(Places<Whose>& places, const Whose& whose, const NumberedRule& rule) {
  if (const auto place = places.find({whose, rule.does}); place != places.end() && !place->second)
    place->second = rule.number;
}

/// Tags of rules, of which some have one and others have a comment.
class Tags {
 public:
  Tags(net::Family family, std::span<const NumberedRule> gone, std::span<const NumberedRule> added) : family_(family) {
    const auto has_tag = [&](const NumberedRule& rule) { return tag_of(family, rule.entry) != OriginTag::None; };
    is_asked_ = std::ranges::any_of(gone, has_tag) || std::ranges::any_of(added, has_tag);
  }

  /// None of any while all have comments: these say more.
  [[nodiscard]] OriginTag of(const NumberedRule& rule, std::string_view comment) const {
    if (!is_asked_) return OriginTag::None;
    return comment.empty() ? tag_of(family_, rule.entry) : backend::origin_tag(comment);
  }

 private:
  net::Family family_;
  bool is_asked_ = false;
};

}  // namespace

std::vector<CounterHeir> find_counter_heirs(net::Family family, std::span<const NumberedRule> gone,
                                            std::span<const NumberedRule> added) {
  std::vector<CounterHeir> heirs;
  if (gone.empty() || added.empty()) return heirs;
  const Tags tags(family, gone, added);
  // Few rules go, as a rule, and many are added: those that go are ordered, with the first that takes each one's place.
  Places<std::string_view> same, renumbered;
  Places<OriginTag> tagged;
  for (const NumberedRule& rule : gone) {
    const std::string_view comment = comment_of(family, rule.entry);
    if (!comment.empty()) {
      same.try_emplace({comment, rule.does});
      renumbered.try_emplace({backend::without_number(comment), rule.does});
    }
    if (const OriginTag tag = tags.of(rule, comment); tag != OriginTag::None) tagged.try_emplace({tag, rule.does});
  }
  if (same.empty() && tagged.empty()) return heirs;
  for (const NumberedRule& rule : added) {
    const std::string_view comment = comment_of(family, rule.entry);
    if (!comment.empty()) {
      offer(same, comment, rule);
      offer(renumbered, backend::without_number(comment), rule);
    }
    if (const OriginTag tag = tags.of(rule, comment); tag != OriginTag::None) offer(tagged, tag, rule);
  }
  for (const NumberedRule& rule : gone) {
    const std::string_view comment = comment_of(family, rule.entry);
    std::optional<std::uint32_t> heir;
    if (!comment.empty()) heir = same[{comment, rule.does}];
    if (!comment.empty() && !heir) heir = renumbered[{backend::without_number(comment), rule.does}];
    if (const OriginTag tag = tags.of(rule, comment); !heir && tag != OriginTag::None) heir = tagged[{tag, rule.does}];
    if (heir) heirs.push_back({.old_entry = rule.number, .new_entry = *heir});
  }
  return heirs;
}

}  // namespace vuurmuur::apply
