// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/suricata_findings.h"

#include <algorithm>

#include "base/memory_file_system.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::doctor;

namespace {

/// A configuration that goes well with need().
const std::string kGood =
    "nfq:\n  mode: accept\n  fail-open: no\n  bypass-mark: 1\n  bypass-mask: 1\n"
    "stream:\n  midstream: true\n  midstream-policy: ignore\n  inline: auto\n  bypass: yes\n";

QueueNeed need() {
  return {.range = {3, 3},
          .drop_urgent = true,
          .release = model::PacketMark{.value = 1, .mask = 1},
          .rule = "rule 1",
          .place = "rules/rules.conf:1",
          .line = "RULE=\"nfqueue service http from lan to inet options nfqueuenum=\\\"3\\\"\""};
}

struct Setup {
  std::string yaml = kGood;
  std::vector<QueueNeed> needs{need()};
  std::optional<SuricataStart> start = {};
  std::uint32_t saved_marks = 0;

  /// With another text in the place of one in the configuration.
  Setup& with(std::string_view from, std::string_view to) {
    const std::size_t at = yaml.find(from);
    REQUIRE(at != std::string::npos);
    yaml.replace(at, from.size(), to);
    return *this;
  }
  [[nodiscard]] std::vector<Finding> all() const {
    base::MemoryFileSystem files;
    files.files["/s.yaml"] = yaml;
    const auto config = SuricataConfig::read(files, "/s.yaml");
    REQUIRE(config);
    return suricata_findings({.config = *config, .needs = needs, .start = start, .saved_marks = saved_marks});
  }
  /// The only one that there is.
  [[nodiscard]] Finding only() const {
    const auto found = all();
    for (const Finding& finding : found) UNSCOPED_INFO(text_of(finding, false));
    REQUIRE(found.size() == 1);
    return found[0];
  }
};

bool is(const Finding& finding, std::string_view id, Severity severity) {
  INFO(text_of(finding, false));
  CHECK(finding.id == id);
  CHECK(finding.severity == severity);
  return finding.id == id && finding.severity == severity;
}

}  // namespace

TEST_CASE("a configuration that goes with the policy has no findings") { CHECK(Setup().all().empty()); }

TEST_CASE("a policy without queues asks nothing of Suricata") {
  Setup setup{.yaml = "nfq:\n  mode: repeat\n"};
  setup.needs.clear();
  setup.start = SuricataStart{.other_source = "--af-packet"};
  CHECK(setup.all().empty());
}

TEST_CASE("mode repeat without a mask lets everything pass") {
  const Finding finding = Setup().with("mode: accept", "mode: repeat").only();
  REQUIRE(is(finding, "suricata-repeat", Severity::Error));
  CHECK(finding.changes == std::vector{Change{"/s.yaml:2", "mode: repeat", "mode: accept"}});
}

TEST_CASE("mode repeat with a mark queues twice") {
  const Finding finding = Setup().with("mode: accept", "mode: repeat\n  repeat-mark: 2\n  repeat-mask: 2").only();
  CHECK(is(finding, "suricata-repeat", Severity::Warning));
}

TEST_CASE("mode route leads elsewhere, or round") {
  CHECK(is(Setup().with("mode: accept", "mode: route\n  route-queue: 9").only(), "suricata-route", Severity::Warning));
  CHECK(is(Setup().with("mode: accept", "mode: route\n  route-queue: 3").only(), "suricata-route", Severity::Error));
}

TEST_CASE("a mode that is none") {
  CHECK(is(Setup().with("mode: accept", "mode: drop").only(), "suricata-mode", Severity::Error));
}

TEST_CASE("a release that never comes because the marks differ") {
  const Finding other = Setup().with("bypass-mark: 1", "bypass-mark: 2").only();
  REQUIRE(is(other, "suricata-release", Severity::Warning));
  CHECK(other.changes[0] == Change{"/s.yaml:4", "bypass-mark: 2", "bypass-mark: 0x1"});
  const Finding none = Setup().with("  bypass-mark: 1\n  bypass-mask: 1\n", "").only();
  REQUIRE(is(none, "suricata-release", Severity::Warning));
  CHECK(none.changes[1] == Change{"/s.yaml:1, in nfq", "", "  bypass-mask: 0x1"});
}

