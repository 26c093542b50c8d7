// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "config/read.h"
#include "config/rule_syntax.h"
#include "config/write.h"

namespace vuurmuur::config {
namespace {

std::string block_to_text(const model::BlockEntry& entry) {
  return fmt::format("{}block {}", entry.active ? "" : ";", *entry.text);
}

std::optional<std::string> meaning_of_block(const std::string& text) {
  const Document line(fmt::format("RULE=\"{}\"", escape(text)));
  diag::Sink problems;
  const auto entries = read_blocklist({line, {}, problems});
  if (entries.size() != 1) return std::nullopt;
  return block_to_text(entries.front());
}

std::optional<std::string> meaning_of_rule(const std::string& text) {
  const auto rule = parse_rule(text);
  if (!rule) return std::nullopt;
  return rule_to_text(*rule);
}

}  // namespace

void set_blocklist(Document& document, std::span<const model::BlockEntry> entries) {
  std::vector<std::string> texts;
  for (const auto& entry : entries) texts.push_back(block_to_text(entry));
  document.set("RULE", texts, meaning_of_block);
}

void set_rules(Document& document, std::span<const model::Rule> rules) {
  std::vector<std::string> texts;
  texts.reserve(rules.size());
  for (const auto& rule : rules) texts.push_back(rule_to_text(rule));
  document.set("RULE", texts, meaning_of_rule);
}

}  // namespace vuurmuur::config
