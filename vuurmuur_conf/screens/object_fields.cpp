// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/object_fields.h"

#include <algorithm>
#include <optional>

#include "base/assert.h"
#include "base/strings.h"
#include "net/address.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using config::Document;
using config::FileType;
using ui::fill;
using ui::FormRow;
using ui::tr;
using Texts = std::vector<std::string>;

constexpr std::string_view kDynamic = "dynamic", kDevice = "DEVICE";

bool is_blank(const std::string& text) { return base::trim(text).empty(); }

Texts without_blanks(Texts texts) {
  std::erase_if(texts, is_blank);
  return texts;
}

/// The words of a row of names, between blanks or commas.
Texts names_in(std::string text) {
  std::ranges::replace(text, ',', ' ');
  Texts names;
  for (const std::string_view name : base::split(text, ' '))
    if (!name.empty() && std::ranges::find(names, name) == names.end()) names.emplace_back(name);
  return names;
}

bool has_length(std::string_view network) {
  return network.find('/') != std::string_view::npos || base::equals_ignoring_case(network, kDynamic);
}

/// Networks with the lengths that stand apart from them: the nth without a length of its own has the nth of those.
Texts networks_of(const Document& document, const FieldLook& look) {
  Texts networks = without_blanks(document.values(look.key));
  const Texts lengths = without_blanks(document.values(look.other_key));
  std::size_t next = 0;
  for (std::string& network : networks) {
    if (has_length(base::trim(network)) || next >= lengths.size()) continue;
    const std::string whole = std::string(base::trim(network)) + "/" + std::string(base::trim(lengths[next++]));
    const auto prefix = net::Prefix::parse(whole);
    network = prefix ? prefix->to_string() : whole;
  }
  return networks;
}

/// As the original reads it: the address, and apart from it the netmask or the length.
struct Written {
  Texts networks, lengths;
};
Written written(const Texts& values, net::Family family) {
  Written apart, whole;
  bool can_be_apart = true;
  for (const std::string& value : without_blanks(values)) {
    const std::string text(base::trim(value));
    whole.networks.push_back(text);
    if (base::equals_ignoring_case(text, kDynamic)) {
      apart.networks.push_back(text);
      continue;
    }
    const auto prefix = has_length(text) ? net::Prefix::parse(text) : std::nullopt;
    can_be_apart = can_be_apart && prefix && prefix->family() == family;
    if (!can_be_apart) continue;
    apart.networks.push_back(prefix->address.to_string());
    apart.lengths.push_back(family == net::Family::Ipv4 ? prefix->netmask().to_string()
                                                        : std::to_string(prefix->length));
  }
  return can_be_apart ? apart : whole;
}

Texts values_of(const Document& document, const FieldLook& look, const config::KeyRow& key) {
  Texts values = without_blanks(document.values(key.name));
  switch (look.shape) {
    case Shape::Toggle: {
      const std::string_view text = values.empty() ? key.fallback : base::trim(values.front());
      return base::equals_ignoring_case(text, "yes") ? Texts{"yes"} : Texts{};
    }
    case Shape::Text:
    case Shape::Choice:
      if (values.empty() && key.name == kDevice) values = without_blanks(document.values("INTERFACE"));
      if (values.empty() && !key.fallback.empty()) values.emplace_back(key.fallback);
      values.resize(std::min<std::size_t>(values.size(), 1));
      return values;
    case Shape::Networks: return networks_of(document, look);
    case Shape::List:
    case Shape::Names:
    case Shape::Statements:
    case Shape::Elsewhere: break;
  }
  return values;
}

/// Blanks between words do not count, nor does case.
bool says(std::string_view statement, std::string_view known) {
  const auto words = [](std::string_view text) {
    std::vector<std::string_view> found = base::split(base::trim(text), ' ');
    std::erase(found, std::string_view());
    return found;
  };
  return std::ranges::equal(words(statement), words(known), base::equals_ignoring_case);
}

bool is_known(FileType type, std::string_view statement) {
  return std::ranges::any_of(statements_of(type),
                             [&](const StatementLook& look) { return says(statement, look.text); });
}

}  // namespace

