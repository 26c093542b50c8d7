// SPDX-License-Identifier: GPL-2.0-or-later
#include "rulesets.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/memory_file_system.h"
#include "compile/compile.h"
#include "config/tree.h"
#include "sema/resolve.h"
#include "support/catch.h"

namespace vuurmuur::backend::nft {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = fs::path(VM_TEST_DIR) / "golden";

void overlay(const fs::path& directory, base::MemoryFileSystem& files) {
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file() || entry.path().filename().string().starts_with("expect.")) continue;
    std::ostringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    files.files["/tree/" + fs::relative(entry.path(), directory).string()] = text.str();
  }
}

}  // namespace

std::vector<std::string> golden_cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kGolden / "cases")) names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

ir::Ruleset compiled_golden(const std::string& name) {
  base::MemoryFileSystem files;
  overlay(kGolden / "base", files);
  overlay(kGolden / "cases" / name, files);
  diag::Sink sink;
  const config::Tree tree = config::read_tree(files, "/tree", sink);
  const sema::Policy policy = sema::resolve(tree.policy, tree.sources, sink);
  REQUIRE_FALSE(sink.has_errors());
  return compile::compile(policy, {}).ruleset;
}

}  // namespace vuurmuur::backend::nft
