// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/file_system.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/memory_file_system.h"
#include "support/catch.h"

namespace {

using namespace vuurmuur::base;
using Names = std::vector<std::string>;

/// A directory that is removed at the end.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "vuurmuur-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string at(std::string_view name) const { return path_ + "/" + std::string(name); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Lets files grow to a size only, as a full disk would.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    handler_ = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = old_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    ::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit old_{};
  sighandler_t handler_;
};

}  // namespace

TEST_CASE("a replaced file has the new content and keeps its mode") {
  const Scratch scratch;
  RealFileSystem files;
  const std::string path = scratch.at("rules.conf");
  REQUIRE(files.replace_file(path, "old", 0640));
  CHECK(files.status(path)->mode == 0640);
  REQUIRE(files.replace_file(path, std::string(100000, 'x'), 0600));
  CHECK(files.read_file(path) == std::string(100000, 'x'));
  CHECK(files.status(path)->mode == 0640);
  CHECK(files.status(path)->size == 100000);
  CHECK(files.list_directory(scratch.path()) == Names{"rules.conf"});
}

TEST_CASE("replacing through a symbolic link changes what it leads to") {
  const Scratch scratch;
  RealFileSystem files;
  REQUIRE(files.replace_file(scratch.at("real"), "old", 0600));
  REQUIRE(::symlink("real", scratch.at("link").c_str()) == 0);
  REQUIRE(files.replace_file(scratch.at("link"), "new", 0600));
  CHECK(files.read_file(scratch.at("real")) == "new");
  CHECK(files.status(scratch.at("link"))->is_link);
  CHECK_FALSE(files.status(scratch.at("real"))->is_link);
}

TEST_CASE("a save that fails half-way leaves the old file whole and nothing beside it") {
  const Scratch scratch;
  RealFileSystem files;
  const std::string path = scratch.at("rules.conf");
  REQUIRE(files.replace_file(path, "old", 0600));
  Result<void> saved;
  {
    const FileSizeLimit limit(1000);
    saved = files.replace_file(path, std::string(5000, 'x'), 0600);
  }
  REQUIRE_FALSE(saved);
  CHECK(saved.error() == Error{"write '" + path + "': file too large", EFBIG});
  CHECK(files.read_file(path) == "old");
  CHECK(files.list_directory(scratch.path()) == Names{"rules.conf"});
}

TEST_CASE("a directory is not replaced by a file") {
  const Scratch scratch;
  RealFileSystem files;
  REQUIRE(files.make_directories(scratch.at("a/b/c")));
  REQUIRE(files.make_directories(scratch.at("a/b/c")));
  CHECK(files.replace_file(scratch.at("a"), "x", 0600).error().code == EISDIR);
  CHECK(files.replace_file(scratch.at("missing/file"), "x", 0600).error().code == ENOENT);
  CHECK(files.list_directory(scratch.path()) == Names{"a"});
  CHECK(files.status(scratch.at("a/b/c"))->kind == FileKind::Directory);
  CHECK(files.status(scratch.at("a/b/c"))->mode == 0700);
}

TEST_CASE("reading says why it failed") {
  const Scratch scratch;
  RealFileSystem files;
  CHECK(files.read_file(scratch.at("no")).error() ==
        Error{"read '" + scratch.at("no") + "': no such file or directory", ENOENT});
  CHECK(files.read_file(scratch.path()).error().code == EISDIR);
  CHECK(files.list_directory(scratch.at("no")).error().code == ENOENT);
  CHECK(files.status(scratch.at("no")).error().code == ENOENT);
  REQUIRE(::symlink("loop", scratch.at("loop").c_str()) == 0);
  CHECK(files.status(scratch.at("loop")).error().code == ELOOP);
  CHECK(files.read_file(scratch.at("loop")).error().code == ELOOP);
}

TEST_CASE("a named pipe is told from a file and does not hang the reader") {
  const Scratch scratch;
  RealFileSystem files;
  REQUIRE(::mkfifo(scratch.at("pipe").c_str(), 0600) == 0);
  CHECK(files.status(scratch.at("pipe"))->kind == FileKind::Other);
  CHECK(files.read_file(scratch.at("pipe")) == "");
}

TEST_CASE("a file that grows behind its size is read whole") {
  RealFileSystem files;
  const auto content = files.read_file("/proc/self/status");
  REQUIRE(content);
  CHECK(content->find("Name:") == 0);
  CHECK(content->ends_with('\n'));
}

TEST_CASE("files and empty directories are removed") {
  const Scratch scratch;
  RealFileSystem files;
  REQUIRE(files.make_directories(scratch.at("d")));
  REQUIRE(files.replace_file(scratch.at("d/f"), "", 0600));
  CHECK(files.remove(scratch.at("d")).error().code == ENOTEMPTY);
  CHECK(files.remove(scratch.at("d/f")));
  CHECK(files.remove(scratch.at("d")));
  CHECK(files.remove(scratch.at("d")).error().code == ENOENT);
}

TEST_CASE("the file system in memory behaves like the real one") {
  MemoryFileSystem files;
  REQUIRE(files.replace_file("/t/a/f", "1", 0600));
  REQUIRE(files.replace_file("/t/b", "22", 0600));
  CHECK(files.list_directory("/t") == Names{"a", "b"});
  CHECK(files.list_directory("/t/") == Names{"a", "b"});
  CHECK(files.list_directory("/") == Names{"t"});
  CHECK(files.list_directory("/t/b").error().code == ENOTDIR);
  CHECK(files.list_directory("/x").error().code == ENOENT);
  CHECK(files.status("/t/a")->kind == FileKind::Directory);
  CHECK(files.status("/t/b")->size == 2);
  CHECK(files.read_file("/t/a").error().code == EISDIR);
  CHECK(files.read_file("/t/x").error().code == ENOENT);
  CHECK(files.remove("/t/a").error().code == ENOTEMPTY);
  files.fail_next_replace = ENOSPC;
  CHECK(files.replace_file("/t/b", "333", 0600).error() == Error{"write '/t/b': no space left on device", ENOSPC});
  CHECK(files.read_file("/t/b") == "22");
  CHECK(files.replace_file("/t/b", "333", 0600));
  CHECK(files.read_file("/t/b") == "333");
}
