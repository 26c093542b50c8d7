// SPDX-License-Identifier: GPL-2.0-or-later
#include "history/store.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <thread>

#include "base/memory_file_system.h"
#include "history/store_lock.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::history;

namespace {

const std::string kDirectory = "/var/lib/vuurmuur";

Event event() { return {.time = 1764000000, .who = {.uid = 0, .user = "root", .from = {}}, .detail = {}}; }

void add(Store& store, const Files& configuration) {
  Journal journal = *store.read_journal();
  REQUIRE(store.write_configuration(journal.next, Store::packed_configuration(configuration)));
  begin(journal, "/etc/vuurmuur", "xtables", event());
  applied(journal, {}, event());
  REQUIRE(store.write_journal(journal));
}

const Files kFiles{{"config.conf", "LOG=\"1\"\n"},
                   {"zones/lan/zone.config", std::string("\0\xff\x80 x", 5)},
                   {"services/long", std::string(100000, 'x')},
                   {"empty", ""}};

}  // namespace

TEST_CASE("files come out of an archive byte by byte, and equal files give equal archives") {
  const Files files{{"a", ""}, {"b/c", std::string("\0\n\xff", 3)}, {std::string(200, 'd') + "/\xc3\xa9", "long"}};
  const auto archive = pack(files);
  REQUIRE(archive);
  CHECK(*unpack(*archive) == files);
  CHECK(*pack(files) == *archive);
  CHECK(unpack(*pack({}))->empty());
}

TEST_CASE("a damaged archive is refused") {
  const std::string archive = *pack(kFiles);
  CHECK_FALSE(unpack("no archive"));
  CHECK_FALSE(unpack(std::string_view(archive).substr(0, archive.size() / 2)));
}

TEST_CASE("a store that nobody wrote to has no generations") {
  base::MemoryFileSystem files;
  CHECK(*Store(files, kDirectory).read_journal() == Journal{});
}

TEST_CASE("a damaged journal is told with its place and what to do, and nothing is written over it") {
  base::MemoryFileSystem files;
  Store store(files, kDirectory);
  add(store, kFiles);
  std::string& journal = files.files[kDirectory + "/journal.json"];
  journal.resize(journal.size() / 2);
  const auto before = files.files;
  const auto read = store.read_journal();
  REQUIRE_FALSE(read);
  CHECK(read.error().message ==
        "the journal '/var/lib/vuurmuur/journal.json' cannot be used: line 13, column 14: the file ends in the middle; "
        "nothing was changed, and the rules in force stay. Put a copy that was saved in its place, or mend that line; or "
        "move journal.json and generations out of '/var/lib/vuurmuur' and apply anew");
  CHECK(files.files == before);
}

TEST_CASE("a generation is read as it was written") {
  base::MemoryFileSystem files;
  Store store(files, kDirectory);
  add(store, kFiles);
  CHECK(*store.read_configuration(1) == kFiles);
  CHECK(store.read_journal()->confirmed == 1);
  CHECK(store.read_configuration(2).error().code == ENOENT);
  REQUIRE(store.write_rules(1, Store::packed_rules("-A INPUT -j DROP\n")));
  REQUIRE(store.write_counters(1, "[]\n"));
  CHECK(*store.read_rules(1) == "-A INPUT -j DROP\n");
  CHECK(*store.read_counters(1) == "[]\n");
  CHECK(store.read_rules(2).error().code == ENOENT);
}

TEST_CASE("archives of forgotten generations are removed, others and strange files stay") {
  base::MemoryFileSystem files;
  Store store(files, kDirectory);
  for (std::size_t i = 0; i < kKeptGenerations + 3; ++i) add(store, {});
  files.files[kDirectory + "/generations/notes.txt"] = "mine";
  // Written, but the machine stopped before the journal named it.
  REQUIRE(store.write_configuration(kKeptGenerations + 4, Store::packed_configuration(kFiles)));
  add(store, kFiles);
  CHECK(store.read_configuration(4).error().code == ENOENT);
  CHECK(store.read_configuration(5));
  CHECK(files.files.contains(kDirectory + "/generations/notes.txt"));
  CHECK(store.read_journal()->generations.size() == kKeptGenerations);
}

TEST_CASE("a journal that cannot be written leaves the old one") {
  base::MemoryFileSystem files;
  Store store(files, kDirectory);
  add(store, kFiles);
  Journal journal = *store.read_journal();
  begin(journal, "/etc/vuurmuur", "xtables", event());
  files.fail_next_replace = ENOSPC;
  CHECK(store.write_journal(journal).error().code == ENOSPC);
  CHECK_FALSE(store.read_journal()->pending.has_value());
}

TEST_CASE("a journal that cannot be read is an error, not an empty one") {
  base::MemoryFileSystem files;
  Store store(files, kDirectory);
  files.files[kDirectory + "/journal.json"] = "{";
  CHECK(store.read_journal().error().code == EBADMSG);
  files.failing[kDirectory + "/journal.json"] = EIO;
  CHECK(store.read_journal().error().code == EIO);
}

TEST_CASE("one process at a time has the turn, and one that ended has it no more") {
  std::string directory = "/tmp/vuurmuur-lock.XXXXXX";
  REQUIRE(::mkdtemp(directory.data()) != nullptr);
  {
    const auto mine = take_store_lock(directory, Wait::No);
    REQUIRE(mine);
    CHECK(take_store_lock(directory, Wait::No).error().code == EWOULDBLOCK);
  }
  const pid_t child = ::fork();
  if (child == 0) {
    const auto taken = take_store_lock(directory, Wait::No);
    ::_exit(taken ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(take_store_lock(directory, Wait::Yes));
  ::unlink((directory + "/lock").c_str());
  ::rmdir(directory.c_str());
}

TEST_CASE("who has the turn for an instant only is in nobody's way") {
  std::string directory = "/tmp/vuurmuur-lock.XXXXXX";
  REQUIRE(::mkdtemp(directory.data()) != nullptr);
  auto glance = take_store_lock(directory, Wait::No);
  REQUIRE(glance);
  std::thread passing([&glance] {
    ::usleep(20'000);
    glance->reset();
  });
  CHECK(take_store_lock(directory, Wait::No));
  passing.join();
  ::unlink((directory + "/lock").c_str());
  ::rmdir(directory.c_str());
}

TEST_CASE("processes that come first at the same time have one lock") {
  for (int round = 0; round < 20; ++round) {
    std::string directory = "/tmp/vuurmuur-lock-XXXXXX";
    REQUIRE(::mkdtemp(directory.data()) != nullptr);
    // Each writes its number while it has the turn, and finds it again.
    std::vector<pid_t> children;
    for (int i = 0; i < 6; ++i) {
      const pid_t child = ::fork();
      if (child == 0) {
        const auto turn = take_file_lock(directory, "first.lock", Wait::Yes);
        base::RealFileSystem files;
        const std::string mine = std::to_string(::getpid());
        bool is_alone = turn && files.replace_file(directory + "/who", mine, 0600);
        ::usleep(300);
        is_alone = is_alone && files.read_file(directory + "/who") == mine;
        ::_exit(is_alone ? 0 : 1);
      }
      children.push_back(child);
    }
    for (const pid_t child : children) {
      int status = 0;
      REQUIRE(::waitpid(child, &status, 0) == child);
      CHECK(status == 0);
    }
    for (const char* name : {"/first.lock", "/who"}) ::unlink((directory + name).c_str());
    ::rmdir(directory.c_str());
  }
}
