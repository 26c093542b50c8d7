// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/queue_need.h"

#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::doctor;

TEST_CASE("a rule gets an option more") {
  QueueNeed need{.place = "rules/rules.conf:2", .line = "RULE=\"nfqueue service http from lan to inet\""};
  CHECK(with_option(need, "dropurg").to == "RULE=\"nfqueue service http from lan to inet options dropurg\"");
  need.line = with_option(need, "dropurg").to;
  CHECK(with_option(need, "bypass") == Change{"rules/rules.conf:2", need.line,
                                              "RULE=\"nfqueue service http from lan to inet options dropurg,bypass\""});
}

TEST_CASE("queues and marks by name") {
  CHECK(name_of(model::QueueRange{3, 3}) == "queue 3");
  CHECK(name_of(model::QueueRange{3, 5}) == "queues 3 to 5");
  CHECK(name_of(model::PacketMark{.value = 0x10, .mask = 0xf0}) == "0x10/0xf0");
}
