// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/dns_name.h"

#include <algorithm>

namespace vuurmuur::net {
namespace {

constexpr std::size_t kLongestName = 253, kLongestLabel = 63;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_label(std::string_view label) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_'; };
  return !label.empty() && label.size() <= kLongestLabel && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, fits);
}

}  // namespace

std::optional<std::string> parse_dns_name(std::string_view text) {
  if (text.find('.') == std::string_view::npos) return std::nullopt;
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.size() > kLongestName) return std::nullopt;
  std::string name(text);
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  std::string_view rest = name;
  for (;;) {
    const std::size_t dot = rest.find('.');
    const std::string_view label = rest.substr(0, dot);
    if (!is_label(label)) return std::nullopt;
    if (dot == std::string_view::npos) return std::ranges::all_of(label, is_digit) ? std::nullopt : std::optional(name);
    rest.remove_prefix(dot + 1);
  }
}

}  // namespace vuurmuur::net
