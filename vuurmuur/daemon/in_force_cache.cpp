// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/in_force_cache.h"

#include <algorithm>

#include "control/comparison.h"
#include "control/surroundings.h"

namespace vuurmuur::daemon {
namespace {

bool is_alike(const std::vector<names::OwnAddress>& a, const std::vector<names::OwnAddress>& b) {
  return std::ranges::equal(a, b, [](const names::OwnAddress& one, const names::OwnAddress& other) {
    return one.device == other.device && one.address == other.address;
  });
}

/// Nothing of a policy that is the same everywhere.
std::string what_matters(const control::InForce& in_force, const base::FileSystem& files,
                         const std::string& directory) {
  if (!in_force.checked) return {};
  const model::Policy& policy = in_force.checked->tree.policy;
  if (!control::has_followers(policy)) return {};
  return control::what_matters(policy, control::look_around(control::known_names_in(files, directory)(policy)));
}

}  // namespace

base::Result<bool> InForceCache::is_as_before() const {
  if (!found_) return false;
  const auto journal = VM_TRY(history::Store(files_, directory_).read_journal());
  const auto number = journal.is_cleared ? std::nullopt : control::in_force(journal);
  return number == found_->generation && is_alike(found_->own, control::own_addresses(*kernel_)) &&
         what_matters(*found_, files_, directory_) == surroundings_;
}

base::Result<std::shared_ptr<const control::InForce>> InForceCache::get() {
  if (VM_TRY(is_as_before())) return found_;
  auto read = VM_TRY(control::read_in_force(history::Store(files_, directory_), *kernel_));
  surroundings_ = what_matters(read, files_, directory_);
  found_ = std::make_shared<const control::InForce>(std::move(read));
  return found_;
}

}  // namespace vuurmuur::daemon
