// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/schema.h"
#include "config/tree.h"

namespace vuurmuur::edit {

/// What an administrator edits: an object with a file of its own, or one of the two lists.
enum class Kind : std::uint8_t { Host, Group, Network, Zone, Service, Interface, Rules, Blocklist };

/// "host", "group", …; "rules" and "blocklist" for the lists.
[[nodiscard]] std::string_view word_of(Kind kind);

/// A full name: "web.servers.dmz", "servers.dmz", "dmz", "http"; for the lists the word of their kind.
struct Object {
  Kind kind = Kind::Host;
  std::string name;
  bool operator==(const Object&) const = default;
};

/// "host 'web.servers.dmz'", "the rules", for messages.
[[nodiscard]] std::string text_of(const Object& object);

/// What is wrong with the name of an object, for the user; nothing when it can be one.
[[nodiscard]] std::optional<std::string> fault_of_name(const Object& object);

/// Its file in the tree: "zones/dmz/networks/servers/hosts/web.host". The name must have no fault.
[[nodiscard]] std::string path_of(const Object& object);

/// What kind of file that is.
[[nodiscard]] config::FileType file_type(Kind kind);

/// The part of a full name in front of the first dot, and what is behind it (empty for none).
[[nodiscard]] std::string first_part(std::string_view name);
[[nodiscard]] std::string parent_of(std::string_view name);

/// The full names of all objects of a kind that a tree has, in the order of their files.
[[nodiscard]] std::vector<std::string> names_in(const config::Tree& tree, Kind kind);

}  // namespace vuurmuur::edit
