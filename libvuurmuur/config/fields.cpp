// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest.h"
#include "base/strings.h"
#include "config/names.h"

namespace vuurmuur::config {
namespace {

const KeyRow* find_row(std::string_view key, FileType type) {
  const bool exact = key_case(type) == KeyCase::Significant;
  for (const KeyRow& row : keys_of(type))
    if (exact ? row.name == key : base::equals_ignoring_case(row.name, key)) return &row;
  return nullptr;
}

bool has_statements(FileType type) { return type == FileType::Rules || type == FileType::Blocklist; }

void report_unknown_key(const Input& input, FileType type, const Line& line) {
  const std::string_view key = input.document.key(line);
  if (key.starts_with("X-") || key.starts_with("x-")) return;
  std::vector<std::string_view> names;
  for (const KeyRow& row : keys_of(type)) names.push_back(row.name);
  input.sink
      .warning("unknown-key", diag::Span{input.file, line.key_begin, line.key_end},
               fmt::format("unknown key {}, kept but not used", quoted(key)))
      .suggestion = base::nearest(key, names);
}

void report_broken_line(const Input& input, const Line& line) {
  const std::string_view key = input.document.key(line);
  switch (line.kind) {
    case Line::Kind::NoEntry:
      input.sink.error("no-entry", diag::Span{input.file, line.key_begin, std::max(line.key_end, line.key_begin + 1)},
                       "expected a line KEY=\"value\" or a comment that begins with '#'");
      return;
    case Line::Kind::UnclosedQuote:
      input.sink.error("unclosed-quote", diag::Span{input.file, line.value_begin - 1, line.value_end},
                       fmt::format("the value of {} has no closing quote", quoted(key)));
      return;
    case Line::Kind::AfterValue: {
      const std::string_view whole = input.document.text(line);
      const std::string_view rest = base::trim(whole.substr(line.value_end + 1 - line.begin));
      const auto begin = line.begin + static_cast<std::uint32_t>(rest.data() - whole.data());
      input.sink
          .error("text-after-value", diag::Span{input.file, begin, begin + static_cast<std::uint32_t>(rest.size())},
                 fmt::format("unexpected text behind the value of {}", quoted(key)))
          .notes.push_back({std::nullopt, "a quote inside a value is written \\\""});
      return;
    }
    case Line::Kind::Blank:
    case Line::Kind::Comment:
    case Line::Kind::Entry: return;
  }
}

}  // namespace

void for_each_value(const Input& input, FileType type, const std::function<void(const KeyRow&, Value)>& use) {
  const Document& document = input.document;
  for (const Line& line : document.lines()) {
    if (line.kind == Line::Kind::Blank || line.kind == Line::Kind::Comment) continue;
    const bool is_broken = line.kind != Line::Kind::Entry;
    if (is_broken) report_broken_line(input, line);
    // What a broken line seems to say is used all the same, so that nothing else is said to be missing; half a rule
    // is not.
    if (line.kind == Line::Kind::NoEntry || (is_broken && has_statements(type))) continue;
    const KeyRow* row = find_row(document.key(line), type);
    if (!row) {
      if (!is_broken) report_unknown_key(input, type, line);
      continue;
    }
    if (row->count == Count::Kept || base::trim(document.raw_value(line)).empty()) continue;
    if (!line.quoted)
      input.sink.warning("unquoted-value", diag::Span{input.file, line.value_begin, line.value_end},
                         fmt::format("the value of {} should stand in quotes", quoted(document.key(line))));
    use(*row, document.value(line, input.file));
  }
}

Fields::Fields(const Input& input, FileType type) : sink_(input.sink) {
  for_each_value(input, type, [&](const KeyRow& row, Value value) {
    if (row.count == Count::One) {
      if (const Value* first = one(row.name)) {
        sink_.error("duplicate-key", value.span(), fmt::format("{} has a value already", row.name))
            .notes.push_back({first->span(), "the first is here"});
        return;
      }
    }
    entries_.push_back({&row, std::move(value)});
  });
}

const Value* Fields::one(std::string_view key) const {
  const auto found = std::ranges::find(entries_, key, [](const Entry& entry) { return entry.row->name; });
  return found == entries_.end() ? nullptr : &found->value;
}

std::vector<const Value*> Fields::all(std::string_view key) const {
  std::vector<const Value*> result;
  for (const Entry& entry : entries_)
    if (entry.row->name == key) result.push_back(&entry.value);
  return result;
}

bool Fields::boolean(std::string_view key, bool fallback) const {
  const Value* value = one(key);
  if (!value) return fallback;
  if (base::equals_ignoring_case(value->trimmed(), "yes")) return true;
  if (!base::equals_ignoring_case(value->trimmed(), "no"))
    sink_.warning("bad-boolean", value->span(),
                  fmt::format("{} expects yes or no, {} is taken as no", key, quoted(value->trimmed())));
  return false;
}

std::optional<std::uint64_t> Fields::number(std::string_view key, std::uint64_t least, std::uint64_t most,
                                            int radix) const {
  const Value* value = one(key);
  if (!value) return std::nullopt;
  return read_number(*value, value->trimmed(), key, least, most, radix, sink_);
}

std::string Fields::text(std::string_view key) const {
  const Value* value = one(key);
  return value ? value->text() : std::string();
}

std::optional<std::uint64_t> read_number(const Value& value, std::string_view part, std::string_view what,
                                         std::uint64_t least, std::uint64_t most, int radix, diag::Sink& sink) {
  const bool is_hexadecimal = radix == 16 && (part.starts_with("0x") || part.starts_with("0X"));
  const int base = radix == 16 && !is_hexadecimal ? 10 : radix;
  const std::string_view digits = is_hexadecimal ? part.substr(2) : part;
  const auto number = base::parse_number<std::uint64_t>(digits, base);
  if (number && *number >= least && *number <= most) return number;

  const auto is_digit = [base](char c) {
    return base::parse_number<unsigned>(std::string_view(&c, 1), base).has_value();
  };
  const bool is_number = !digits.empty() && std::ranges::all_of(digits, is_digit);
  const std::string range = base == 8     ? fmt::format("an octal number from {:o} to {:o}", least, most)
                            : radix == 16 ? fmt::format("a number from {} to {:#x}", least, most)
                                          : fmt::format("a number from {} to {}", least, most);
  sink.error(is_number ? "number-out-of-range" : "bad-number", value.span(part),
             fmt::format("{} must be {}, not {}", what, range, quoted(part)));
  return std::nullopt;
}

std::optional<net::Address> read_address(const Value& value, std::optional<net::Family> family, diag::Sink& sink) {
  const auto address = net::Address::parse(value.trimmed());
  if (address && (!family || address->family == *family)) return address;
  const std::string_view wanted = !family                        ? "an address"
                                  : *family == net::Family::Ipv4 ? "an IPv4 address"
                                                                 : "an IPv6 address";
  sink.error("bad-address", value.span(), fmt::format("expected {}, not {}", wanted, quoted(value.trimmed())));
  return std::nullopt;
}

net::Prefix without_host_bits(const net::Prefix& prefix, diag::Span span, diag::Sink& sink) {
  const net::Prefix network = prefix.network();
  if (network.address != prefix.address)
    sink.warning("host-bits", span,
                 fmt::format("{} is an address in the network {}, which is taken", prefix.address.to_string(),
                             network.to_string()));
  return network;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = text.find_first_not_of(" \t\r", at);
    if (begin == std::string_view::npos) break;
    const std::size_t end = std::min(text.find_first_of(" \t\r", begin), text.size());
    result.push_back(text.substr(begin, end - begin));
    at = end;
  }
  return result;
}

}  // namespace vuurmuur::config
