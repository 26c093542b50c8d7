// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/policy.h"

#include <unistd.h>

#include "compile/check_marks.h"
#include "diag/render.h"
#include "sema/resolve.h"

namespace vuurmuur::cli {

std::string directory_of(const Arguments& arguments) {
  return arguments.positional().empty() ? VUURMUUR_CONFIG_DIR : arguments.positional().front();
}

std::unique_ptr<CheckedPolicy> check_tree(const base::FileSystem& files, const std::string& directory) {
  auto checked = std::make_unique<CheckedPolicy>();
  checked->tree = config::read_tree(files, directory, checked->sink);
  checked->policy = sema::resolve(checked->tree.policy, checked->tree.sources, checked->sink);
  compile::check_marks(checked->policy, checked->sink);
  return checked;
}

void print_diagnostics(Context& context, const CheckedPolicy& checked) {
  if (checked.sink.all().empty()) return;
  context.err << diag::render(checked.sink, checked.tree.sources, style_for(context.colour, STDERR_FILENO));
}

}  // namespace vuurmuur::cli
