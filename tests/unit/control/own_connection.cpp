// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/own_connection.h"

#include "support/catch.h"

using namespace vuurmuur;
using control::connection_from_proc;
using control::connection_from_ssh;

TEST_CASE("SSH_CONNECTION is client and server with their ports") {
  const auto connection = connection_from_ssh("192.0.2.7 51234 198.51.100.1 22");
  REQUIRE(connection);
  CHECK(to_string(*connection) == "tcp 192.0.2.7:51234 > 198.51.100.1:22");
  const auto on_link = connection_from_ssh("fe80::7%eth0 51234 fe80::1%eth0 22");
  REQUIRE(on_link);
  CHECK(to_string(*on_link) == "tcp [fe80::7]:51234 > [fe80::1]:22");
  CHECK(control::to_ssh(*connection) == "192.0.2.7 51234 198.51.100.1 22");
  CHECK(connection_from_ssh(control::to_ssh(*on_link)) == on_link);
  CHECK(connection_from_ssh("::ffff:192.0.2.7 51234 198.51.100.1 22") == connection);
}

TEST_CASE("what is no SSH_CONNECTION gives none") {
  for (const char* text : {"", "192.0.2.7", "192.0.2.7 1 192.0.2.1", "192.0.2.7 x 192.0.2.1 22", "192.0.2.7 1 ::1 22",
                           "192.0.2.7 65536 192.0.2.1 22", "a 1 b 22"})
    CHECK_FALSE(connection_from_ssh(text));
}

TEST_CASE("the connection of a socket is found in proc's tables by its inode") {
  // As Linux on a machine with the low byte first writes them; the middle columns are not looked at.
  const std::string tcp =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "   0: 0100007F:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 100 1 0 0 0\n"
      "   1: 010200C0:0016 070200C0:C822 01 00000000:00000000 02:000A7214 00000000     0        0 200 2 0 0 0\n"
      "   2: 010200C0:0016 080200C0:C822 06 00000000:00000000 02:000A7214 00000000     0        0 300 2 0 0 0\n";
  const auto connection = connection_from_proc(tcp, 200);
  REQUIRE(connection);
  CHECK(to_string(*connection) == "tcp 192.0.2.7:51234 > 192.0.2.1:22");
  CHECK_FALSE(connection_from_proc(tcp, 100));  // listens
  CHECK_FALSE(connection_from_proc(tcp, 300));  // over
  CHECK_FALSE(connection_from_proc(tcp, 20));
  const std::string tcp6 =
      "   0: B80D0120000000000000000001000000:0016 B80D0120000000000000000007000000:C822 01 0:0 02:0 0 0 0 400 2\n"
      "   1: 0000000000000000FFFF0000010200C0:0016 0000000000000000FFFF0000070200C0:C822 01 0:0 02:0 0 0 0 500 2\n";
  CHECK(to_string(*connection_from_proc(tcp6, 400)) == "tcp [2001:db8::7]:51234 > [2001:db8::1]:22");
  CHECK(connection_from_proc(tcp6, 500) == connection);
  CHECK_FALSE(connection_from_proc("nonsense 0 0 0 0 0 0 0 0 400", 400));
}
