// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/settings.h"

#include <cerrno>

#include "fake_kernel.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

const std::string kSaved = "/run/vuurmuur/sysctl.saved";

std::vector<std::string> write(FakeKernel& kernel, const std::vector<ir::Sysctl>& settings) {
  std::vector<std::string> warnings;
  REQUIRE(Settings(kernel, "/run/vuurmuur").write(settings, /*after_rules=*/false, warnings));
  return warnings;
}

}  // namespace

TEST_CASE("the value of before the first apply is kept over later ones and given back") {
  FakeKernel kernel;
  kernel.settings = {{"a", "0"}, {"b", "x y"}, {"c", "5"}};
  CHECK(write(kernel, {{.path = "a", .value = "1"}, {.path = "b", .value = "z"}, {.path = "c", .value = "5"}}).empty());
  CHECK(kernel.settings == std::map<std::string, std::string>{{"a", "1"}, {"b", "z"}, {"c", "5"}});
  CHECK(kernel.file_system.files.at(kSaved) == "a=0\nb=x y\n");
  write(kernel, {{.path = "a", .value = "2"}, {.path = "c", .value = "6"}});
  CHECK(kernel.file_system.files.at(kSaved) == "a=0\nb=x y\nc=5\n");
  std::vector<std::string> warnings;
  Settings(kernel, "/run/vuurmuur").give_back({}, warnings);
  CHECK(warnings.empty());
  CHECK(kernel.settings == std::map<std::string, std::string>{{"a", "0"}, {"b", "x y"}, {"c", "5"}});
  CHECK_FALSE(kernel.file_system.files.contains(kSaved));
}

TEST_CASE("a setting that is not wanted any more is given back, the others stay") {
  FakeKernel kernel;
  kernel.settings = {{"a", "0"}, {"b", "0"}};
  write(kernel, {{.path = "a", .value = "1"}, {.path = "b", .value = "1"}});
  std::vector<std::string> warnings;
  const std::vector<ir::Sysctl> wanted{{.path = "b", .value = "1"}};
  Settings(kernel, "/run/vuurmuur").give_back(wanted, warnings);
  CHECK(warnings.empty());
  CHECK(kernel.settings == std::map<std::string, std::string>{{"a", "0"}, {"b", "1"}});
  CHECK(kernel.file_system.files.at(kSaved) == "b=0\n");
}

TEST_CASE("a setting that the kernel does not have is a warning") {
  FakeKernel kernel;
  kernel.settings = {{"a", "0"}};
  CHECK(write(kernel, {{.path = "net/ipv4/conf/ppp0/rp_filter", .value = "1"}, {.path = "a", .value = "1"}}) ==
        std::vector<std::string>{"this kernel has no setting 'net/ipv4/conf/ppp0/rp_filter'; it was left out"});
  CHECK(kernel.settings.at("a") == "1");
}

TEST_CASE("nothing is written when the old values cannot be saved") {
  FakeKernel kernel;
  kernel.settings = {{"a", "0"}};
  kernel.file_system.fail_next_replace = ENOSPC;
  std::vector<std::string> warnings;
  const std::vector<ir::Sysctl> settings{{.path = "a", .value = "1"}};
  CHECK_FALSE(Settings(kernel, "/run/vuurmuur").write(settings, /*after_rules=*/false, warnings));
  CHECK(kernel.settings.at("a") == "0");
}

TEST_CASE("a setting that cannot be given back stays saved; one whose device is gone does not") {
  FakeKernel kernel;
  kernel.settings = {{"a", "0"}, {"b", "0"}, {"gone", "0"}};
  write(kernel, {{.path = "a", .value = "1"}, {.path = "b", .value = "1"}, {.path = "gone", .value = "1"}});
  kernel.settings.erase("gone");
  kernel.fault = [](const std::string& step) { return step == "write a" ? EROFS : 0; };
  std::vector<std::string> warnings;
  Settings(kernel, "/run/vuurmuur").give_back({}, warnings);
  CHECK(warnings == std::vector<std::string>{"write a: read-only file system"});
  CHECK(kernel.file_system.files.at(kSaved) == "a=0\n");
}
