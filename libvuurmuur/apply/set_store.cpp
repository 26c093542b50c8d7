// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/set_store.h"

#include <algorithm>
#include <cerrno>
#include <unordered_set>

#include "apply/set_check.h"
#include "backend/set_type.h"

namespace vuurmuur::apply {

SetStore::SetStore(Kernel& kernel, const ir::Ruleset& ruleset, const backend::TextOptions& options, bool checks)
    : kernel_(kernel), ruleset_(ruleset), options_(options), checks_(checks) {}

/// Whether nothing is to be done for a set.
base::Result<bool> SetStore::is_right(const ir::Set& set, bool has_ipv6) {
  if (set.family == net::Family::Ipv6 && !has_ipv6) return true;
  if (!indices_.contains(set.name)) return false;
  return !checks_ || set.is_timed() || VM_TRY(holds_what_its_name_tells(kernel_, set.name));
}

base::Result<void> SetStore::create(bool has_ipv6) {
  for (const KernelSet& set : VM_TRY(kernel_.sets())) {
    indices_.emplace(set.name, set.index);
    if (is_own_set(set.name)) own_.push_back(set.name);
  }
  std::vector<std::string> comments;  // of every rule: made when a set asks for them
  for (const ir::Set& set : ruleset_.sets) {
    if (VM_TRY(is_right(set, has_ipv6))) continue;
    if (set.is_counted && comments.empty()) comments = backend::origin_comments(ruleset_, options_);
    const ir::Set form = backend::in_kernel_form(set);
    const auto index = kernel_.create_set(form, {.comments = comments});
    if (!index) return std::unexpected(refusal(form, index.error()));
    if (indices_.emplace(set.name, *index).second) made_.push_back(set.name);
  }
  return {};
}

base::Error SetStore::refusal(const ir::Set& set, const SetRefusal& refused) const {
  // A set as a whole is told by the first rule that put something into it.
  std::string origin;
  if (!set.elements.empty()) {
    const ir::Origin& of = ruleset_.origin(set.elements.at(refused.element.value_or(0)).origin);
    origin = " of " + of.label + (of.place.empty() ? std::string() : " (" + of.place + ")");
  }
  return base::Error(refused.error).within("load set " + set.name + origin);
}

void SetStore::remove_unused(std::vector<std::string>& warnings) {
  std::unordered_set<std::string_view> wanted;
  for (const ir::Set& set : ruleset_.sets) wanted.insert(set.name);
  for (const std::string& name : own_) {
    if (wanted.contains(name)) continue;
    const auto done = kernel_.destroy_set(name);
    if (done || done.error().code == ENOENT) continue;
    warnings.push_back(done.error().code == EBUSY
                           ? "set " + name +
                                 " is not used any more, but a rule or set that is not Vuurmuur's asks it; it stays"
                           : done.error().message);
  }
}

std::vector<std::string> SetStore::undo() {
  std::vector<std::string> problems;
  for (; !made_.empty(); made_.pop_back()) {
    const auto done = kernel_.destroy_set(made_.back());
    if (!done) problems.push_back(done.error().message);
  }
  return problems;
}

base::Result<backend::SetIndices> set_indices(Kernel& kernel) {
  backend::SetIndices indices;
  for (const KernelSet& set : VM_TRY(kernel.sets())) indices.emplace(set.name, set.index);
  return indices;
}

base::Result<backend::SetIndices> create_empty_sets(Kernel& kernel, const ir::Ruleset& ruleset, net::Family family) {
  backend::SetIndices indices;
  for (const ir::Set& set : ruleset.sets) {
    if (set.family != family) continue;
    const ir::Set empty{.name = set.name,
                        .family = set.family,
                        .key = set.key,
                        .is_counted = set.is_counted,
                        .use = set.use,
                        .elements = {}};
    const auto index = kernel.create_set(empty, {});
    if (!index) return std::unexpected(index.error().error);
    indices.emplace(set.name, *index);
  }
  return indices;
}

}  // namespace vuurmuur::apply
