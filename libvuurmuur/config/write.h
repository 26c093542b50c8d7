// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <span>
#include <string>

#include "base/file_system.h"
#include "config/document.h"
#include "config/tree.h"
#include "model/policy.h"

namespace vuurmuur::config {

// Each puts an object into the document of its file. Only what the document says otherwise is changed: comments,
// order, unknown keys and the way a value is written stay. Reading the document again gives an equal object. Line
// ends inside texts become blanks, and a remark of blanks alone counts as none. Names are not in files.

void set_settings(Document& document, const model::Settings& settings);
void set_interface(Document& document, const model::Interface& interface);
void set_zone(Document& document, const model::Zone& zone);
void set_network(Document& document, const model::Network& network);
void set_host(Document& document, const model::Host& host);
void set_group(Document& document, const model::Group& group);
void set_service(Document& document, const model::Service& service);
void set_blocklist(Document& document, std::span<const model::BlockEntry> entries);

/// Lines that cannot be read as rules stay where they are.
void set_rules(Document& document, std::span<const model::Rule> rules);

/// The documents of a whole policy, by path in the tree: those that `tree` has, brought up to date, and new ones for
/// new objects. Documents of objects that are gone are left out.
[[nodiscard]] std::map<std::string, Document> write_policy(const Tree& tree, const model::Policy& policy);

/// Replaces the file of a document as a whole or not at all, and makes its directory.
[[nodiscard]] base::Result<void> save_document(base::FileSystem& files, const std::string& root,
                                               const std::string& path, const Document& document);

}  // namespace vuurmuur::config
