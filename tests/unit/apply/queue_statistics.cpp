// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/queue_statistics.h"

#include "support/catch.h"

using namespace vuurmuur::apply;

TEST_CASE("the queues that proc tells are read, in the order of their numbers") {
  CHECK(parse_queue_statistics("65535 4294963195 4294967295 2 65531 4294967295     7 4294967295  1\n"
                               "    3   4711     5 2 65535    12     1     1234  1\n") ==
        std::vector<QueueStatistics>{{.number = 3,
                                      .port_id = 4711,
                                      .waiting = 5,
                                      .copy_mode = 2,
                                      .copy_range = 65535,
                                      .dropped = 12,
                                      .user_dropped = 1,
                                      .last_id = 1234},
                                     {.number = 65535,
                                      .port_id = 4294963195,
                                      .waiting = 4294967295,
                                      .copy_mode = 2,
                                      .copy_range = 65531,
                                      .dropped = 4294967295,
                                      .user_dropped = 7,
                                      .last_id = 4294967295}});
  CHECK(parse_queue_statistics("").empty());
}

TEST_CASE("lines that are no queue are left out") {
  CHECK(parse_queue_statistics("1 2 3 4 5 6 7 8\n1 2 3 4 5 6 7 8 9 10\n65536 2 3 2 5 6 7 8 1\n1 2 x 2 5 6 7 8 1\n\n").empty());
}
