// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/tree_recorder.h"

#include <cerrno>

#include "base/memory_file_system.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::control;

TEST_CASE("what was read is kept as it was read, and only that") {
  base::MemoryFileSystem files;
  files.files = {{"/t/a", "1"}, {"/t/b/c", "2"}, {"/t/unread", "3"}, {"/tree/x", "4"}};
  TreeRecorder recorder(files);
  for (const char* path : {"/t/a", "/t/b/c", "/tree/x"}) REQUIRE(recorder.read_file(path));
  CHECK_FALSE(recorder.read_file("/t/none"));
  files.files["/t/a"] = "changed";
  CHECK(recorder.below("/t") == std::map<std::string, std::string>{{"a", "1"}, {"b/c", "2"}});
  CHECK(recorder.below("/t/") == recorder.below("/t"));
  CHECK(recorder.replace_file("/t/a", "", 0600).error().code == EROFS);
}
