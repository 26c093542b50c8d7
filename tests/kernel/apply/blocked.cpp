// SPDX-License-Identifier: GPL-2.0-or-later
// Live connections: those of blocked addresses end, those with a queue are found.
#include <set>

#include "apply/apply.h"
#include "base/strings.h"
#include "lab/run.h"
#include "machine.h"
#include "support/catch.h"
#include "unit/apply/rulesets.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

struct Flow {
  std::string source, destination;
  std::string reply_source = {}, reply_destination = {};
  std::string mark = "0";
};

void add(const Flow& flow) {
  std::vector<std::string> command{"conntrack", "-I",
                                   "-p",        "tcp",
                                   "--timeout", "600",
                                   "--state",   "ESTABLISHED",
                                   "-u",        "ASSURED,SEEN_REPLY",
                                   "--sport",   "1000",
                                   "--dport",   "80",
                                   "-s",        flow.source,
                                   "-d",        flow.destination,
                                   "-m",        flow.mark};
  if (!flow.reply_source.empty())
    for (const char* word : {"-r", flow.reply_source.c_str(), "-q", flow.reply_destination.c_str(), "--reply-port-src",
                             "80", "--reply-port-dst", "1000"})
      command.emplace_back(word);
  lab::run_ok(command);
}

/// Where the live connections of both families come from.
std::set<std::string> sources() {
  std::set<std::string> found;
  for (const char* family : {"ipv4", "ipv6"}) {
    const std::string listing = lab::run_ok({"conntrack", "-L", "-f", family});
    for (const std::string_view line : base::split(listing, '\n')) {
      const std::size_t begin = line.find("src=");
      if (begin != std::string_view::npos) found.emplace(line.substr(begin + 4, line.find(' ', begin) - begin - 4));
    }
  }
  return found;
}

}  // namespace

TEST_CASE("live connections of blocked addresses end in both directions and behind NAT; others go on") {
  const Machine machine;
  add({.source = "198.51.100.1", .destination = "192.0.2.1"});
  add({.source = "198.51.101.1", .destination = "192.0.2.1"});
  add({.source = "203.0.113.5", .destination = "192.0.2.1"});
  add({.source = "10.0.0.1",
       .destination = "192.0.2.1",
       .reply_source = "203.0.113.5",
       .reply_destination = "10.0.0.1"});
  add({.source = "10.0.0.2",
       .destination = "192.0.2.1",
       .reply_source = "192.0.2.1",
       .reply_destination = "203.0.113.6"});
  add({.source = "2001:db8:1::5", .destination = "2001:db8::1"});
  add({.source = "2001:db8:2::5", .destination = "2001:db8::1"});
  ir::Ruleset ruleset = accepting_ports({22});
  ruleset.blocked = {*net::Prefix::parse("198.51.100.0/24"), *net::Prefix::parse("203.0.113.4/30"),
                     *net::Prefix::parse("203.0.113.5"), *net::Prefix::parse("2001:db8:1::/48")};
  const auto report = apply::apply(*make_kernel(), ruleset);
  REQUIRE(report);
  CHECK(report->warnings.empty());
  CHECK(report->ended_connections == 5);
  CHECK(sources() == std::set<std::string>{"198.51.101.1", "2001:db8:2::5"});
}

TEST_CASE("queues of live connections are found by their marks, with the way of queueing now in force") {
  const Machine machine;
  const auto kernel = make_kernel();
  ir::Ruleset ruleset = accepting_ports({22});
  ChainBuilder(ruleset, net::Family::Ipv4, ir::TableName::Filter, "VRMR-INPUT")
      .add({.target = ir::NfqueueTarget{.first = 16, .last = 19, .bypass = true}}, "rule 2");
  REQUIRE(apply::apply(*kernel, ruleset));
  add({.source = "10.0.0.1", .destination = "192.0.2.1", .mark = "0x10010000"});
  add({.source = "10.0.0.2", .destination = "192.0.2.1", .mark = "0x50010fff"});
  add({.source = "10.0.0.3", .destination = "192.0.2.1", .mark = "0x1ffff000"});
  add({.source = "10.0.0.4", .destination = "192.0.2.1", .mark = "0x20007000"});
  add({.source = "10.0.0.5", .destination = "192.0.2.1", .mark = "0x00000001"});
  add({.source = "2001:db8::2", .destination = "2001:db8::1", .mark = "0x10005000"});
  const auto queues = apply::live_queues(*kernel, ir::MarkLayout());
  REQUIRE(queues);
  CHECK(*queues == std::vector<ir::NfqueueTarget>{{.first = 5, .last = 5},
                                                  {.first = 16, .last = 19, .bypass = true},
                                                  {.first = 65535, .last = 65535}});
}
