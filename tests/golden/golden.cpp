// SPDX-License-Identifier: GPL-2.0-or-later
// Configuration trees and the rules they become, as whole texts.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "backend/ipset_save.h"
#include "backend/iptables_save.h"
#include "backend/nft_text.h"
#include "base/memory_file_system.h"
#include "compile/check_marks.h"
#include "compile/compile.h"
#include "config/tree.h"
#include "diag/render.h"
#include "names/index.h"
#include "prove/prove.h"
#include "prove/saved_diff.h"
#include "saved/read.h"
#include "sema/resolve.h"
#include "support/catch.h"

using namespace vuurmuur;
namespace fs = std::filesystem;

namespace {

const fs::path kDirectory = fs::path(VM_TEST_DIR) / "golden";

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void overlay(const fs::path& directory, base::MemoryFileSystem& files) {
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file() || entry.path().filename().string().starts_with("expect.")) continue;
    files.files["/tree/" + fs::relative(entry.path(), directory).string()] = read(entry.path());
  }
}

std::vector<fs::path> cases(const char* folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(kDirectory / folder)) paths.push_back(entry.path());
  std::ranges::sort(paths);
  return paths;
}

/// A case's tree, read, resolved and checked.
struct Checked {
  diag::Sink sink;
  config::Tree tree;
  sema::Policy policy;

  explicit Checked(const fs::path& path) {
    base::MemoryFileSystem files;
    overlay(kDirectory / "base", files);
    overlay(path, files);
    tree = config::read_tree(files, "/tree", sink);
    policy = sema::resolve(tree.policy, tree.sources, sink);
    compile::check_marks(policy, sink);
  }
  // The policy refers into the tree.
  Checked(const Checked&) = delete;
  Checked& operator=(const Checked&) = delete;
};

/// Compares with a file of the case, or rewrites it. A missing file stands for an empty text.
void compare(const fs::path& path, const std::string& text) {
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    if (text.empty())
      fs::remove(path);
    else
      std::ofstream(path, std::ios::binary) << text;
    return;
  }
  INFO("file " << path.filename());
  CHECK(text == (fs::exists(path) ? read(path) : std::string()));
}

std::string nft_text(const ir::Ruleset& ruleset) {
  std::string text;
  for (const net::Family family : net::kFamilies)
    text += backend::nft::text(backend::nft::make_program(ruleset, family, {.comments = false}));
  return text;
}

std::string sysctl_text(const ir::Ruleset& ruleset) {
  std::string text;
  for (const ir::Sysctl& sysctl : ruleset.sysctls)
    text += sysctl.path + " = " + sysctl.value + (sysctl.after_rules ? " (after the rules)\n" : "\n");
  return text;
}

}  // namespace

TEST_CASE("every golden case compiles to the same text") {
  const auto all = cases("cases");
  REQUIRE(all.size() > 40);
  for (const fs::path& path : all) {
    DYNAMIC_SECTION(path.filename().string()) {
      const Checked checked(path);
      compare(path / "expect.diag", diag::render(checked.sink, checked.tree.sources, diag::Style::Plain));
      REQUIRE_FALSE(checked.sink.has_errors());
      const compile::Output output = compile::compile(checked.policy, {.verify = true});
      CHECK(compile::compile(checked.policy, {.verify = true}).ruleset == output.ruleset);
      compare(path / "expect.v4", backend::iptables_save(output.ruleset, net::Family::Ipv4));
      compare(path / "expect.v6", backend::iptables_save(output.ruleset, net::Family::Ipv6));
      compare(path / "expect.nft", nft_text(output.ruleset));
      compare(path / "expect.sysctl", sysctl_text(output.ruleset));
    }
  }
}

TEST_CASE("every golden case is proven from its text") {
  for (const fs::path& path : cases("cases")) {
    DYNAMIC_SECTION(path.filename().string()) {
      const Checked checked(path);
      const compile::Output output = compile::compile(checked.policy, {.verify = true});
      prove::Emitted emitted;
      for (const net::Family family : net::kFamilies) {
        const std::array families{family};
        emitted.rules[static_cast<std::size_t>(family)] = backend::iptables_save(output.ruleset, family);
        emitted.sets[static_cast<std::size_t>(family)] = backend::ipset_save(output.ruleset, families);
      }
      const prove::Proof proof = prove::prove(checked.policy, emitted);
      diag::Sink sink;
      prove::tell(proof, names::Index::build(checked.tree.policy, checked.policy), sink);
      INFO(diag::render(sink, checked.tree.sources, diag::Style::Plain));
      CHECK(proof.doubts.empty());
      CHECK(proof.is_proven());
    }
  }
}

