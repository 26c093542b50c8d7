// SPDX-License-Identifier: GPL-2.0-or-later
// The demo at a terminal.
#include <sys/wait.h>

#include "support/catch.h"
#include "tui/support/pty_program.h"

using namespace vuurmuur;
using namespace std::chrono_literals;

TEST_CASE("the demo ends by offering its firewall in vuurmuur_conf") {
  test::PtyProgram demo({VM_DEMO}, {.size = {.rows = 40, .columns = 120}});
  demo.wait_for("Enter opens this firewall in vuurmuur_conf", 120s);
  demo.press("Enter");
  demo.wait_for("Main", 60s);
  demo.wait_for("is in force");
  demo.press("r");
  demo.wait_for("What nobody needs");
  demo.press("Q");
  demo.wait_for("as the policy says");
  CHECK(WEXITSTATUS(demo.wait_for_end()) == 0);
}
