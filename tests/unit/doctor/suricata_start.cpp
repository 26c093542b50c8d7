// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/suricata_start.h"

#include "base/memory_file_system.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::doctor;

TEST_CASE("a unit tells which queues Suricata reads") {
  const auto start = suricata_start_in(
      "[Service]\n# ExecStart=/usr/bin/suricata -q 9\nExecStart=/usr/bin/suricata -D -c /etc/s.yaml \\\n  -q 3 -q4:6 "
      "--runmode workers\n",
      "u");
  REQUIRE(start);
  CHECK(start->queues == std::vector<model::QueueRange>{{3, 3}, {4, 6}});
  CHECK(start->configuration == "/etc/s.yaml");
  CHECK(start->has_workers);
  CHECK(start->other_source.empty());
  CHECK(start->place == "u:3");
}

TEST_CASE("a unit that sniffs reads no queue") {
  const auto start = suricata_start_in("ExecStart=/usr/bin/suricata -D --af-packet -c /etc/s.yaml\n", "u");
  REQUIRE(start);
  CHECK(start->queues.empty());
  CHECK(start->other_source == "--af-packet");
}

TEST_CASE("an empty ExecStart takes back the one before, and other programs are none") {
  CHECK_FALSE(suricata_start_in("ExecStart=/usr/bin/suricata -q 1\nExecStart=\n", "u"));
  CHECK_FALSE(suricata_start_in("ExecStart=/usr/bin/other -q 1\n", "u"));
  CHECK_FALSE(suricata_start_in("ExecStart=/usr/bin/suricata-update -q 1\n", "u"));
}

TEST_CASE("Debian's variables tell a queue when it is to be read") {
  const auto start = suricata_start_in("RUN=no\nLISTENMODE=nfqueue\nNFQUEUE=\"2\"\n", "d");
  REQUIRE(start);
  CHECK(start->queues == std::vector<model::QueueRange>{{2, 2}});
  CHECK(start->place == "d:3");
  CHECK_FALSE(suricata_start_in("LISTENMODE=af-packet\nNFQUEUE=2\n", "d"));
}

TEST_CASE("a drop-in counts more than the unit, and the unit more than variables") {
  base::MemoryFileSystem files;
  files.files["/etc/default/suricata"] = "LISTENMODE=nfqueue\nNFQUEUE=0\n";
  files.files["/lib/systemd/system/suricata.service"] = "ExecStart=/usr/bin/suricata --af-packet\n";
  CHECK(read_suricata_start(files, suricata_start_files(files))->other_source == "--af-packet");
  files.files["/etc/systemd/system/suricata.service.d/queue.conf"] =
      "[Service]\nExecStart=\nExecStart=/usr/bin/suricata -q 5\n";
  CHECK(read_suricata_start(files, suricata_start_files(files))->queues == std::vector<model::QueueRange>{{5, 5}});
}
