// SPDX-License-Identifier: GPL-2.0-or-later
// Kernel settings follow the rules: written with them, taken back with them, given back by clear.
#include <fstream>

#include "apply/apply.h"
#include "lab/run.h"
#include "machine.h"
#include "support/catch.h"
#include "unit/apply/rulesets.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

std::string setting(const std::string& path) {
  std::ifstream file("/proc/sys/" + path);
  std::string value;
  std::getline(file, value);
  return value;
}

const std::vector<ir::Sysctl> kSettings{{.path = "net/ipv4/conf/lo/rp_filter", .value = "2"},
                                        {.path = "net/ipv4/conf/nosuch0/rp_filter", .value = "1"},
                                        {.path = "net/ipv4/ip_forward", .value = "1", .after_rules = true}};

}  // namespace

TEST_CASE("settings are written, given back by clear, and one for a device that is not there is a warning") {
  const Machine machine;
  lab::write_setting("net/ipv4/ip_forward", "0");
  lab::write_setting("net/ipv4/conf/lo/rp_filter", "0");
  const auto kernel = make_kernel();
  ir::Ruleset ruleset = accepting_ports({22});
  ruleset.sysctls = kSettings;
  for (int i = 0; i < 2; ++i) {
    const auto report = apply::apply(*kernel, ruleset);
    REQUIRE(report);
    CHECK(report->warnings ==
          std::vector<std::string>{"this kernel has no setting 'net/ipv4/conf/nosuch0/rp_filter'; it was left out"});
    CHECK(setting("net/ipv4/conf/lo/rp_filter") == "2");
    CHECK(setting("net/ipv4/ip_forward") == "1");
  }
  const auto report = apply::clear(*kernel);
  REQUIRE(report);
  CHECK(report->warnings.empty());
  CHECK(setting("net/ipv4/conf/lo/rp_filter") == "0");
  CHECK(setting("net/ipv4/ip_forward") == "0");
}

TEST_CASE("a refused ruleset leaves the settings as they were") {
  const Machine machine;
  lab::write_setting("net/ipv4/ip_forward", "0");
  lab::write_setting("net/ipv4/conf/lo/rp_filter", "0");
  const auto kernel = make_kernel();
  ir::Ruleset ruleset = accepting_ports({22});
  ruleset.sysctls = kSettings;
  ChainBuilder(ruleset, net::Family::Ipv4, ir::TableName::Filter, "VRMR-INPUT")
      .add({.target = ir::RejectTarget{.with = ir::RejectTarget::With::TcpReset}}, "rule 1: reject any");
  REQUIRE_FALSE(apply::apply(*kernel, ruleset));
  CHECK(setting("net/ipv4/conf/lo/rp_filter") == "0");
  CHECK(setting("net/ipv4/ip_forward") == "0");
}

TEST_CASE("a value that the kernel refuses makes the apply fail and go back") {
  const Machine machine;
  const auto kernel = make_kernel();
  REQUIRE(apply::apply(*kernel, accepting_ports({22})));
  const std::string before = saved();
  ir::Ruleset ruleset = accepting_ports({80});
  ruleset.sysctls = {{.path = "net/ipv4/ip_forward", .value = "nonsense", .after_rules = true}};
  const auto report = apply::apply(*kernel, ruleset);
  REQUIRE_FALSE(report);
  CHECK(report.error().message == "write nonsense to '/proc/sys/net/ipv4/ip_forward': invalid argument");
  CHECK(saved() == before);
}
