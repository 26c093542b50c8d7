// SPDX-License-Identifier: GPL-2.0-or-later
// The reader never crashes, hangs or gives up, whatever a file holds.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "base/file_system.h"
#include "config/tree.h"
#include "diag/render.h"
#include "support/catch.h"
#include "support/tree_blob.h"

namespace {

using namespace vuurmuur;
namespace fs = std::filesystem;

const fs::path kTrees[] = {fs::path(VM_TEST_DIR) / "trees", fs::path(VM_TEST_DIR).parent_path() / "config" / "samples"};

struct Sample {
  std::string root, path;  ///< path below the root
};

/// All trees below a directory, a tree being a directory that holds rules/rules.conf.
std::vector<fs::path> trees_below(const fs::path& directory) {
  std::vector<fs::path> result;
  if (!fs::exists(directory)) return result;
  for (const auto& entry : fs::recursive_directory_iterator(directory))
    if (entry.path().filename() == "rules.conf") result.push_back(entry.path().parent_path().parent_path());
  return result;
}

base::MemoryFileSystem load(const fs::path& tree) {
  base::MemoryFileSystem files;
  for (const auto& entry : fs::recursive_directory_iterator(tree)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    files.files[test::kBlobRoot + "/" + fs::relative(entry.path(), tree).string()] = {
        std::istreambuf_iterator<char>(file), {}};
  }
  return files;
}

/// Reads a tree and renders all that is said about it.
std::size_t survive(const base::FileSystem& files) {
  diag::Sink sink;
  const config::Tree tree = config::read_tree(files, test::kBlobRoot, sink);
  (void)diag::render(sink, tree.sources, diag::Style::Plain);
  return sink.all().size();
}

double seconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

TEST_CASE("every prefix of every sample file can be read") {
  std::size_t count = 0;
  for (const fs::path& directory : kTrees) {
    for (const fs::path& tree : trees_below(directory)) {
      const base::MemoryFileSystem whole = load(tree);
      for (const auto& [path, text] : whole.files) {
        // The file alone: the others say the same each time.
        base::MemoryFileSystem files;
        files.files[path];
        for (std::size_t size = 0; size <= text.size(); ++size) {
          files.files[path] = text.substr(0, size);
          survive(files);
          ++count;
        }
      }
    }
  }
  CHECK(count > 10000);
}

TEST_CASE("eight-bit garbage can be read, alone and inside of good files") {
  std::mt19937 engine(20240229);
  base::MemoryFileSystem good = load(fs::path(VM_TEST_DIR) / "trees" / "full");
  for (int round = 0; round < 300; ++round) {
    base::MemoryFileSystem files = good;
    for (auto& [path, text] : files.files) {
      if (engine() % 4 != 0) continue;
      for (std::size_t left = engine() % 20; left > 0; --left) {
        const std::size_t at = text.empty() ? 0 : engine() % text.size();
        if (engine() % 3 == 0)
          text.insert(at, 1, static_cast<char>(engine() % 256));
        else if (!text.empty())
          text[at] = static_cast<char>(engine() % 256);
      }
      if (engine() % 10 != 0) continue;
      for (char& c : text) c = static_cast<char>(engine() % 256);
    }
    survive(files);
  }
}

namespace {

constexpr const char* kComment = "RULE=\"accept service any from any to any options comment=\\\"";

/// Reads a tree whose rules begin with a line of that size, made of a beginning and a text again and again.
void survive_line(std::size_t size, const std::string& begin, const std::string& fill) {
  std::string text = begin;
  text.reserve(size + 100);
  while (text.size() < size) text += fill;
  text += "\"\nRULE=\"drop service any from any to any\"\n";
  base::MemoryFileSystem files = test::files_of_blob("");
  files.files["/tree/rules/rules.conf"] = std::move(text);
  survive(files);
}

}  // namespace

TEST_CASE("a line of 100 MB is read in linear time") {
  const std::string block(10000, 'x');
  CHECK(seconds([&] { survive_line(100'000'000, "", block); }) < 60);
  CHECK(seconds([&] { survive_line(100'000'000, kComment, block); }) < 60);
}

TEST_CASE("a long line is read in linear time, whatever it is") {
  for (const char* begin : {"", "RULE=\"", kComment})
    for (const char* fill :
         {"x", "\\\"", "\\", ",", "\"", "# ", "=", "log,", "log=\\\"1\\\",", "service ", "\xE6\x97\xA5", "\xFF", " "}) {
      INFO("begin '" << begin << "' fill '" << fill << "'");
      CHECK(seconds([&] { survive_line(100'000, begin, fill); }) < 30);
    }
}

TEST_CASE("many rules and many mistakes are read in linear time") {
  base::MemoryFileSystem files = test::files_of_blob("");
  std::string& text = files.files["/tree/rules/rules.conf"];
  for (int i = 0; i < 5000; ++i) text += "RULE=\"acept service http form lan to inet options lgo,limit=\\\"x\\\"\"\n";
  double taken = seconds([&] { CHECK(survive(files) == 20000); });
  CHECK(taken < 60);
  text = "RULE=\"accept service http from lan to inet options ";
  for (int i = 0; i < 20000; ++i) text += "log,";
  text += "\"\n";
  taken = seconds([&] { CHECK(survive(files) == 20000); });
  CHECK(taken < 60);
}
