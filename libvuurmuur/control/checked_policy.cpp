// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/checked_policy.h"

#include "compile/check_marks.h"
#include "control/surroundings.h"
#include "sema/resolve.h"

namespace vuurmuur::control {

std::unique_ptr<CheckedPolicy> check_tree(const base::FileSystem& files, const std::string& directory) {
  auto checked = std::make_unique<CheckedPolicy>();
  checked->tree = config::read_tree(files, directory, checked->sink);
  if (has_followers(checked->tree.policy))
    checked->in_surroundings = in_surroundings(checked->tree.policy, look_around());
  checked->policy =
      sema::resolve(checked->in_surroundings ? *checked->in_surroundings : checked->tree.policy, checked->tree.sources,
                    checked->sink);
  compile::check_marks(checked->policy, checked->sink);
  return checked;
}

}  // namespace vuurmuur::control
