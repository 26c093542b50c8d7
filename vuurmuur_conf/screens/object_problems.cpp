// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/object_problems.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/strings.h"
#include "config/read.h"
#include "edit/object.h"
#include "screens/object_lines.h"
#include "sema/names.h"
#include "sema/objects.h"
#include "sema/rules.h"

namespace vuurmuur::screens {
namespace {

using config::FileType;

/// No file of any tree: what has a place in it is about the object that is edited.
constexpr diag::FileId kEdited{0xffffffff};

constexpr std::array<std::string_view, 3> kOfTheMoment{"network-without-prefix", "host-without-prefix",
                                                       "host-without-answer"};

template <class T, class Name>
void put(std::vector<T>& objects, T object, Name name) {
  const auto there = std::ranges::find_if(objects, [&](const T& other) { return name(other) == name(object); });
  if (there == objects.end())
    objects.push_back(std::move(object));
  else
    *there = std::move(object);
}

/// Reads the object and gives what of the policy has to do with it, the object in it.
model::Policy surroundings(const config::Input& input, FileType type, const std::string& name,
                           const model::Policy& policy) {
  const std::string first = edit::first_part(name), parent = edit::parent_of(name);
  const auto plain = [](const auto& object) { return *object.name; };
  const auto full = [](const auto& object) { return object.full_name(); };
  model::Policy around;
  around.interfaces = policy.interfaces;
  around.zones = policy.zones;
  around.networks = policy.networks;
  switch (type) {
    case FileType::Settings: around.settings = config::read_settings(input); break;
    case FileType::Interface: put(around.interfaces, config::read_interface(input, name), plain); break;
    case FileType::Zone: put(around.zones, config::read_zone(input, name), plain); break;
    case FileType::Network: put(around.networks, config::read_network(input, first, parent), full); break;
    case FileType::Host:
      around.hosts.push_back(config::read_host(input, first, edit::first_part(parent), edit::parent_of(parent)));
      break;
    case FileType::Group: {
      const auto is_near = [&](const auto& object) { return object.network + "." + object.zone == parent; };
      std::ranges::copy_if(policy.hosts, std::back_inserter(around.hosts), is_near);
      std::ranges::copy_if(policy.groups, std::back_inserter(around.groups), is_near);
      put(around.groups, config::read_group(input, first, edit::first_part(parent), edit::parent_of(parent)), full);
      break;
    }
    case FileType::Service: around.services.push_back(config::read_service(input, name)); break;
    case FileType::Rules:
    case FileType::Blocklist: break;
  }
  return around;
}

/// The row of what is about the object as a whole.
std::string_view main_row(FileType type) {
  switch (type) {
    case FileType::Interface: return "DEVICE";
    case FileType::Network: return "NETWORK.0";
    case FileType::Host: return "IPADDRESS.0";
    case FileType::Group: return "MEMBER";
    default: return "ACTIVE";
  }
}

std::string row_at(const ObjectFields& fields, const config::Document& document, const diag::Span& span) {
  std::map<std::string, std::size_t> counts;
  for (const config::Line& line : document.lines()) {
    if (line.kind != config::Line::Kind::Entry) continue;
    if (base::trim(document.raw_value(line)).empty()) continue;
    std::string key(document.key(line));
    if (config::key_case(fields.type()) == config::KeyCase::Ignored)
      std::ranges::transform(key, key.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
    const std::size_t nth = counts[key]++;
    if (span.begin >= line.begin && span.begin < line.end && span.end > 0) return fields.row_of(key, nth);
  }
  return std::string(main_row(fields.type()));
}

}  // namespace

std::vector<ui::FormProblem> problems_of(const ObjectFields& fields, const std::string& name,
                                         const config::Document& document, const model::Policy& policy) {
  diag::Sink sink;
  const model::Policy around = surroundings({document, kEdited, sink}, fields.type(), name, policy);
  if (fields.type() != FileType::Settings) {
    const sema::Names names = sema::index_names(around, sink);
    sema::Policy resolved;
    static_cast<void>(sema::resolve_objects(around, names, resolved, sink));
    sema::check_helpers(around, sink);
  }
  std::vector<ui::FormProblem> problems;
  for (const diag::Diagnostic& found : sink.all()) {
    if (!found.span || found.span->file != kEdited) continue;
    if (std::ranges::find(kOfTheMoment, found.code) != kOfTheMoment.end()) continue;
    const std::string row = row_at(fields, document, *found.span);
    // Ports have a screen of their own, which tells.
    if (row.empty()) continue;
    problems.push_back({.id = row, .text = text_of(found), .is_error = found.severity == diag::Severity::Error});
  }
  return problems;
}

}  // namespace vuurmuur::screens