ObjectFields::ObjectFields(FileType type, const Document& document) : type_(type) {
  for (const FieldLook& look : looks_of(type)) {
    if (look.shape == Shape::Elsewhere) continue;
    const auto keys = config::keys_of(type);
    const auto key = std::ranges::find(keys, look.key, &config::KeyRow::name);
    VM_ASSERT(key != keys.end());
    Entry entry{.look = &look, .key = &*key, .values = values_of(document, look, *key), .before = {}};
    if (look.shape == Shape::Names) {
      const std::string joined = base::join(entry.values, " ");
      entry.values = joined.empty() ? Texts{} : Texts{joined};
    }
    entry.before = entry.values;
    entries_.push_back(std::move(entry));
  }
}

bool ObjectFields::has_advanced() const {
  return std::ranges::any_of(entries_, [](const Entry& entry) { return entry.look->is_advanced; });
}

void ObjectFields::add_rows(const Entry& entry, std::vector<FormRow>& rows) const {
  using Kind = FormRow::Kind;
  const FieldLook& look = *entry.look;
  const auto text_of = [](const char* text) { return text[0] == '\0' ? "" : tr(text); };
  FormRow row{.id = std::string(look.key),
              .label = text_of(look.label),
              .value = entry.values.empty() ? "" : entry.values.front(),
              .help = std::string(entry.key->help),
              .section = text_of(look.section)};
  if (look.shape == Shape::Text && !entry.key->fallback.empty())
    row.help += fill(tr("  ({} when nothing is written)"), entry.key->fallback);
  const auto add_list = [&](const Texts& values) {
    for (std::size_t i = 0; i <= values.size(); ++i) {
      row.id = std::string(look.key) + "." + std::to_string(i);
      row.value = i < values.size() ? values[i] : "";
      // The last one is empty: to add to the list.
      if (i > 0) row.label = i == values.size() ? "+" : "";
      rows.push_back(row);
    }
  };
  switch (look.shape) {
    case Shape::Toggle: row.kind = Kind::Toggle; break;
    case Shape::Choice:
      row.kind = Kind::Choice;
      row.has_picker = true;
      for (const std::string_view word : base::split(look.choices, ' '))
        row.choices.emplace_back(word == "-" ? "" : word);
      break;
    case Shape::Names: row.has_picker = true; break;
    case Shape::List: return add_list(entry.values);
    case Shape::Networks:
      row.help = look.key == "NETWORK" ? tr("IPv4 networks like 192.0.2.0/24, or 'dynamic': what the interfaces have")
                                       : tr("IPv6 networks like 2001:db8::/64, or 'dynamic': what the interfaces have");
      return add_list(entry.values);
    case Shape::Statements: {
      std::size_t index = 0;
      for (const StatementLook& statement : statements_of(type_)) {
        const bool is_on = std::ranges::any_of(
            entry.values, [&](const std::string& written) { return says(written, statement.text); });
        rows.push_back({.id = std::string(look.key) + ":" + std::to_string(index++),
                        .label = text_of(statement.label),
                        .kind = Kind::Toggle,
                        .value = is_on ? "yes" : "",
                        .help = text_of(statement.help),
                        .section = text_of(statement.section)});
      }
      // What cannot be read is shown where it can be taken away.
      for (std::size_t i = 0; i < entry.values.size(); ++i) {
        if (is_known(type_, entry.values[i])) continue;
        row.id = std::string(look.key) + "." + std::to_string(i);
        row.value = entry.values[i];
        rows.push_back(row);
        row.label.clear();
      }
      return;
    }
    case Shape::Text: row.has_picker = look.key == kDevice; break;
    case Shape::Elsewhere: break;
  }
  rows.push_back(std::move(row));
}

std::vector<FormRow> ObjectFields::rows(bool has_advanced) const {
  std::vector<FormRow> rows;
  for (const Entry& entry : entries_)
    if (!entry.look->is_advanced || has_advanced || !entry.values.empty()) add_rows(entry, rows);
  return rows;
}

