// SPDX-License-Identifier: GPL-2.0-or-later
#include "edit/save.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "edit/lines.h"
#include "edit/objects.h"
#include "small_tree.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::edit;
using test::kRoot;
using test::SmallTree;

namespace {

const Object kRules{Kind::Rules, "rules"};

void append_rule(Draft& draft, const std::string& rule) {
  const std::string values[] = {rule};
  REQUIRE(modify_object(draft, kRules, "RULE", values, How::Append));
}

/// A tree on the disk.
class DiskTree {
 public:
  DiskTree() {
    std::string name = (std::filesystem::temp_directory_path() / "vuurmuur-edit-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root = name;
    for (const auto& [path, text] : SmallTree().files.files) {
      const std::string target = root + path.substr(std::string(kRoot).size());
      std::filesystem::create_directories(std::filesystem::path(target).parent_path());
      std::ofstream(target) << text;
    }
  }
  ~DiskTree() { std::filesystem::remove_all(root); }
  DiskTree(const DiskTree&) = delete;
  DiskTree& operator=(const DiskTree&) = delete;

  base::RealFileSystem files;
  std::string root;
};

/// A file system whose n-th change fails, and all behind it when it is broken for good.
class FailingFiles final : public base::FileSystem {
 public:
  FailingFiles(base::MemoryFileSystem& files, int fails_at, bool for_good)
      : files_(files), left_(fails_at), for_good_(for_good) {}
  [[nodiscard]] bool has_failed() const { return left_ <= 0; }

  base::Result<std::string> read_file(const std::string& path) const override { return files_.read_file(path); }
  base::Result<std::vector<std::string>> list_directory(const std::string& path) const override {
    return files_.list_directory(path);
  }
  base::Result<base::FileStatus> status(const std::string& path) const override { return files_.status(path); }
  base::Result<void> replace_file(const std::string& path, std::string_view content, std::uint32_t mode) override {
    if (fails()) return base::system_error("write '" + path + "'", ENOSPC);
    return files_.replace_file(path, content, mode);
  }
  base::Result<void> make_directories(const std::string& path, std::uint32_t mode) override {
    return files_.make_directories(path, mode);
  }
  base::Result<void> remove(const std::string& path) override {
    if (fails()) return base::system_error("remove '" + path + "'", EIO);
    return files_.remove(path);
  }

