// SPDX-License-Identifier: GPL-2.0-or-later
#include "edit/object.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "base/strings.h"
#include "config/names.h"

namespace vuurmuur::edit {
namespace {

struct KindRow {
  Kind kind;
  std::string_view word;
  config::FileType type;
  std::size_t parts;      ///< of a full name
  std::string_view form;  ///< of a full name
};

constexpr std::array kKinds{
    KindRow{Kind::Host, "host", config::FileType::Host, 3, "host.network.zone"},
    KindRow{Kind::Group, "group", config::FileType::Group, 3, "group.network.zone"},
    KindRow{Kind::Network, "network", config::FileType::Network, 2, "network.zone"},
    KindRow{Kind::Zone, "zone", config::FileType::Zone, 1, "zone"},
    KindRow{Kind::Service, "service", config::FileType::Service, 1, "service"},
    KindRow{Kind::Interface, "interface", config::FileType::Interface, 1, "interface"},
    KindRow{Kind::Rules, "rules", config::FileType::Rules, 1, "rules"},
    KindRow{Kind::Blocklist, "blocklist", config::FileType::Blocklist, 1, "blocklist"},
};

const KindRow& row_of(Kind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::string network_directory(std::string_view full_name) {
  return fmt::format("zones/{}/networks/{}", parent_of(full_name), first_part(full_name));
}

template <class Objects, class Name>
std::vector<std::string> collect(const Objects& objects, Name name) {
  std::vector<std::string> names;
  names.reserve(objects.size());
  for (const auto& object : objects) names.push_back(name(object));
  return names;
}

}  // namespace

std::string_view word_of(Kind kind) { return row_of(kind).word; }

std::string text_of(const Object& object) {
  if (object.kind == Kind::Rules || object.kind == Kind::Blocklist) return fmt::format("the {}", word_of(object.kind));
  return fmt::format("{} {}", word_of(object.kind), config::quoted(object.name));
}

std::optional<std::string> fault_of_name(const Object& object) {
  const KindRow& row = row_of(object.kind);
  const auto parts = base::split(object.name, '.');
  if (parts.size() != row.parts)
    return fmt::format("the full name of a {} is written {}, not {}", row.word, row.form, config::quoted(object.name));
  for (const std::string_view part : parts)
    if (!config::is_name(part))
      return fmt::format("a name has letters, digits, '_' and '-', not {}", config::quoted(part));
  return std::nullopt;
}

std::string path_of(const Object& object) {
  VM_ASSERT(!fault_of_name(object));
  const std::string& name = object.name;
  switch (object.kind) {
    case Kind::Host: return fmt::format("{}/hosts/{}.host", network_directory(parent_of(name)), first_part(name));
    case Kind::Group: return fmt::format("{}/groups/{}.group", network_directory(parent_of(name)), first_part(name));
    case Kind::Network: return network_directory(name) + "/network.config";
    case Kind::Zone: return fmt::format("zones/{}/zone.config", name);
    case Kind::Service: return fmt::format("services/{}", name);
    case Kind::Interface: return fmt::format("interfaces/{}.conf", name);
    case Kind::Rules: return "rules/rules.conf";
    case Kind::Blocklist: return "rules/blocklist.conf";
  }
  return {};
}

config::FileType file_type(Kind kind) { return row_of(kind).type; }

std::string first_part(std::string_view name) { return std::string(name.substr(0, name.find('.'))); }

std::string parent_of(std::string_view name) {
  const std::size_t dot = name.find('.');
  return dot == std::string_view::npos ? std::string() : std::string(name.substr(dot + 1));
}

std::vector<std::string> names_in(const config::Tree& tree, Kind kind) {
  const auto full = [](const auto& object) { return object.full_name(); };
  const auto plain = [](const auto& object) { return *object.name; };
  switch (kind) {
    case Kind::Host: return collect(tree.policy.hosts, full);
    case Kind::Group: return collect(tree.policy.groups, full);
    case Kind::Network: return collect(tree.policy.networks, full);
    case Kind::Zone: return collect(tree.policy.zones, plain);
    case Kind::Service: return collect(tree.policy.services, plain);
    case Kind::Interface: return collect(tree.policy.interfaces, plain);
    case Kind::Rules:
    case Kind::Blocklist: break;
  }
  return {std::string(word_of(kind))};
}

}  // namespace vuurmuur::edit
