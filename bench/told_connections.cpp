// SPDX-License-Identifier: GPL-2.0-or-later
#include "told_connections.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace vuurmuur::bench {
namespace {

/// What stands behind the next `mark`, up to any of `ends`; the text goes on behind it. Empty when there is none.
std::string_view after(std::string_view mark, std::string_view ends, std::string_view& text) {
  const std::size_t found = text.find(mark);
  if (found == std::string_view::npos) return {};
  text.remove_prefix(found + mark.size());
  const std::string_view value = text.substr(0, text.find_first_of(ends));
  text.remove_prefix(value.size());
  return value;
}

}  // namespace

void ToldConnections::add_json(std::string_view line) {
  const std::string_view source = after("\"source\":{\"address\":\"", "\"", line);
  const std::string_view source_port = after("\"port\":", ",}", line);
  const std::string_view destination = after("\"destination\":{\"address\":\"", "\"", line);
  add(source, source_port, destination, after("\"port\":", ",}", line));
}

void ToldConnections::add_conntrack(std::string_view line) {
  const std::string_view source = after("src=", " ", line);
  const std::string_view destination = after("dst=", " ", line);
  const std::string_view source_port = after("sport=", " ", line);
  add(source, source_port, destination, after("dport=", " ", line));
}

void ToldConnections::add(std::string_view source, std::string_view source_port, std::string_view destination,
                          std::string_view destination_port) {
  if (source.empty() || destination.empty()) return;
  key_.clear();
  for (const std::string_view part : {source, source_port, destination, destination_port}) (key_ += part) += ' ';
  numbers_.push_back(std::hash<std::string_view>()(key_));
}

base::Result<void> ToldConnections::expect(std::size_t connections, ToldConnections& others) {
  std::ranges::sort(numbers_);
  std::ranges::sort(others.numbers_);
  const auto twice = std::ranges::unique(numbers_);
  const std::size_t different = numbers_.size() - twice.size();
  if (size() != connections || different != connections)
    return base::failure(fmt::format("{} connections told, {} different ones, of {}", size(), different, connections));
  if (numbers_ != others.numbers_) return base::failure("conntrack -L tells of other connections");
  return {};
}

}  // namespace vuurmuur::bench