ObjectFields::Place ObjectFields::place_of(std::string_view row) const {
  const std::size_t at = row.find_first_of(".:");
  Place place;
  if (at != std::string_view::npos) {
    place.mark = row[at];
    place.index = base::parse_number<std::size_t>(row.substr(at + 1)).value_or(0);
  }
  const auto found = std::ranges::find(entries_, row.substr(0, at), [](const Entry& entry) { return entry.look->key; });
  if (found != entries_.end()) place.entry = &*found;
  return place;
}

std::string ObjectFields::value(std::string_view row) const {
  for (const FormRow& there : rows(/*has_advanced=*/true))
    if (there.id == row) return there.value;
  return "";
}

void ObjectFields::set(std::string_view row, const std::string& value) {
  const Place place = place_of(row);
  if (place.entry == nullptr) return;
  Texts& values = entries_[static_cast<std::size_t>(place.entry - entries_.data())].values;
  if (place.mark == ':') {
    const std::string_view statement = statements_of(type_)[place.index].text;
    const auto is_it = [&](const std::string& written) { return says(written, statement); };
    const bool is_on = std::ranges::any_of(values, is_it);
    if (is_on == !value.empty()) return;
    std::erase_if(values, is_it);
    if (!is_on) values.emplace_back(statement);
    return;
  }
  if (place.index >= values.size()) {
    if (is_blank(value)) return;
    values.resize(place.index + 1);
  }
  values[place.index] = value;
  while (!values.empty() && values.back().empty()) values.pop_back();
}

bool ObjectFields::is_changed() const {
  return std::ranges::any_of(entries_, [](const Entry& entry) { return entry.values != entry.before; });
}

void ObjectFields::write_entry(const Entry& entry, Document& document) const {
  const FieldLook& look = *entry.look;
  switch (look.shape) {
    case Shape::Toggle: return document.set(look.key, entry.values.empty() ? "No" : "Yes");
    case Shape::Networks: {
      const bool is_ipv4 = look.key == "NETWORK";
      const Written pairs = written(entry.values, is_ipv4 ? net::Family::Ipv4 : net::Family::Ipv6);
      document.set(look.key, pairs.networks);
      return document.set(look.other_key, pairs.lengths);
    }
    case Shape::Names: return document.set(look.key, names_in(entry.values.empty() ? "" : entry.values.front()));
    case Shape::Text:
      // The old name of the key would speak against the new one.
      if (type_ == FileType::Interface && look.key == kDevice && !document.values("INTERFACE").empty())
        document.set("INTERFACE", std::span<const std::string>{});
      break;
    case Shape::Choice:
    case Shape::List:
    case Shape::Statements:
    case Shape::Elsewhere: break;
  }
  document.set(look.key, without_blanks(entry.values));
}

void ObjectFields::write(Document& document) const {
  for (const Entry& entry : entries_)
    if (entry.values != entry.before) write_entry(entry, document);
}

std::string ObjectFields::row_of(std::string_view key, std::size_t nth) const {
  for (const Entry& entry : entries_) {
    const FieldLook& look = *entry.look;
    const bool is_other = !look.other_key.empty() && look.other_key == key;
    if (look.key != key && !is_other) continue;
    if (look.shape == Shape::Toggle || look.shape == Shape::Text || look.shape == Shape::Choice ||
        look.shape == Shape::Names)
      return std::string(key);
    if (look.shape == Shape::Statements && nth < entry.values.size() && is_known(type_, entry.values[nth])) {
      const auto statements = statements_of(type_);
      const auto known =
          std::ranges::find_if(statements, [&](const StatementLook& one) { return says(entry.values[nth], one.text); });
      return std::string(key) + ":" + std::to_string(known - statements.begin());
    }
    std::size_t left = nth;
    for (std::size_t i = 0; i < entry.values.size(); ++i) {
      const bool counts = !is_blank(entry.values[i]) &&
                          !(is_other && base::equals_ignoring_case(base::trim(entry.values[i]), kDynamic));
      if (counts && left-- == 0) return std::string(look.key) + "." + std::to_string(i);
    }
    return std::string(look.key) + ".0";
  }
  if (key == "INTERFACE" && type_ == FileType::Interface) return "DEVICE";
  return "";
}

}  // namespace vuurmuur::screens
