// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "backend/entry_writer.h"
#include "backend/iptables_save.h"
#include "ir/match.h"
#include "ir/target.h"
#include "net/address.h"

namespace vuurmuur::backend {

/// Names, revisions and structures are those that iptables 1.8.9 puts into an entry; the kernel takes others too, but
/// then iptables-save prints "[unsupported revision]".

/// `sets` may be null: then no set has a number.
void encode_match(EntryWriter& out, net::Family family, const ir::Match& match, const SetIndices* sets);
/// The comment match with the text that comment_text() makes of a label.
void encode_comment(EntryWriter& out, std::string_view label);
/// `chain` is the name of the chain when the target is a jump or goto, else not looked at.
void encode_target(EntryWriter& out, net::Family family, const ir::Target& target, std::string_view chain);

/// A match or target of an entry as it was found: what its head says, and its data.
struct FoundPart {
  std::string_view name;
  std::uint8_t revision = 0;
  std::span<const std::byte> data;
};

/// What a found match says; nothing when it is none of ours or says something that ir::Match cannot hold.
[[nodiscard]] std::optional<ir::Match> decode_match(net::Family family, const FoundPart& part, const SetIndices* sets);

/// The text of a comment match; nothing when it is another match.
[[nodiscard]] std::optional<std::string> decode_comment(const FoundPart& part);

/// The same for a target that is an extension, not a verdict or a jump.
[[nodiscard]] std::optional<ir::Target> decode_target(net::Family family, const FoundPart& part);

/// The structure in the data of a part; null when the data is too short for it.
template <class T>
[[nodiscard]] const T* structure(const FoundPart& part) {
  if (part.data.size() < sizeof(T)) return nullptr;
  return reinterpret_cast<const T*>(part.data.data());
}

/// The text in a kernel's array of characters, which need not be ended.
template <std::size_t N>
[[nodiscard]] std::string text_of(const char (&from)[N]) {
  return std::string(from, ::strnlen(from, N));
}

}  // namespace vuurmuur::backend
