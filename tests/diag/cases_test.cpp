// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "config/tree.h"
#include "diag/render.h"
#include "support/catch.h"
#include "support/tree_blob.h"

namespace {

using namespace vuurmuur;
namespace fs = std::filesystem;

const fs::path kCases = fs::path(VM_TEST_DIR) / "diag" / "cases";

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<fs::path> case_files() {
  std::vector<fs::path> result;
  for (const auto& entry : fs::directory_iterator(kCases))
    if (entry.path().extension() == ".tree") result.push_back(entry.path());
  std::ranges::sort(result);
  return result;
}

struct Outcome {
  std::string text;
  std::set<std::string> codes;
};

Outcome read_case(const fs::path& path) {
  const auto files = test::files_of_blob(content_of(path));
  diag::Sink sink;
  const config::Tree tree = config::read_tree(files, test::kBlobRoot, sink);
  Outcome outcome{.text = diag::render(sink, tree.sources, diag::Style::Plain), .codes = {}};
  for (const auto& diagnostic : sink.all()) outcome.codes.insert(diagnostic.code);
  return outcome;
}

/// Every text of the layer's source that looks like a code: the first argument of what reports, or a default of it.
/// A source without white space behind opening parentheses: where lines are broken does not matter.
std::string joined(std::string text) {
  for (std::size_t at = text.find("(\n"); at != std::string::npos; at = text.find("(\n", at)) {
    const std::size_t next = text.find_first_not_of(" \n", at + 1);
    if (next == std::string::npos) break;
    text.erase(at + 1, next - at - 1);
  }
  return text;
}

std::set<std::string> codes_in_sources() {
  std::set<std::string> codes;
  for (const auto& entry : fs::directory_iterator(VM_CONFIG_SOURCES)) {
    const std::string text = joined(content_of(entry.path()));
    for (const std::string_view before :
         {"error(\"", "warning(\"", "code = \"", "? \"number", ": \"bad-", ", \"reversed"}) {
      for (std::size_t at = text.find(before); at != std::string::npos; at = text.find(before, at + 1)) {
        const std::size_t begin = text.find('"', at) + 1;
        codes.insert(text.substr(begin, text.find('"', begin) - begin));
      }
    }
  }
  return codes;
}

}  // namespace

TEST_CASE("each mistake in a tree gets its whole message") {
  const bool update = std::getenv("UPDATE_GOLDEN") != nullptr;
  for (const fs::path& path : case_files()) {
    fs::path expected_path = path;
    expected_path.replace_extension(".err");
    const std::string seen = read_case(path).text;
    if (update) std::ofstream(expected_path, std::ios::binary) << seen;
    INFO("case " << path.stem().string());
    CHECK(seen == content_of(expected_path));
  }
}

TEST_CASE("every code that the reader can report has a case") {
  std::set<std::string> seen;
  for (const fs::path& path : case_files()) seen.merge(read_case(path).codes);
  CHECK(seen == codes_in_sources());
}
