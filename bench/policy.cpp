// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy.h"

#include "apply/set_support.h"
#include "compile/check_marks.h"
#include "config/tree.h"
#include "control/shape.h"
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

base::Result<ir::Ruleset> compile_for_kernel(const base::MemoryFileSystem& tree, apply::Backend backend) {
  const auto kernel = apply::make_kernel();
  apply::SetSupport sets(*kernel, backend);
  compile::Options options;
  options.shape = control::shape_for(backend);
  options.can_hold = [&sets](const ir::Set& set) { return sets.can_hold(set); };
  return compile_tree(tree, options);
}

base::Result<ir::Ruleset> compile_without_sets(const base::MemoryFileSystem& tree) {
  compile::Options options;
  options.can_hold = [](const ir::Set&) { return false; };
  return compile_tree(tree, options);
}

}  // namespace vuurmuur::bench