TEST_CASE("two saves of a golden case do the same with every packet, and with another queue they do not") {
  for (const fs::path& path : cases("cases")) {
    const std::string text = read(path / "expect.v4");
    // Chains of the other one have other names, and so no rule is the same word for word.
    const auto replaced = [](std::string where, const std::string& what, const std::string& by, std::size_t most) {
      for (std::size_t at = 0; most > 0 && (at = where.find(what, at)) != std::string::npos; at += by.size(), --most)
        where.replace(at, what.size(), by);
      return where;
    };
    const std::string renamed = replaced(text, "VRMR-", "ours-", SIZE_MAX);
    const auto diff = [&](const std::string& other, std::string& told) {
      diag::SourceMap sources;
      diag::Sink sink;
      const saved::Ruleset before = saved::read(sources.add("before", text), sources, sink),
                           after = saved::read(sources.add("after", other), sources, sink);
      prove::SavedDiff result = prove::diff(before, after, net::Family::Ipv4, sink);
      CHECK_FALSE(sink.has_errors());
      for (const prove::SavedDifference& row : result.rows) told += row.before + " / " + row.after + "\n";
      for (const std::string& why : result.not_modelled) told += "not compared: " + why + "\n";
      return result;
    };
    DYNAMIC_SECTION(path.filename().string()) {
      std::string told;
      const prove::SavedDiff same = diff(renamed, told);
      INFO(told);
      CHECK(same.is_equal());
      CHECK(same.unfinished == 0);
      const std::size_t at = renamed.find("--queue-num ");
      if (at == std::string::npos) continue;
      std::string edited = renamed, differs;
      edited.replace(at, edited.find_first_of(" \n", at + 12) - at, "--queue-num 4711");
      const prove::SavedDiff other = diff(edited, differs);
      INFO(differs);
      CHECK_FALSE(other.rows.empty());
      CHECK(other.not_modelled.empty());
      CHECK(other.unfinished == 0);
      CHECK(differs.find("to queue 4711") != std::string::npos);
    }
  }
}

TEST_CASE("every mistake in a policy is reported as the case says") {
  const auto all = cases("errors");
  REQUIRE(all.size() > 20);
  for (const fs::path& path : all) {
    DYNAMIC_SECTION(path.filename().string()) {
      const Checked checked(path);
      const std::string text = diag::render(checked.sink, checked.tree.sources, diag::Style::Plain);
      CHECK_FALSE(text.empty());
      compare(path / "expect.diag", text);
    }
  }
}

TEST_CASE("every diagnostic of the policy checks has a case") {
  // What needs thousands of files has its test in tests/cli/refusals.cpp.
  std::string reported = "\"too-many-rules\"";
  for (const fs::path& path : cases("errors")) {
    const Checked checked(path);
    for (const diag::Diagnostic& problem : checked.sink.all()) reported += "\"" + problem.code + "\"";
  }
  const fs::path library = fs::path(VM_TEST_DIR).parent_path() / "libvuurmuur";
  std::size_t found = 0;
  for (const char* layer : {"sema", "compile"}) {
    for (const auto& entry : fs::recursive_directory_iterator(library / layer)) {
      if (entry.path().extension() != ".cpp") continue;
      std::string source = read(entry.path());
      // Where lines are broken does not matter.
      std::erase_if(source, [](char c) { return c == '\n' || c == ' '; });
      for (const char* call : {"error(\"", "warning(\"", "refuse(\""}) {
        for (std::size_t at = source.find(call); at != std::string::npos; at = source.find(call, at + 1)) {
          const std::size_t begin = source.find('"', at);
          const std::string code = source.substr(begin, source.find('"', begin + 1) - begin + 1);
          INFO("code " << code << " in " << entry.path().filename());
          CHECK(reported.find(code) != std::string::npos);
          ++found;
        }
      }
    }
  }
  CHECK(found > 40);
}
