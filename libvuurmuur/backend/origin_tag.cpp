// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/origin_tag.h"

#include <algorithm>
#include <string>
#include <utility>

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

std::vector<OriginTag> origin_tags(const ir::Ruleset& ruleset,
                                   const std::function<std::string_view(OriginTag)>& known_as) {
  struct Tagged {
    OriginTag tag;
    std::string comment;
    std::size_t origin;
  };
  std::vector<OriginTag> tags(ruleset.origins.size());
  std::vector<Tagged> all;
  all.reserve(tags.size());
  for (std::size_t i = 0; i < tags.size(); ++i) {
    std::string comment = comment_text(ruleset, static_cast<ir::OriginId>(i));
    const OriginTag tag = origin_tag(comment);
    if (tag != OriginTag::None) all.push_back({.tag = tag, .comment = std::move(comment), .origin = i});
  }
  std::ranges::sort(all, {}, &Tagged::tag);
  for (auto begin = all.begin(); begin != all.end();) {
    const auto end = std::find_if(begin, all.end(), [&](const Tagged& other) { return other.tag != begin->tag; });
    const std::string_view known = known_as(begin->tag);
    const bool is_plain = known.empty() || without_number(known) == without_number(begin->comment);
    const bool is_one = std::all_of(begin, end, [&](const Tagged& other) { return other.comment == begin->comment; });
    for (; begin != end; ++begin)
      if (is_plain && is_one) tags[begin->origin] = begin->tag;
  }
  return tags;
}

}  // namespace vuurmuur::backend
