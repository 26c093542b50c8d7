// SPDX-License-Identifier: GPL-2.0-or-later
// An apply that is killed: what it leaves lets no new connection in that neither generation does, and the next apply or
// clear mends it.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "apply/apply.h"
#include "machine.h"
#include "support/catch.h"
#include "unit/apply/rulesets.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

ir::Ruleset generation(std::uint16_t port) {
  ir::Ruleset ruleset = accepting_ports({port});
  for (const ir::TableName table : {ir::TableName::Raw, ir::TableName::Mangle, ir::TableName::Nat})
    add_prerouting_port(ruleset, table, port);
  ruleset.sysctls = {{.path = "net/ipv4/ip_forward", .value = port == 22 ? "0" : "1"}};
  return ruleset;
}

/// Applies in a process that kills itself when it is told of the n-th thing that is done; whether it came to that.
bool apply_and_die(const ir::Ruleset& ruleset, int n) {
  const pid_t child = ::fork();
  if (child == 0) {
    Options options;
    options.progress = [n](std::string_view) mutable {
      if (n-- == 0) ::kill(::getpid(), SIGKILL);
    };
    static_cast<void>(apply::apply(*make_kernel(), ruleset, options));
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status);
}

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE(
    "an apply killed at any moment leaves a guard, one generation or two side by side, and the next apply mends it") {
  const Machine machine;
  const auto kernel = make_kernel();
  REQUIRE(apply::apply(*kernel, generation(80)));
  const std::string wanted = saved();
  REQUIRE(apply::apply(*kernel, generation(22)));

  int moments = 0;
  while (apply_and_die(generation(80), moments)) {
    for (const std::string& save : {saved_ipv4(), saved_ipv6()}) {
      const bool is_guarded = count_of(save, "vuurmuur: applying") == 3;
      const bool is_whole = count_of(save, "--dport 80 ") == 0 || count_of(save, "--dport 22 ") == 0;
      const bool is_between = count_of(save, "VRMR-NEXT-") + count_of(save, "VRMR-TAG") != 0;
      CHECK((is_guarded || is_whole || is_between));
    }
    REQUIRE(apply::apply(*kernel, generation(80)));
    CHECK(saved() == wanted);
    REQUIRE(apply::apply(*kernel, generation(22)));
    ++moments;
  }
  // Eight tables, at least.
  CHECK(moments >= 8);
}

TEST_CASE("clear mends a killed apply and gives back the settings of before the first") {
  const Machine machine;
  const auto kernel = make_kernel();
  const auto forwarding = [] {
    std::ifstream file("/proc/sys/net/ipv4/ip_forward");
    std::string value;
    std::getline(file, value);
    return value;
  };
  REQUIRE(apply::apply(*kernel, generation(22)));
  const std::string before = forwarding();
  REQUIRE(apply_and_die(generation(80), 4));
  REQUIRE(apply::clear(*kernel));
  CHECK(forwarding() == before);
  for (const std::string& save : {saved_ipv4(), saved_ipv6()}) {
    CHECK(save.find("VRMR-") == std::string::npos);
    CHECK(save.find("vuurmuur") == std::string::npos);
  }
}