 private:
  bool fails() {
    --left_;
    return left_ == 0 || (left_ < 0 && for_good_);
  }
  base::MemoryFileSystem& files_;
  int left_;
  bool for_good_;
};

/// Renames a zone, which changes several files, on a tree whose n-th write fails, for each n that there is. `check` gets
/// the tree after each that failed and told so, and what it was before. Gives how many failed.
template <class Check>
int rename_with_each_fault(bool for_good, Check check) {
  for (int nth = 1;; ++nth) {
    SmallTree tree;
    const auto before = tree.files.files;
    Draft draft(tree.files, kRoot);
    REQUIRE(rename_object(draft, tree.files, {Kind::Zone, "inet"}, "out"));
    FailingFiles failing(tree.files, nth, for_good);
    const auto outcome = save(failing, Turn::alone(kRoot), draft.changes());
    if (!failing.has_failed()) {
      REQUIRE(outcome);
      CHECK(outcome->is_saved());
      return nth - 1;
    }
    INFO("write " << nth);
    // Directories that could not be removed only stay.
    if (!outcome) check(tree, before);
  }
}

}  // namespace

TEST_CASE("a file that somebody else changed meanwhile is not overwritten, and it is told what he did") {
  SmallTree tree;
  Draft mine(tree.files, kRoot);
  Draft other(tree.files, kRoot);
  append_rule(other, "drop service any from any to any");
  REQUIRE(tree.save(other)->is_saved());
  const std::string theirs = tree.text("rules/rules.conf");
  append_rule(mine, "accept service dns from inet to firewall");
  const auto outcome = tree.save(mine);
  REQUIRE(outcome);
  CHECK_FALSE(outcome->is_saved());
  REQUIRE(outcome->conflicts.size() == 1);
  CHECK(text_of(outcome->conflicts[0]) ==
        "--- rules/rules.conf as it was read\n"
        "+++ rules/rules.conf as it is now\n"
        "@@ -2,3 +2,4 @@\n"
        " RULE=\"accept service http from world.inet to firewall options in_int=\\\"nic\\\"\"\n"
        " RULE=\"Drop  service any from   web.world.inet to firewall\"   # for now\n"
        " RULE=\";accept service dns from servers.world.inet to inet\"\n"
        "+RULE=\"drop service any from any to any\"\n");
  CHECK(tree.text("rules/rules.conf") == theirs);
}

TEST_CASE("files that come and go meanwhile are conflicts as well") {
  SmallTree tree;
  Draft mine(tree.files, kRoot);
  REQUIRE(create_object(mine, {Kind::Service, "ssh"}));
  tree.put("services/ssh", "TCP=\"22\"\n");
  auto outcome = tree.save(mine);
  REQUIRE(outcome->conflicts.size() == 1);
  CHECK(text_of(outcome->conflicts[0]) == "--- no file\n+++ services/ssh as it is now\n@@ -0,0 +1 @@\n+TCP=\"22\"\n");
  Draft second(tree.files, kRoot);
  const std::string values[] = {"a name"};
  REQUIRE(modify_object(second, {Kind::Service, "ssh"}, "COMMENT", values, How::Overwrite));
  tree.files.files.erase(std::string(kRoot) + "/services/ssh");
  outcome = tree.save(second);
  REQUIRE(outcome->conflicts.size() == 1);
  CHECK_FALSE(outcome->conflicts[0].is_there);
  CHECK(tree.text("services/ssh") == "(no file)");
}

TEST_CASE("changes of others in other files are no conflict, but must go together with ours") {
  SmallTree tree;
  Draft mine(tree.files, kRoot);
  const std::string nobody[] = {"mail"};
  REQUIRE(modify_object(mine, {Kind::Group, "servers.world.inet"}, "MEMBER", nobody, How::Overwrite));
  Draft other(tree.files, kRoot);
  append_rule(other, "drop service any from any to any");
  REQUIRE(tree.save(other)->is_saved());
  CHECK(tree.save(mine)->is_saved());
  // Who deletes what somebody else begins to use.
  Draft deletes(tree.files, kRoot);
  deletes.remove("services/dns");
  Draft uses(tree.files, kRoot);
  append_rule(uses, "accept service dns from inet to firewall");
  REQUIRE(tree.save(uses)->is_saved());
  const auto outcome = tree.save(deletes);
  CHECK(outcome->conflicts.empty());
  CHECK(outcome->verdict.is_refused());
}

TEST_CASE("whatever write of a change of several files fails, everything is as it was") {
  const int writes = rename_with_each_fault(
      /*for_good=*/false, [](const SmallTree& tree, const auto& before) { CHECK(tree.files.files == before); });
  CHECK(writes > 10);
}

TEST_CASE("a disk that fails for good in the middle leaves a note, by which the next turn puts everything back") {
  int half_done = 0;
  rename_with_each_fault(/*for_good=*/true, [&](SmallTree& tree, const auto& before) {
    if (tree.files.files != before) ++half_done;
    REQUIRE(recover(tree.files, kRoot));
    CHECK(tree.files.files == before);
  });
  CHECK(half_done > 5);
}

TEST_CASE("what somebody else made of a half written file stays his") {
  SmallTree tree;
  Draft draft(tree.files, kRoot);
  REQUIRE(rename_object(draft, tree.files, {Kind::Service, "http"}, "web"));
  FailingFiles failing(tree.files, 3, /*for_good=*/true);
  REQUIRE_FALSE(save(failing, Turn::alone(kRoot), draft.changes()));
  tree.put("rules/rules.conf", "# all new\n");
  REQUIRE(recover(tree.files, kRoot));
  CHECK(tree.text("rules/rules.conf") == "# all new\n");
  CHECK(tree.text(".unfinished-edit") == "(no file)");
}

TEST_CASE("one editor waits for the other, for a time") {
  DiskTree tree;
  auto first = Turn::take(tree.files, tree.root);
  REQUIRE(first);
  const auto second = Turn::take(tree.files, tree.root + "/", std::chrono::milliseconds(20));
  REQUIRE_FALSE(second);
  CHECK(second.error().code == EWOULDBLOCK);
  CHECK(second.error().message == "another program is changing the configuration " + tree.root + " all the time");
  std::thread waiting([&] { CHECK(Turn::take(tree.files, tree.root)); });
  { const Turn over = std::move(*first); }
  waiting.join();
  CHECK(Turn::take(tree.files, tree.root + "/none").error().code == ENOENT);
}

TEST_CASE("nothing is lost when many edit the same file in turns") {
  DiskTree tree;
  constexpr std::size_t kEditors = 6, kEach = 10;
  std::vector<std::thread> editors;
  for (std::size_t editor = 0; editor < kEditors; ++editor)
    editors.emplace_back([&tree, editor] {
      for (std::size_t i = 0; i < kEach; ++i) {
        const auto turn = Turn::take(tree.files, tree.root);
        Draft draft(tree.files, tree.root);
        const std::string values[] = {"separator options comment=\"" + std::to_string(editor * kEach + i) + "\""};
        if (turn && modify_object(draft, kRules, "RULE", values, How::Append))
          static_cast<void>(save(tree.files, *turn, draft.changes()));
      }
    });
  for (std::thread& editor : editors) editor.join();
  const Draft draft(tree.files, tree.root);
  CHECK(lines_of(*draft.find("rules/rules.conf")).size() == 3 + kEditors * kEach);
}

TEST_CASE("new files may be read by whom their directory may be read") {
  DiskTree tree;
  const std::string hosts = tree.root + "/zones/inet/networks/world/hosts";
  REQUIRE(::chmod(hosts.c_str(), 0750) == 0);
  const auto turn = Turn::take(tree.files, tree.root);
  Draft draft(tree.files, tree.root);
  REQUIRE(create_object(draft, {Kind::Host, "new.world.inet"}));
  REQUIRE(save(tree.files, *turn, draft.changes())->is_saved());
  CHECK(tree.files.status(hosts + "/new.host")->mode == 0640);
}

TEST_CASE("who reads a tree in the middle of a change is told so") {
  SmallTree tree;
  Draft draft(tree.files, kRoot);
  REQUIRE(rename_object(draft, tree.files, {Kind::Zone, "inet"}, "out"));
  FailingFiles failing(tree.files, 6, /*for_good=*/true);
  REQUIRE_FALSE(save(failing, Turn::alone(kRoot), draft.changes()));
  const Draft reader(tree.files, kRoot);
  CHECK(
      std::ranges::any_of(reader.problems().all(), [](const auto& found) { return found.code == "unfinished-edit"; }));
  REQUIRE(recover(tree.files, kRoot));
  CHECK_FALSE(Draft(tree.files, kRoot).problems().has_errors());
}

TEST_CASE("a note that cannot be read stops the next turn, and nothing is touched") {
  SmallTree tree;
  const auto before = tree.files.files;
  for (const std::string& note :
       {std::string("garbage"), std::string("\x1f\x8b\x08\0\0", 5), std::string(2000, '\xff')}) {
    tree.put(".unfinished-edit", note);
    const auto recovered = recover(tree.files, kRoot);
    REQUIRE_FALSE(recovered);
    CHECK(recovered.error().message.find("/etc/vuurmuur/.unfinished-edit") != std::string::npos);
    tree.files.files.erase(std::string(kRoot) + "/.unfinished-edit");
    CHECK(tree.files.files == before);
  }
}
