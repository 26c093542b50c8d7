// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/origin_tag.h"

#include <algorithm>
#include <span>
#include <string>

#include "backend/origin_label.h"

namespace vuurmuur::backend {

OriginTag origin_tag(std::string_view comment) {
  if (comment.empty()) return OriginTag::None;
  constexpr std::uint64_t kBasis = 0xcbf29ce484222325, kPrime = 0x100000001b3;
  std::uint64_t hash = kBasis;
  for (const char c : without_number(comment)) hash = (hash ^ static_cast<unsigned char>(c)) * kPrime;
  const auto folded = static_cast<std::uint32_t>(hash ^ hash >> 32);
  return static_cast<OriginTag>(folded == 0 ? 1 : folded);
}

OriginTags origin_tags(const ir::Ruleset& ruleset, const std::function<std::string_view(OriginTag)>& known_as) {
  struct Tagged {
    OriginTag tag;
    std::uint32_t origin;
    std::uint32_t begin, size;  ///< of its comment in all of them
  };
  OriginTags made{.tags = std::vector<OriginTag>(ruleset.origins.size()), .comments = {}};
  std::string all;
  std::vector<Tagged> tagged;
  tagged.reserve(made.tags.size());
  const auto comment_of = [&](const Tagged& one) { return std::string_view(all).substr(one.begin, one.size); };
  for (std::uint32_t i = 0; i < made.tags.size(); ++i) {
    const auto begin = static_cast<std::uint32_t>(all.size());
    append_comment_text(all, ruleset, static_cast<ir::OriginId>(i));
    const auto size = static_cast<std::uint32_t>(all.size()) - begin;
    const OriginTag tag = origin_tag(std::string_view(all).substr(begin));
    if (tag != OriginTag::None) tagged.push_back({.tag = tag, .origin = i, .begin = begin, .size = size});
  }
  std::ranges::sort(tagged, {}, &Tagged::tag);
  made.comments.reserve(all.size() + tagged.size());
  for (auto begin = tagged.begin(); begin != tagged.end();) {
    const auto end = std::find_if(begin, tagged.end(), [&](const Tagged& other) { return other.tag != begin->tag; });
    const std::string_view comment = comment_of(*begin), known = known_as(begin->tag);
    const bool is_known = known.empty() || known == comment || without_number(known) == without_number(comment);
    const bool is_one = std::all_of(begin, end, [&](const Tagged& other) { return comment_of(other) == comment; });
    if (is_known && is_one) {
      made.comments += comment;
      made.comments += '\n';
      for (const Tagged& one : std::span(begin, end)) made.tags[one.origin] = one.tag;
    }
    begin = end;
  }
  return made;
}

}  // namespace vuurmuur::backend
