// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/nft_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "backend/nft_program.h"
#include "backend/protocol_name.h"
#include "base/strings.h"

namespace vuurmuur::backend::nft {
namespace {

constexpr std::string_view kHelperPrefix = "vrmr-helper-";
constexpr std::size_t kHashDigits = 16;
/// How much of a label is shown in front of the hash.
constexpr std::size_t kReadable = 32;

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

std::uint64_t hash_of(std::string_view text) {
  NameHash hash;
  hash.add(text);
  return hash.value();
}

/// A label in letters, digits and single '-', of a rule of the user's just its number: "rule-12".
std::string readable(std::string_view label) {
  std::string text;
  if (label.starts_with("rule ")) label = label.substr(0, label.find(':'));
  for (const char c : label) {
    if (text.size() == kReadable) break;
    if (is_alphanumeric(c))
      text += c;
    else if (!text.empty() && text.back() != '-')
      text += '-';
  }
  while (!text.empty() && text.back() == '-') text.pop_back();
  // A name begins with a letter.
  if (text.empty() || (text.front() >= '0' && text.front() <= '9')) text.insert(0, "of-");
  return text;
}

}  // namespace

bool is_name_character(char c) { return is_alphanumeric(c) || c == '_' || c == '-' || c == '.' || c == '/'; }

std::string counter_name(std::string_view label) { return fmt::format("{}-{:016x}", readable(label), hash_of(label)); }

std::string chain_name(ir::TableName table, std::string_view chain) {
  std::string name = fmt::format("{}_{}", ir::to_string(table), chain);
  if (std::ranges::all_of(name, is_name_character)) return name;
  for (char& c : name)
    if (!is_name_character(c)) c = '_';
  return fmt::format("{}-{:016x}", name, hash_of(chain));
}

bool is_own_counter_name(std::string_view name) {
  if (name.size() < kHashDigits + 2 || name[name.size() - kHashDigits - 1] != '-') return false;
  return std::ranges::all_of(name.substr(name.size() - kHashDigits),
                             [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_own_helper_name(std::string_view name) { return name.starts_with(kHelperPrefix); }

bool is_own_chain_name(std::string_view name) {
  const std::size_t at = name.find('_');
  return at != std::string_view::npos && name.substr(at + 1).starts_with(ir::kOwnPrefix);
}

std::string helper_name(std::string_view helper, std::uint8_t protocol) {
  return fmt::format("{}{}-{}", kHelperPrefix, helper, protocol_name(protocol));
}

}  // namespace vuurmuur::backend::nft