TEST_CASE("a release asks for all bits of its mask, whatever the packet came with") {
  Setup setup;
  setup.needs[0].release = model::PacketMark{.value = 1, .mask = 3};
  CHECK(is(setup.only(), "suricata-release", Severity::Warning));
  setup.with("bypass-mask: 1", "bypass-mask: 3");
  CHECK(setup.all().empty());
}

TEST_CASE("a mark that no rule releases") {
  Setup setup;
  setup.needs[0].release.reset();
  const Finding finding = setup.only();
  REQUIRE(is(finding, "suricata-bypass-unheard", Severity::Warning));
  CHECK(finding.changes ==
        std::vector{Change{"rules/rules.conf:1",
                           "RULE=\"nfqueue service http from lan to inet options nfqueuenum=\\\"3\\\"\"",
                           "RULE=\"nfqueue service http from lan to inet options "
                           "nfqueuenum=\\\"3\\\",release=\\\"0x1/0x1\\\"\""}});
  setup.with("  bypass: yes\n", "");
  CHECK(is(setup.only(), "suricata-bypass-unheard", Severity::Advice));
  setup.with("  bypass-mask: 1\n", "");
  CHECK(setup.all().empty());
}

TEST_CASE("a release that Suricata makes no use of") {
  CHECK(is(Setup().with("bypass: yes", "bypass: no").only(), "suricata-bypass-off", Severity::Advice));
}

TEST_CASE("a bypass mask that is wider than it needs to be, and one that takes bits of nfmark") {
  Setup setup;
  setup.with("bypass-mask: 1", "bypass-mask: 0xff");
  CHECK(is(setup.only(), "suricata-bypass-wide", Severity::Advice));
  setup.needs[0].nfmark = model::PacketMark{.value = 0x10, .mask = 0xf0};
  const Finding finding = setup.only();
  REQUIRE(is(finding, "suricata-bypass-nfmark", Severity::Warning));
  CHECK(finding.changes == std::vector{Change{"/s.yaml:5", "bypass-mask: 0xff", "bypass-mask: 0xf"}});
}

TEST_CASE("a bypass mark that others copy into the field of queues") {
  Setup setup;
  setup.with("bypass-mark: 1", "bypass-mark: 0x1000").with("bypass-mask: 1", "bypass-mask: 0x1000");
  setup.needs[0].release = model::PacketMark{.value = 0x1000, .mask = 0x1000};
  CHECK(setup.all().empty());
  setup.saved_marks = UINT32_MAX;
  CHECK(is(setup.only(), "suricata-bypass-saved", Severity::Error));
}

TEST_CASE("fail-open and the rule's bypass say the same") {
  Setup setup;
  setup.with("fail-open: no", "fail-open: yes");
  CHECK(is(setup.only(), "suricata-fail-open", Severity::Warning));
  setup.needs[0].bypass = true;
  CHECK(setup.all().empty());
  setup.with("fail-open: yes", "fail-open: no");
  CHECK(is(setup.only(), "suricata-fail-closed", Severity::Advice));
}

TEST_CASE("connections that live when Suricata starts") {
  const Finding dropped = Setup().with("  midstream: true\n  midstream-policy: ignore\n", "").only();
  REQUIRE(is(dropped, "suricata-midstream", Severity::Warning));
  CHECK(dropped.why == "each start of Suricata ends all connections in its queues");
  CHECK(dropped.changes == std::vector{Change{"/s.yaml:6, in stream", "", "  midstream: true"},
                                       Change{"/s.yaml:6, in stream", "", "  midstream-policy: ignore"}});
  const Finding unseen = Setup().with("midstream: true", "midstream: false").only();
  REQUIRE(is(unseen, "suricata-midstream", Severity::Warning));
  CHECK(unseen.why.find("without inspection") != std::string::npos);
  CHECK(is(Setup().with("policy: ignore", "policy: pass-flow").only(), "suricata-midstream", Severity::Warning));
  CHECK(is(Setup().with("policy: ignore", "policy: drop-flow").only(), "suricata-midstream", Severity::Error));
  CHECK(Setup().with("  midstream-policy: ignore\n", "").all().empty());
}

