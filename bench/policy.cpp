// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy.h"

#include "compile/check_marks.h"
#include "config/tree.h"
#include "sema/resolve.h"

namespace vuurmuur::bench {

base::Result<ir::Ruleset> compile_tree(const base::MemoryFileSystem& files, const compile::Options& options) {
  diag::Sink sink;
  const config::Tree tree = config::read_tree(files, "/tree", sink);
  const sema::Policy policy = sema::resolve(tree.policy, tree.sources, sink);
  compile::check_marks(policy, sink);
  if (sink.has_errors()) return base::failure("the generated tree has errors: " + sink.all().front().message);
  return compile::compile(policy, options).ruleset;
}

}  // namespace vuurmuur::bench
