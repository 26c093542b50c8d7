// SPDX-License-Identifier: GPL-2.0-or-later
#include "edit/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/nearest.h"
#include "base/strings.h"
#include "config/names.h"
#include "config/ranges.h"
#include "config/read.h"

namespace vuurmuur::edit {
namespace {

using config::Document;
using config::KeyRow;
using Texts = std::vector<std::string>;

constexpr std::string_view kRange = "RANGE", kDevice = "DEVICE", kOldDevice = "INTERFACE", kAnyAddress = "ADDRESS";

/// The old form of RANGE, and how a RANGE of it begins.
struct OldKey {
  std::string_view name, range_begin;
};
constexpr std::array kOldKeys{
    OldKey{"TCP", "6;"}, OldKey{"UDP", "17;"}, OldKey{"ICMP", "1;"},      OldKey{"GRE", "47;"},
    OldKey{"AH", "51;"}, OldKey{"ESP", "50;"}, OldKey{"PROTO_41", "41;"},
};

const OldKey* find_old_key(std::string_view name) {
  const auto found = std::ranges::find(kOldKeys, name, &OldKey::name);
  return found == kOldKeys.end() ? nullptr : &*found;
}

/// What the original's services do not have: programs that were written for it do not expect it where it is not set.
bool is_newer(Kind kind, const KeyRow& row) {
  return kind == Kind::Service && (row.name == "CATEGORY" || row.name == "ALIAS");
}

/// Whether a variable says what another one says: shown where it is used, and not made.
bool is_other_spelling(Kind kind, const KeyRow& row) {
  return (kind == Kind::Service && find_old_key(row.name) != nullptr) ||
         (kind == Kind::Interface && row.name == kOldDevice) || (kind == Kind::Host && row.name == kAnyAddress);
}

/// Entries that say something.
Texts entries(const Document& document, std::string_view key) {
  Texts values = document.values(key);
  std::erase_if(values, [](const std::string& value) { return base::trim(value).empty(); });
  return values;
}

bool is_list_of_lines(Kind kind) { return kind == Kind::Rules || kind == Kind::Blocklist; }

/// The ports of a service as RANGE writes them; nothing when they cannot all be read.
std::optional<Texts> ranges_of(const Document& document) {
  diag::Sink problems;
  const model::Service service = config::read_service({document, {}, problems}, {});
  if (problems.has_errors()) return std::nullopt;
  Texts ranges;
  for (const auto& ports : service.port_sets) ranges.push_back(config::range_to_text(*ports));
  return ranges;
}

/// Values of an old key as RANGE writes them.
std::optional<Texts> as_ranges(const OldKey& key, std::span<const std::string> values) {
  Document document;
  document.set(key.name, values);
  return ranges_of(document);
}

void append_new(Texts& to, std::span<const std::string> values) {
  for (const std::string& value : values)
    if (std::ranges::find(to, value) == to.end()) to.push_back(value);
}

Wish<void> set_old_ports(Document& document, const OldKey& key, std::span<const std::string> values, How how) {
  const auto added = as_ranges(key, values);
  Texts ranges = entries(document, kRange);
  if (ranges.empty() || !added) {
    // Without RANGE the old form is what counts; what cannot be read is shown where it stands.
    if (!ranges.empty())
      return refuse(Refusal::Why::Wrong, fmt::format("cannot read {} as ports of {}",
                                                     config::quoted(values.empty() ? "" : values.front()), key.name));
    Texts wanted = how == How::Append ? entries(document, key.name) : Texts{};
    append_new(wanted, values);
    document.set(key.name, wanted);
    return {};
  }
  if (how == How::Overwrite)
    std::erase_if(ranges, [&](const std::string& range) { return range.starts_with(key.range_begin); });
  append_new(ranges, *added);
  document.set(kRange, ranges);
  return {};
}

Wish<void> set_ranges(Document& document, std::span<const std::string> values, How how) {
  Texts wanted;
  if (how == How::Append) {
    wanted = entries(document, kRange);
    if (wanted.empty()) {
      auto old = ranges_of(document);
      if (!old)
        return refuse(Refusal::Why::Wrong, "the ports that the service has cannot be read, so none can be added");
      wanted = std::move(*old);
    }
  }
  append_new(wanted, values);
  for (const OldKey& key : kOldKeys) document.set(key.name, std::span<const std::string>{});
  document.set(kRange, wanted);
  return {};
}

void print_line(std::string& text, std::string_view key, std::string_view value) {
  text += fmt::format("{}=\"{}\"\n", key, config::escape(value));
}

}  // namespace

Wish<const KeyRow*> find_variable(Kind kind, std::string_view name) {
  std::vector<std::string_view> names;
  for (const KeyRow& row : config::keys_of(file_type(kind))) {
    if (row.count == config::Count::Kept || (kind == Kind::Interface && row.name == kOldDevice)) continue;
    if (base::equals_ignoring_case(row.name, name)) return &row;
    names.push_back(row.name);
  }
  const auto near = base::nearest(name, names);
  return refuse(Refusal::Why::Wrong,
                fmt::format("{} {} has no variable {}{}", kind == Kind::Interface ? "an" : "a", word_of(kind),
                            config::quoted(name), near ? fmt::format("; did you mean '{}'?", *near) : ""));
}

Texts values_of(const Document& document, Kind kind, const KeyRow& variable) {
  Texts values = entries(document, variable.name);
  if (variable.count == config::Count::Many) return values;
  if (values.empty() && kind == Kind::Interface && variable.name == kDevice) values = entries(document, kOldDevice);
  if (values.empty()) values.emplace_back(variable.fallback);
  values.resize(1);
  return values;
}

Wish<void> set_values(Document& document, Kind kind, const KeyRow& variable, std::span<const std::string> values,
                      How how) {
  Texts given(values.begin(), values.end());
  std::erase_if(given, [](const std::string& value) { return base::trim(value).empty(); });
  if (variable.count != config::Count::Many) {
    if (how == How::Append)
      return refuse(Refusal::Why::Wrong, fmt::format("{} has one value: nothing can be appended to it", variable.name));
    if (given.size() > 1) return refuse(Refusal::Why::Wrong, fmt::format("{} has one value", variable.name));
    if (kind == Kind::Interface && variable.name == kDevice) document.set(kOldDevice, std::span<const std::string>{});
    // More than one line of it would be an error.
    document.set(variable.name, given);
    return {};
  }
  if (kind == Kind::Service) {
    if (const OldKey* old = find_old_key(variable.name)) return set_old_ports(document, *old, given, how);
    if (variable.name == kRange) return set_ranges(document, given, how);
  }
  Texts wanted = how == How::Append ? entries(document, variable.name) : Texts{};
  if (kind == Kind::Rules)
    wanted.insert(wanted.end(), given.begin(), given.end());
  else
    append_new(wanted, given);
  document.set(variable.name, wanted);
  return {};
}

std::string new_text(Kind kind) {
  std::string text;
  if (is_list_of_lines(kind)) return text;
  for (const KeyRow& row : config::keys_of(file_type(kind)))
    if (row.count != config::Count::Kept && !is_other_spelling(kind, row) && !is_newer(kind, row))
      print_line(text, row.name, row.name == "ACTIVE" ? "No" : "");
  return text;
}

std::string print_object(const Document& document, Kind kind, const KeyRow* variable) {
  std::string text;
  for (const KeyRow& row : config::keys_of(file_type(kind))) {
    if (row.count == config::Count::Kept || (variable != nullptr && &row != variable)) continue;
    if (kind == Kind::Interface && row.name == kOldDevice) continue;
    const Texts values = values_of(document, kind, row);
    for (const std::string& value : values) print_line(text, row.name, value);
    const bool is_usual = !is_other_spelling(kind, row) && !is_newer(kind, row);
    if (values.empty() && (variable != nullptr || is_usual)) print_line(text, row.name, "");
  }
  return text;
}

}  // namespace vuurmuur::edit
