// SPDX-License-Identifier: GPL-2.0-or-later
#include "arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/strings.h"
#include "section.h"

namespace vuurmuur::bench {
namespace {

/// "100,1000,10000".
std::expected<std::vector<std::uint32_t>, std::string> parse_sizes(std::string_view text) {
  std::vector<std::uint32_t> sizes;
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const auto size = base::parse_number<std::uint32_t>(text.substr(0, comma));
    if (!size || *size == 0)
      return std::unexpected(fmt::format("'{}' is not a number of rules above 0", text.substr(0, comma)));
    sizes.push_back(*size);
    if (comma == text.size()) return sizes;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

std::expected<Arguments, std::string> parse_arguments(std::span<const char* const> words) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const std::string_view option = word.substr(0, word.find('='));
    if (option == "--list" || option == "--help" || option == "-h") {
      (option == "--list" ? arguments.list : arguments.help) = true;
    } else if (option == "--sizes" || option == "--runs") {
      if (option == word && i + 1 == words.size()) return std::unexpected(fmt::format("{} needs a value", option));
      const std::string_view value = option == word ? words[++i] : word.substr(option.size() + 1);
      if (option == "--sizes") {
        auto sizes = parse_sizes(value);
        if (!sizes) return std::unexpected(std::move(sizes).error());
        arguments.sizes = *std::move(sizes);
      } else {
        const auto runs = base::parse_number<unsigned>(value);
        if (!runs || *runs == 0) return std::unexpected(fmt::format("'{}' is not a number of runs above 0", value));
        arguments.runs = *runs;
      }
    } else if (word.starts_with('-')) {
      return std::unexpected(fmt::format("unknown option '{}'", word));
    } else if (std::ranges::find(sections(), word, &Section::name) == sections().end()) {
      return std::unexpected(fmt::format("no section is named '{}'; --list shows them", word));
    } else {
      arguments.sections.emplace_back(word);
    }
  }
  return arguments;
}

std::string usage() {
  std::string text =
      "Usage: vuurmuur_bench [SECTION…] [--sizes N,N,…] [--runs N]\n"
      "Measures what Vuurmuur costs and prints Markdown tables. Needs user namespaces, not root; touches nothing of\n"
      "the machine's own network. Without a section: all of them.\n\n"
      "  --sizes N,N,…  numbers of rules (or queues) instead of each section's own\n"
      "  --runs N       repetitions of each figure instead of each section's own\n"
      "  --list         the sections\n"
      "  --help         this\n\nSections:\n";
  for (const Section& section : sections()) text += fmt::format("  {:<14} {}\n", section.name, section.what);
  return text;
}

}  // namespace vuurmuur::bench
