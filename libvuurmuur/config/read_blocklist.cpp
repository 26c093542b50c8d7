// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>

#include "base/nearest.h"
#include "base/strings.h"
#include "config/names.h"
#include "config/read.h"

namespace vuurmuur::config {
namespace {

/// Whether a text that is no address was meant to be one.
bool looks_like_address(std::string_view text) {
  return text.find_first_of(":/") != std::string_view::npos ||
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

std::optional<model::BlockEntry> read_entry(const Value& value, diag::Sink& sink) {
  model::BlockEntry entry;
  std::string_view text = value.trimmed();
  if (text.starts_with(';')) {
    entry.active = false;
    text.remove_prefix(1);
  }
  const auto parts = words(text);
  constexpr std::string_view kBlock[] = {"block"};
  if (parts.size() != 2 || !base::equals_ignoring_case(parts[0], kBlock[0])) {
    auto& error = sink.error("bad-block", value.span(),
                             fmt::format("expected 'block ADDRESS' or 'block NAME', not {}", quoted(value.trimmed())));
    if (parts.size() == 2) error.suggestion = base::nearest(parts[0], kBlock);
    return std::nullopt;
  }
  const std::string_view what = parts[1];
  entry.text = {std::string(what), value.span(what)};
  if (auto prefix = net::Prefix::parse(what)) {
    entry.prefix = without_host_bits(*prefix, value.span(what), sink);
    return entry;
  }
  if (looks_like_address(what)) {
    sink.error("bad-address", value.span(what), fmt::format("expected an address or a network, not {}", quoted(what)));
    return std::nullopt;
  }
  const auto pieces = base::split(what, '.');
  if (!std::ranges::all_of(pieces, is_name)) {
    sink.error("bad-name", value.span(what),
               fmt::format("expected an address or the name of a host or group, not {}", quoted(what)));
    return std::nullopt;
  }
  return entry;
}

}  // namespace

std::vector<model::BlockEntry> read_blocklist(const Input& input) {
  std::vector<model::BlockEntry> result;
  for_each_value(input, FileType::Blocklist, [&](const KeyRow&, const Value& value) {
    if (auto entry = read_entry(value, input.sink)) result.push_back(std::move(*entry));
  });
  return result;
}

}  // namespace vuurmuur::config
