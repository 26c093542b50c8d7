// SPDX-License-Identifier: GPL-2.0-or-later
// "KEY\0value\nvalue\0document": the document keeps its bytes, setting the key gives it these values, and all other
// values stay.
#include <cstdint>
#include <map>

#include "base/assert.h"
#include "base/strings.h"
#include "config/document.h"

namespace {

using namespace vuurmuur;

std::map<std::string, std::vector<std::string>> values_but(const config::Document& document, std::string_view key) {
  std::map<std::string, std::vector<std::string>> result;
  for (const config::Line& line : document.lines())
    if (line.kind == config::Line::Kind::Entry && !document.has_key(line, key))
      result[base::to_lower(document.key(line))].push_back(config::unescape(document.raw_value(line)));
  return result;
}

std::string_view take(std::string_view& text) {
  const std::size_t end = std::min(text.find('\0'), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string_view key = take(rest);
  std::vector<std::string> wanted;
  for (const std::string_view value : base::split(take(rest), '\n'))
    if (!base::trim(value).empty() && value.find('\r') == std::string_view::npos) wanted.emplace_back(value);
  config::Document document{std::string(rest)};
  VM_ASSERT(document.to_text() == rest);
  const bool is_key = !key.empty() && key.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == std::string_view::npos;
  if (!is_key) return 0;

  const auto others = values_but(document, key);
  document.set(key, wanted);
  const config::Document again(document.to_text());
  VM_ASSERT(values_but(again, key) == others);
  std::vector<std::string> seen = again.values(key);
  std::erase_if(seen, [](const std::string& value) { return base::trim(value).empty(); });
  VM_ASSERT(seen == wanted);
  return 0;
}
