// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/ipset_save.h"

#include <algorithm>

#include "backend/append_format.h"
#include "backend/set_type.h"

namespace vuurmuur::backend {
namespace {

void append_set(std::string& out, const ir::Set& set, const std::vector<std::string>& comments) {
  const bool has_comments = set.is_counted && !comments.empty();
  append(out, "create {} {} family {} hashsize {} maxelem {}{}{}{}\n", set.name, set_type(set).name,
         set.family == net::Family::Ipv4 ? "inet" : "inet6", set_hash_size(set.elements.size()), set_capacity(set),
         set.is_timed() ? " timeout 0" : "", set.is_counted ? " counters" : "", has_comments ? " comment" : "");
  for (const ir::SetElement& element : set.elements) {
    append(out, "add {} {}", set.name, element_text(element));
    if (has_comments) append(out, " comment \"{}\"", comments[static_cast<std::size_t>(element.origin)]);
    out += '\n';
  }
}

}  // namespace

std::string ipset_save(const ir::Ruleset& ruleset, std::span<const net::Family> families, const TextOptions& options) {
  std::string out;
  const std::vector<std::string> comments = origin_comments(ruleset, options);
  for (const net::Family family : families)
    for (const ir::Set& set : ruleset.sets)
      if (set.family == family) append_set(out, in_kernel_form(set), comments);
  return out;
}

}  // namespace vuurmuur::backend
