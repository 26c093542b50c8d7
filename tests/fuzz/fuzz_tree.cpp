// SPDX-License-Identifier: GPL-2.0-or-later
// A whole tree (support/tree_blob.h): reading, rendering and writing it never fails, and what is written without being
// changed is what was read.
#include <cstdint>

#include "base/assert.h"
#include "config/tree.h"
#include "config/write.h"
#include "diag/render.h"
#include "support/tree_blob.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vuurmuur;
  const auto files = test::files_of_blob({reinterpret_cast<const char*>(data), size});
  diag::Sink sink;
  const config::Tree tree = config::read_tree(files, test::kBlobRoot, sink);
  VM_ASSERT(!diag::render(sink, tree.sources, diag::Style::Colour).empty() || sink.all().empty());
  VM_ASSERT(!diag::render_json(sink, tree.sources).empty());
  for (const auto& [path, document] : config::write_policy(tree, tree.policy)) {
    const auto old = tree.documents.find(path);
    if (old != tree.documents.end()) VM_ASSERT(document.to_text() == old->second.to_text());
  }
  return 0;
}
