// SPDX-License-Identifier: GPL-2.0-or-later
// A statement that is not true of the rules refuses them, and what was in force stays.
#include "helpers/daemon_fixture.h"

using vuurmuur::test::DaemonFixture;
using vuurmuur::test::Firewall;
using vuurmuur::test::Outcome;

namespace {

constexpr const char* kBoth =
    "accept service http from world.inet to firewall\naccept service any from world.inet to firewall";

}  // namespace

TEST_CASE("an apply whose statements do not hold is refused, and the rules of before stay") {
  const Firewall firewall;
  firewall.tree.write("rules/assertions.conf", "world.inet can reach firewall service http\n");
  REQUIRE(firewall.apply().status == 0);
  const std::string before = vuurmuur::test::xtables_rules();
  firewall.tree.rules(kBoth);
  firewall.tree.write("rules/assertions.conf",
                      "world.inet can reach firewall service http\nmail.world.inet never reaches firewall\n");
  for (const std::vector<std::string>& options : {std::vector<std::string>{}, {"--dry-run"}}) {
    const Outcome refused = firewall.apply(options);
    INFO(refused.err);
    CHECK(refused.status == 2);
    CHECK(refused.err.find("rules/assertions.conf:2:1: error: this does not hold") != std::string::npos);
    CHECK(vuurmuur::test::xtables_rules() == before);
  }
  firewall.tree.rules("accept service http from world.inet to firewall");
  firewall.tree.write("rules/assertions.conf", "world.inet can reach firewall service http\n");
  CHECK(firewall.apply().status == 0);
}

TEST_CASE("an apply with a mistake in what alerts lead to is refused") {
  const Firewall firewall;
  firewall.tree.write("rules/responses.conf", "block sorce for 1h when any\n");
  const Outcome refused = firewall.apply();
  INFO(refused.err);
  CHECK(refused.status == 2);
  CHECK(refused.err.find("rules/responses.conf:1:7: error: expected 'source' or 'destination'") != std::string::npos);
  firewall.tree.write("rules/responses.conf", "block source for 1h when any\n");
  CHECK(firewall.apply().status == 0);
}

TEST_CASE("the daemon refuses them too, and a generation whose statements failed later comes back all the same") {
  DaemonFixture fixture;
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  const std::string before = vuurmuur::test::xtables_rules();
  fixture.firewall.tree.rules(kBoth);
  fixture.firewall.tree.write("rules/assertions.conf", "mail.world.inet never reaches firewall\n");
  const auto refused = fixture.call("Apply");
  INFO(refused.parameters.dump());
  CHECK_FALSE(refused.error.empty());
  CHECK(refused.parameters.dump().find("this does not hold") != std::string::npos);
  CHECK(vuurmuur::test::xtables_rules() == before);
  // What is in force is not judged by statements that were written later.
  REQUIRE(fixture.firewall.run({"restore"}).status == 0);
  CHECK(vuurmuur::test::xtables_rules() == before);
}
