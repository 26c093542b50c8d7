// SPDX-License-Identifier: GPL-2.0-or-later
// What is shipped is good: samples, the services in them, and the defaults that config.conf tells of.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "helpers/program.h"
#include "helpers/tree.h"
#include "support/catch.h"

namespace fs = std::filesystem;
using vuurmuur::test::Outcome;
using vuurmuur::test::SmallTree;
using vuurmuur::test::TemporaryDirectory;

TEST_CASE("every sample tree is without errors and warnings, and compiles") {
  std::size_t count = 0;
  for (const auto& sample : fs::directory_iterator(VM_CONFIG_SOURCES "/samples")) {
    CAPTURE(sample.path());
    const TemporaryDirectory copy;
    for (const auto& file : fs::recursive_directory_iterator(sample.path()))
      if (file.is_regular_file()) copy.copy_file(file.path(), fs::relative(file.path(), sample.path()).string());
    const Outcome check = vuurmuur::test::vuurmuur({"check", "--overlaps", copy.path().string()});
    CHECK(check.status == 0);
    CHECK(check.err == "");
    CHECK(vuurmuur::test::vuurmuur({"compile", copy.path().string()}).status == 0);
    ++count;
  }
  CHECK(count == 3);
}

TEST_CASE("the services in the samples are the shipped ones") {
  for (const auto& file : fs::recursive_directory_iterator(VM_CONFIG_SOURCES "/samples")) {
    if (file.path().parent_path().filename() != "services") continue;
    CAPTURE(file.path());
    std::stringstream here, shipped;
    here << std::ifstream(file.path()).rdbuf();
    shipped << std::ifstream(fs::path(VM_CONFIG_SOURCES "/services") / file.path().filename()).rdbuf();
    CHECK(here.str() == shipped.str());
  }
}

TEST_CASE("the defaults that the shipped config.conf tells of are the ones in force") {
  const SmallTree tree;
  tree.write("config.conf", "");
  const Outcome without = vuurmuur::test::vuurmuur({"compile", tree.path().string()});
  REQUIRE(without.status == 0);
  std::ifstream shipped(VM_CONFIG_SOURCES "/config.conf");
  std::string settings;
  std::size_t count = 0;
  for (std::string line; std::getline(shipped, line);) {
    if (line.size() < 2 || line[0] != '#' || line[1] == ' ' || line.starts_with("#CONNMARK_FOREIGN")) continue;
    // Only examples have a host.
    if (line.starts_with("#BAIT=")) continue;
    settings += line.substr(1) + "\n";
    ++count;
  }
  CHECK(count > 20);
  tree.write("config.conf", settings);
  const Outcome with = vuurmuur::test::vuurmuur({"compile", tree.path().string()});
  CHECK(with.status == 0);
  CHECK(with.err == "");
  CHECK(with.out == without.out);
}
