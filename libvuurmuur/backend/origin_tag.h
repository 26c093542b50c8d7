// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/iptables_save.h"
#include "ir/ruleset.h"

namespace vuurmuur::backend {

/// Whose rule an entry of xtables is when it carries no comment: a number made of the comment's text, in the field
/// `nfcache` of struct ipt_entry and ip6t_entry. The kernel keeps that field, gives it back and asks for nothing in it
/// (linux/netfilter_ipv4/ip_tables.h: "Mark with fields that we care about", of which no kernel since 2.6 knows any).
/// A comment match is 288 bytes, which the kernel copies, piece by piece, whenever somebody reads the table.
enum class OriginTag : std::uint32_t { None = 0 };

/// The tag of a comment; None of an empty one. The same whatever N is in "rule N: …", so that a rule that another one
/// was put in front of stays as it is. FNV-1a in 64 bits, folded; the same in each version of the program, because
/// rules outlive it.
[[nodiscard]] OriginTag origin_tag(std::string_view comment);

struct OriginTags {
  /// By OriginId. None for an origin whose rules have to carry a comment all the same, because its tag would not tell
  /// it from another one.
  std::vector<OriginTag> tags;
  /// The comments of all origins that have a tag, a line each.
  std::string comments;
};

/// What the rules of a ruleset can carry instead of comments. A tag does not tell an origin from another one when
/// another text of the ruleset has it, or when `known_as` gives a text for it that is not the same but for the number.
/// `known_as` gives an empty text for what it does not know.
[[nodiscard]] OriginTags origin_tags(const ir::Ruleset& ruleset,
                                     const std::function<std::string_view(OriginTag)>& known_as);

}  // namespace vuurmuur::backend
