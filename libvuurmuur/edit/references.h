// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <vector>

#include "config/tree.h"
#include "edit/object.h"

namespace vuurmuur::edit {

/// A place where the tree speaks of an object, or of something inside it ("web.servers.dmz" speaks of zone "dmz").
struct Reference {
  diag::Span span;  ///< the object's own name: the full one, or its first part
  bool is_full_name = true;
  std::string by;  ///< who does: "rule 3 (accept http from lan to inet)", "group 'admins.local.lan'"
};

/// All of them, in the order of rules, blocklist and objects. Rules that cannot be read speak of nothing.
[[nodiscard]] std::vector<Reference> references_to(const config::Tree& tree, const Object& object);

/// The objects that are inside a zone or network, with what is inside those: the innermost last.
[[nodiscard]] std::vector<Object> contents_of(const config::Tree& tree, const Object& object);

}  // namespace vuurmuur::edit
