// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/consumer_text.h"

#include "base/memory_file_system.h"
#include "doctor/suricata_findings.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::doctor;

namespace {

/// What is found of the file that is written for these queues, when nothing else is set.
std::vector<Finding> findings_of(const std::vector<QueueNeed>& needs) {
  base::MemoryFileSystem files;
  files.files["/s/vuurmuur.yaml"] = suricata_include(needs, {});
  files.files["/s/suricata.yaml"] = "nfq:\n  mode: repeat\nstream:\n  inline: no\ninclude: vuurmuur.yaml\n";
  const auto config = SuricataConfig::read(files, "/s/suricata.yaml");
  REQUIRE(config);
  return suricata_findings({.config = *config, .needs = needs});
}

}  // namespace

TEST_CASE("nothing is wrong with a file that was written for the queues") {
  for (const bool bypass : {false, true})
    for (const bool urgent : {false, true})
      for (const bool release : {false, true}) {
        QueueNeed need{.range = {3, 5}, .bypass = bypass, .drop_urgent = urgent, .rule = "rule 1", .place = "rules:1"};
        if (release) need.release = model::PacketMark{.value = 0x20, .mask = 0x30};
        const auto found = findings_of({need});
        for (const Finding& finding : found) UNSCOPED_INFO(text_of(finding, false));
        CHECK(found.empty());
      }
}

TEST_CASE("each queue is started once, though ranges of rules overlap") {
  const std::vector<QueueNeed> needs{{.range = {3, 5}}, {.range = {4, 4}}, {.range = {5, 7}}, {.range = {9, 9}}};
  CHECK(suricata_include(needs, {}).find("suricata.yaml -q 3:5 -q 6:7 -q 9\n") != std::string::npos);
}

TEST_CASE("rules that release at different marks cannot all be served") {
  const std::vector<QueueNeed> needs{{.range = {3, 3}, .release = model::PacketMark{1, 1}},
                                     {.range = {4, 4}, .release = model::PacketMark{2, 2}}};
  CHECK(suricata_include(needs, {}).find("The rules release at different marks") != std::string::npos);
  const auto found = findings_of(needs);
  REQUIRE_FALSE(found.empty());
  CHECK(found[0].id == "suricata-release");
}

TEST_CASE("what any program behind the queues has to do") {
  const std::vector<QueueNeed> needs{
      {.range = {3, 5}, .release = model::PacketMark{1, 1}, .rule = "rule 1", .place = "p"}};
  const std::string text = consumer_contract(needs, {});
  CHECK(text.find("queues=-q 3:5\n") != std::string::npos);
  CHECK(text.find("flags=NFQA_CFG_F_GSO\n") != std::string::npos);
  CHECK(text.find("release_mark=0x1\nrelease_mask=0x1\n") != std::string::npos);
  CHECK(consumer_contract(std::vector<QueueNeed>{{.range = {3, 3}, .bypass = true}}, {})
            .find("NFQA_CFG_F_GSO|NFQA_CFG_F_FAIL_OPEN") != std::string::npos);
}

TEST_CASE("without queues there is nothing to write") {
  CHECK(suricata_include({}, {}) == "# No rule of the policy sends to a queue.\n");
  CHECK(consumer_contract({}, {}) == "# No rule of the policy sends to a queue.\n");
}
