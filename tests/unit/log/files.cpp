// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "log/log_file.h"
#include "log/stored_files.h"
#include "support/catch.h"

using namespace vuurmuur;
namespace fs = std::filesystem;

namespace {

/// A directory of its own that goes with the test.
struct Directory {
  fs::path path;
  Directory() {
    std::string name = (fs::temp_directory_path() / "vuurmuur-log-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Directory() { fs::remove_all(path); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  [[nodiscard]] std::string log() const { return (path / "traffic.log").string(); }
};

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> names(const std::string& path) {
  std::vector<std::string> found;
  const auto files = log::stored_files(path);
  REQUIRE(files.has_value());
  for (const log::StoredFile& each : *files) found.push_back(fs::path(each.path).filename().string());
  return found;
}

std::vector<std::string> lines(const std::string& path) {
  std::vector<std::string> found;
  REQUIRE(log::read_lines(path, [&](std::string_view line) {
            found.emplace_back(line);
            return true;
          }).has_value());
  return found;
}

}  // namespace

TEST_CASE("a file that reaches its limit makes room, and the oldest goes") {
  const Directory directory;
  log::LogFile file(directory.log(), {.bytes = 20, .kept = 2});
  for (const char* line : {"one------\n", "two------\n", "three----\n", "four-----\n", "five-----\n", "six------\n", "seven----\n"}) {
    file.add(line);
    REQUIRE(file.flush().has_value());
  }
  CHECK(read(directory.log()) == "seven----\n");
  CHECK(read(directory.log() + ".1") == "five-----\nsix------\n");
  CHECK(read(directory.log() + ".2") == "three----\nfour-----\n");
  CHECK(names(directory.log()).size() == 3);
  CHECK(file.take_left_out() == 0);
}

TEST_CASE("files that others compressed move on as well") {
  const Directory directory;
  std::ofstream(directory.log()) << "full\n";
  std::ofstream(directory.log() + ".1") << "first\n";
  std::ofstream(directory.log() + ".2.gz") << "second";
  log::LogFile file(directory.log(), {.bytes = 6, .kept = 3});
  file.add("new\n");
  REQUIRE(file.flush().has_value());
  CHECK(read(directory.log()) == "new\n");
  CHECK(read(directory.log() + ".1") == "full\n");
  CHECK(read(directory.log() + ".2") == "first\n");
  CHECK(read(directory.log() + ".3.gz") == "second");
}

TEST_CASE("after a reopening lines go into a new file") {
  const Directory directory;
  log::LogFile file(directory.log(), {});
  file.add("one\n");
  REQUIRE(file.flush().has_value());
  fs::rename(directory.log(), directory.log() + ".1");
  file.add("two\n");
  REQUIRE(file.flush().has_value());
  file.reopen();
  file.add("three\n");
  REQUIRE(file.flush().has_value());
  CHECK(read(directory.log() + ".1") == "one\ntwo\n");
  CHECK(read(directory.log()) == "three\n");
  struct stat status{};
  REQUIRE(::stat(directory.log().c_str(), &status) == 0);
  CHECK((status.st_mode & 07) == 0);
}

TEST_CASE("what cannot be written is counted, and the file keeps whole lines") {
  const Directory directory;
  log::LogFile file(directory.log(), {});
  file.add("one\n");
  REQUIRE(file.flush().has_value());
  // As a full disk: writing stops in the midst of a line.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  rlimit small = before;
  small.rlim_cur = 8;
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  file.add("a line that does not fit\n");
  file.add("another\n");
  CHECK_FALSE(file.flush().has_value());
  file.add("a third\n");
  CHECK(file.flush().has_value());  // said once
  CHECK_FALSE(file.is_writable());
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  CHECK(file.take_left_out() == 3);
  file.add("two\n");
  REQUIRE(file.flush().has_value());
  CHECK(file.is_writable());
  CHECK(read(directory.log()) == "one\ntwo\n");
}

TEST_CASE("no link is followed and no device written to") {
  const Directory directory;
  fs::create_symlink("/dev/null", directory.log());
  log::LogFile link(directory.log(), {});
  link.add("x\n");
  CHECK_FALSE(link.flush().has_value());
  log::LogFile device("/dev/null", {});
  device.add("x\n");
  CHECK_FALSE(device.flush().has_value());
}

TEST_CASE("old files come before newer ones, and those of others not at all") {
  const Directory directory;
  const auto touch = [&](const char* name, long seconds) {
    const fs::path path = directory.path / name;
    std::ofstream(path) << name << "\n";
    const timespec times[2] = {{.tv_sec = seconds, .tv_nsec = 0}, {.tv_sec = seconds, .tv_nsec = 0}};
    REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
  };
  touch("traffic.log", 100);
  touch("traffic.log.1", 400);
  touch("traffic.log.2.gz", 300);
  touch("traffic.log-20261101", 200);
  touch("traffic.log.swp", 350);
  touch("traffic.logbook", 350);
  CHECK(names(directory.log()) ==
        std::vector<std::string>{"traffic.log-20261101", "traffic.log.2.gz", "traffic.log.1", "traffic.log"});
  CHECK(names((directory.path / "nothing" / "traffic.log").string()).empty());
}

TEST_CASE("lines are read from plain and compressed files, long ones passed over") {
  const Directory directory;
  const std::string text = "one\n\n" + std::string(log::kLongestLine + 1, 'x') + "\nlast\nunfinished";
  std::ofstream(directory.log()) << text;
  const std::vector<std::string> expected{"one", "", "last"};
  CHECK(lines(directory.log()) == expected);
  REQUIRE(std::system(("gzip -k " + directory.log()).c_str()) == 0);
  CHECK(lines(directory.log() + ".gz") == expected);
  std::ofstream(directory.path / "empty.log").flush();
  CHECK(lines((directory.path / "empty.log").string()).empty());
  CHECK(lines((directory.path / "nothing.log").string()).empty());
  std::size_t count = 0;
  CHECK(log::read_lines(directory.log(), [&](std::string_view) { return ++count < 2; }).has_value());
  CHECK(count == 2);
}