TEST_CASE("memory that ends") {
  const Finding finding = Setup().with("  inline: auto\n", "  memcap-policy: ignore\n").only();
  REQUIRE(is(finding, "suricata-memcap", Severity::Warning));
  CHECK(finding.changes == std::vector{Change{"/s.yaml:9", "memcap-policy: ignore", "memcap-policy: drop-flow"}});
  Setup all;
  all.yaml += "exception-policy: pass-packet\n";
  const Finding master = all.only();
  REQUIRE(is(master, "suricata-memcap", Severity::Warning));
  CHECK(master.changes.size() == 4);
  all.with("pass-packet", "auto");
  CHECK(all.all().empty());
}

TEST_CASE("inspection behind the fact") {
  CHECK(is(Setup().with("inline: auto", "inline: no").only(), "suricata-inline", Severity::Error));
}

TEST_CASE("urgent data is read otherwise") {
  Setup setup;
  setup.needs[0].drop_urgent = false;
  CHECK(is(setup.only(), "suricata-urgent", Severity::Warning));
  setup.yaml += "  reassembly:\n    urgent:\n      policy: drop\n";
  CHECK(setup.all().empty());
}

TEST_CASE("the length of the queue") {
  Setup setup;
  setup.yaml += "max-pending-packets: 100\n";
  CHECK(is(setup.only(), "suricata-length", Severity::Warning));
  CHECK(is(setup.with("packets: 100", "packets: 70000").only(), "suricata-length", Severity::Error));
  CHECK(setup.with("packets: 70000", "packets: 256").all().empty());
}

TEST_CASE("verdicts in batches") {
  Setup setup;
  setup.with("mode: accept", "mode: accept\n  batchcount: 20");
  CHECK(is(setup.only(), "suricata-batch", Severity::Warning));
  setup.yaml += "runmode: workers\n";
  CHECK(setup.all().empty());
}

TEST_CASE("a start that reads no queue") {
  Setup setup;
  setup.start = SuricataStart{
      .other_source = "--af-packet", .place = "u:3", .line = "ExecStart=/usr/bin/suricata -D --af-packet -c /s.yaml"};
  const Finding finding = setup.only();
  REQUIRE(is(finding, "suricata-start", Severity::Error));
  CHECK(finding.changes == std::vector{Change{"u:3", "ExecStart=/usr/bin/suricata -D --af-packet -c /s.yaml",
                                              "ExecStart=/usr/bin/suricata -D -q 3 -c /s.yaml"}});
}

TEST_CASE("queues that it reads and those of the policy") {
  Setup setup;
  setup.needs[0].range = {3, 8};
  setup.start = SuricataStart{.queues = {{5, 6}, {3, 3}}, .place = "u:3", .line = "L"};
  const auto found = setup.all();
  REQUIRE(found.size() == 2);
  CHECK(is(found[0], "suricata-queues", Severity::Warning));
  CHECK(found[0].changes == std::vector{Change{"u:3", "L", "L -q 4"}});
  CHECK(found[1].changes == std::vector{Change{"u:3", "L", "L -q 7:8"}});

  setup.needs[0].range = {3, 3};
  setup.start->queues = {{3, 3}, {9, 9}};
  CHECK(is(setup.only(), "suricata-queues-unused", Severity::Advice));
}

TEST_CASE("queues of other programs are no matter of Suricata's configuration") {
  Setup setup;
  setup.needs[0].range = {9, 9};
  setup.start = SuricataStart{.queues = {{3, 3}}, .place = "u:3", .line = "L"};
  setup.yaml = "nfq:\n  mode: repeat\n";
  for (const Finding& finding : setup.all()) CHECK(finding.id.starts_with("suricata-queues"));
}

TEST_CASE("an include that cannot be read") {
  Setup setup;
  setup.yaml += "include: gone.yaml\n";
  CHECK(is(setup.only(), "suricata-include", Severity::Error));
}
