// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/suricata_config.h"

#include "base/memory_file_system.h"
#include "support/catch.h"

using namespace vuurmuur;
using doctor::SuricataConfig;

namespace {

SuricataConfig read(base::MemoryFileSystem& files, std::string text) {
  files.files["/s/suricata.yaml"] = std::move(text);
  auto config = SuricataConfig::read(files, "/s/suricata.yaml");
  REQUIRE(config);
  return *config;
}

SuricataConfig read(std::string text) {
  base::MemoryFileSystem files;
  return read(files, std::move(text));
}

}  // namespace

TEST_CASE("a section that comes again takes the place of the one before as a whole") {
  const auto config = read("nfq:\n  mode: accept\n  bypass-mark: 1\nstream:\n  memcap: 1mb\nnfq:\n  fail_open: yes\n");
  CHECK(config.find("nfq.mode") == nullptr);
  CHECK(config.is_true("nfq.fail-open"));
  CHECK(config.value("stream.memcap") == "1mb");
  CHECK(config.find("nfq.fail-open")->place == "/s/suricata.yaml:7");
}

TEST_CASE("a section with a name that another one begins with stays") {
  const auto config = read("nfq-other:\n  a: 1\nnfq:\n  b: 2\nnfq0: 3\nnfq:\n  c: 4\n");
  CHECK(config.value("nfq-other.a") == "1");
  CHECK(config.value("nfq0") == "3");
  CHECK(config.find("nfq.b") == nullptr);
}

TEST_CASE("included files stand where they are included, with places of their own") {
  base::MemoryFileSystem files;
  files.files["/s/one.yaml"] = "nfq:\n  mode: repeat\ninclude: /else/two.yaml\n";
  files.files["/else/two.yaml"] = "stream:\n  inline: no\n";
  files.files["/s/log.yaml"] = "level: info\n";
  const auto config =
      read(files, "nfq:\n  mode: accept\ninclude:\n  - one.yaml\n  - gone.yaml\nlogging: !include log.yaml\n");
  CHECK(config.value("nfq.mode") == "repeat");
  CHECK(config.find("nfq.mode")->place == "/s/one.yaml:2");
  CHECK(config.value("stream.inline") == "no");
  CHECK(config.value("logging.level") == "info");
  REQUIRE(config.unreadable().size() == 1);
  CHECK(config.unreadable()[0].find("/s/gone.yaml") != std::string::npos);
}

TEST_CASE("a file that includes itself ends") {
  base::MemoryFileSystem files;
  const auto config = read(files, "a: 1\ninclude: suricata.yaml\n");
  CHECK(config.value("a") == "1");
  CHECK(config.unreadable().size() == 1);
}

TEST_CASE("numbers are read as Suricata does") {
  const auto config = read("a: 0x10\nb: 010\nc: 10\nd: 10kb\ne: -1\n");
  CHECK(config.number("a") == 16);
  CHECK(config.number("b") == 8);
  CHECK(config.number("c") == 10);
  CHECK_FALSE(config.number("d"));
  CHECK_FALSE(config.number("e"));
  CHECK_FALSE(config.number("f"));
}

TEST_CASE("a change stands in the section that is there, and never begins it a second time") {
  const auto config = read("nfq:\n#  mode: accept\nstream:\n  memcap: 64mb\n  reassembly:\n    depth: 1mb\n");
  using doctor::Change;
  CHECK(config.change("nfq.fail-open", "no") == Change{"/s/suricata.yaml:1, in nfq", "", "  fail-open: no"});
  CHECK(config.change("stream.memcap", "1mb") == Change{"/s/suricata.yaml:4", "memcap: 64mb", "memcap: 1mb"});
  CHECK(config.change("stream.reassembly.urgent.policy", "drop") ==
        Change{"/s/suricata.yaml:5, in stream.reassembly", "", "    urgent:\n      policy: drop"});
  CHECK(config.change("host.memcap", "1") == Change{"/s/suricata.yaml", "", "host:\n  memcap: 1"});
  CHECK(config.change("runmode", "workers") == Change{"/s/suricata.yaml", "", "runmode: workers"});
}

TEST_CASE("a file that is not there, or no YAML, is an error with its name") {
  base::MemoryFileSystem files;
  files.files["/s/bad.yaml"] = "a: [1\n";
  CHECK_FALSE(SuricataConfig::read(files, "/s/none.yaml"));
  const auto bad = SuricataConfig::read(files, "/s/bad.yaml");
  REQUIRE_FALSE(bad);
  CHECK(bad.error().message.starts_with("/s/bad.yaml: line "));
}
