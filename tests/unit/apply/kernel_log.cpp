// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/kernel_log.h"

#include "support/catch.h"

using namespace vuurmuur::apply;

TEST_CASE("a message of netfilter is taken out of its record") {
  CHECK(netfilter_message("6,1234,98765432,-;ip6t_REJECT: TCP_RESET illegal for non-tcp\n") ==
        "ip6t_REJECT: TCP_RESET illegal for non-tcp");
  CHECK(netfilter_message(
            "6,1,2,-,caller=T99;x_tables: ip_tables: tcp match: only valid for protocol 6\n SUBSYSTEM=net\n") ==
        "x_tables: ip_tables: tcp match: only valid for protocol 6");
}

TEST_CASE("what others or programs have written is not quoted") {
  CHECK_FALSE(netfilter_message("6,1234,98765432,-;usb 1-1: new high-speed USB device\n"));
  // Facility 1: a program wrote it into /dev/kmsg.
  CHECK_FALSE(netfilter_message("14,1234,98765432,-;xt_TCPMSS: not from the kernel\n"));
  CHECK_FALSE(netfilter_message("6,1234,98765432,-"));
  CHECK_FALSE(netfilter_message(";xt_TCPMSS: no priority"));
  CHECK_FALSE(netfilter_message(""));
}
