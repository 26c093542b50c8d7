// SPDX-License-Identifier: GPL-2.0-or-later
#include "ir/log_prefix.h"

#include <algorithm>
#include <cstdint>

#include "ir/target.h"

namespace vuurmuur::ir {
namespace {

/// Without letters that are taken for digits when somebody reads them out.
constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";
static_assert(kDigits.size() == 32);
constexpr unsigned kDigitBits = 5;

constexpr char kMark = '#';

bool is_identity(std::string_view text) {
  return text.size() == kIdentitySize + 1 && text.front() == kMark &&
         text.find_first_not_of(kDigits, 1) == std::string_view::npos;
}

}  // namespace

std::string identity_text(std::uint64_t number) {
  std::string text(kIdentitySize, '0');
  for (auto at = text.rbegin(); at != text.rend(); ++at, number >>= kDigitBits) *at = kDigits[number & 31];
  return text;
}

std::uint64_t identity_of(std::string_view text) {
  // FNV-1a, of which the high half is stirred into the low one: 40 bits are kept.
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  hash ^= hash >> 32;
  return hash & ((std::uint64_t{1} << (kIdentitySize * kDigitBits)) - 1);
}

std::string with_identity(std::string_view prefix, std::string_view identity) {
  std::string text(prefix.substr(0, NflogTarget::kMaxPrefix - kIdentitySize - 1));
  text += kMark;
  text += identity;
  return text;
}

std::optional<LogPrefix> read_log_prefix(std::string_view prefix) {
  if (!prefix.starts_with(kLogLead)) return std::nullopt;
  prefix.remove_prefix(kLogLead.size());
  LogPrefix read;
  if (prefix.size() > kIdentitySize)
    if (const std::string_view end = prefix.substr(prefix.size() - kIdentitySize - 1); is_identity(end)) {
      read.identity = end.substr(1);
      prefix.remove_suffix(end.size());
    }
  const std::size_t blank = std::min(prefix.find(' '), prefix.size());
  read.action = prefix.substr(0, blank);
  read.text = prefix.substr(std::min(blank + 1, prefix.size()));
  return read;
}

}  // namespace vuurmuur::ir
