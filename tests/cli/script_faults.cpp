// SPDX-License-Identifier: GPL-2.0-or-later
// vuurmuur_script on a disk that is full, broken or read-only from the n-th call on, and killed at any system call.
// VUURMUUR_SCRIPT_KILLS=N kills N times instead of a few.
#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "helpers/fault_count.h"
#include "helpers/fault_injector.h"
#include "helpers/killer.h"
#include "helpers/program.h"
#include "helpers/tree.h"
#include "support/catch.h"
#include "support/number_from.h"

using namespace vuurmuur;
using namespace vuurmuur::test;

namespace {

namespace fs = std::filesystem;

using Contents = std::map<std::string, std::string>;

/// Every file and directory of a tree but the lock.
Contents contents_of(const fs::path& root) {
  Contents contents;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string name = entry.path().lexically_relative(root).string();
    if (name == ".lock") continue;
    std::stringstream text;
    if (entry.is_regular_file()) text << std::ifstream(entry.path()).rdbuf();
    contents[name] = entry.is_directory() ? "(directory)" : text.str();
  }
  return contents;
}

/// A room with a tree in it that can be made new.
struct Room {
  Room() {
    small.rules("accept service http from web.world.inet to inet");
    renew();
  }
  void renew() const {
    fs::remove_all(tree());
    fs::copy(small.path(), tree(), fs::copy_options::recursive);
  }
  [[nodiscard]] fs::path tree() const { return room.path() / "tree"; }
  [[nodiscard]] std::vector<std::string> words(std::vector<std::string> words) const {
    words.insert(words.begin(), {"-c", tree().string()});
    return words;
  }
  /// What the tree is when it is done.
  [[nodiscard]] Contents done(const std::vector<std::string>& words) const {
    renew();
    REQUIRE(vuurmuur::test::vuurmuur({.arguments = words, .program = VM_SCRIPT}).status == 0);
    Contents contents = contents_of(tree());
    renew();
    return contents;
  }

  SmallTree small;
  TemporaryDirectory room;
};

const std::vector<std::string> kRename{"-R", "-z", "inet", "-S", "outside"};

}  // namespace

TEST_CASE("whatever call on the disk fails, a change is done or told not to be, whole, and nothing is left over") {
  const Room room;
  const Contents before = contents_of(room.tree());
  FaultCount count;
  for (const auto& words : std::vector<std::vector<std::string>>{kRename,
                                                                 {"-C", "-z", "dmz"},
                                                                 {"-M", "-r", "rules", "-S", "separator", "-A"},
                                                                 {"-D", "-o", "mail.world.inet"}}) {
    const auto all_words = room.words(words);
    const Contents after = room.done(all_words);
    REQUIRE(after != before);
    for (const int error : {ENOSPC, EIO, EROFS})
      for (std::size_t nth = 1;; ++nth) {
        room.renew();
        const FaultyRun run = run_with_fault(all_words, room.room.path().string(), nth, error, VM_SCRIPT);
        if (!run.has_failed) break;
        count.add(run);
        CAPTURE(words, nth, error, run.call, run.status, run.err);
        if (run.status == 0) {
          CHECK(contents_of(room.tree()) == after);
          CHECK((run.err.empty() || run.err.find("warning: the audit log has no note") != std::string::npos));
        } else {
          CHECK(run.status == 2);
          CHECK(run.err.find("error: ") != std::string::npos);
          CHECK(contents_of(room.tree()) == before);
        }
      }
  }
  WARN(count.text("done"));
  CHECK(count.refused() > 50);
}

TEST_CASE("a script that is killed in the middle leaves the old configuration or the new one, after the next turn") {
  const Room room;
  const Contents before = contents_of(room.tree());
  const auto words = room.words(kRename);
  const Contents after = room.done(words);
  const std::string state = room.room.path().string();
  const std::size_t calls = run_and_kill(words, state, 1'000'000, VM_SCRIPT).syscalls;
  const std::size_t kills = number_from("VUURMUUR_SCRIPT_KILLS", 60);
  // The files are written in the last half of the calls.
  const std::size_t first = calls / 2, step = std::max<std::size_t>(1, (calls - first) / kills);
  unsigned old_ones = 0, new_ones = 0, half = 0;
  for (std::size_t nth = first; nth <= calls; nth += step) {
    room.renew();
    const KilledRun run = run_and_kill(words, state, nth, VM_SCRIPT);
    if (!run.is_killed) break;
    CAPTURE(nth, calls);
    const Contents left = contents_of(room.tree());
    if (left != before && left != after) ++half;
    // Any turn puts it in order: this one finds nothing to do.
    const Outcome next = vuurmuur::test::vuurmuur(
        {.arguments = room.words({"--unblock", "198.51.100.1", "--no-apply"}), .program = VM_SCRIPT});
    CHECK(next.status == 3);
    Contents now = contents_of(room.tree());
    // What it was writing as it was killed stays beside the files, hidden.
    std::erase_if(now, [](const auto& entry) { return fs::path(entry.first).filename().string().starts_with('.'); });
    // Directories that are empty stay where a kill was between the last file and them.
    const auto files_of = [](Contents contents) {
      std::erase_if(contents, [](const auto& entry) { return entry.second == "(directory)"; });
      return contents;
    };
    if (files_of(now) == files_of(after)) {
      ++new_ones;
    } else {
      CHECK(files_of(now) == files_of(before));
      ++old_ones;
    }
  }
  WARN(fmt::format(
      "killed at {} of {} system calls: {} times half done, then {} times the old one, {} times the new one",
      old_ones + new_ones, calls, half, old_ones, new_ones));
  CHECK(half > 0);
  CHECK(old_ones > 0);
}
