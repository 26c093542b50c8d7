// SPDX-License-Identifier: GPL-2.0-or-later
#include "edit/audit.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::edit;

namespace {

struct Directory {
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "vuurmuur-audit-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Directory() { std::filesystem::remove_all(path); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  std::string path;
};

AuditEntry entry(const std::string& what) {
  return {.time = 1'700'000'000,
          .who = {.uid = 0, .user = "anna", .from = "192.0.2.7"},
          .program = "test",
          .directory = "/etc/vuurmuur",
          .what = what};
}

}  // namespace

TEST_CASE("what is noted is read again, whatever is in it") {
  const Directory directory;
  const base::RealFileSystem files;
  CHECK(read_audit(files, directory.path)->empty());
  const std::vector<AuditEntry> entries{entry("one"), entry("two \"lines\"\nand a bell \a")};
  for (const AuditEntry& one : entries) REQUIRE(append_audit(directory.path, one));
  CHECK(*read_audit(files, directory.path) == entries);
  CHECK(files.status(directory.path + "/audit.log")->mode == 0600);
}

TEST_CASE("half a line counts for nothing and spoils no other") {
  const Directory directory;
  const base::RealFileSystem files;
  REQUIRE(append_audit(directory.path, entry("one")));
  std::ofstream(directory.path + "/audit.log", std::ios::app) << "{\"time\":17";
  REQUIRE(append_audit(directory.path, entry("two")));
  CHECK(*read_audit(files, directory.path) == std::vector<AuditEntry>{entry("one"), entry("two")});
}

TEST_CASE("a log that is large is put aside") {
  const Directory directory;
  const base::RealFileSystem files;
  const std::string large(kAuditBytes, 'x');
  REQUIRE(append_audit(directory.path, entry(large)));
  REQUIRE(append_audit(directory.path, entry("two")));
  CHECK(files.status(directory.path + "/audit.log")->size < 1000);
  CHECK(*read_audit(files, directory.path) == std::vector<AuditEntry>{entry(large), entry("two")});
}

TEST_CASE("what is printed of an entry cannot write to the terminal") {
  CHECK(printable("a\x1b[2Jb\nc\xff"
                  "d\xc3\xa9") == "a?[2Jb?c?d\xc3\xa9");
}
