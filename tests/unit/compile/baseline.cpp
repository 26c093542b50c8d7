// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile/baseline.h"

#include "ir/evaluate.h"
#include "ir/marks.h"
#include "ir/verify.h"
#include "support/catch.h"

using namespace vuurmuur;

namespace {

net::Address address(const char* text) { return *net::Address::parse(text); }

ir::Fate fate_of(const ir::Ruleset& ruleset, ir::Hook hook, const char* source, const char* destination,
                 net::Protocol protocol, std::uint16_t from, std::uint16_t to, const char* device = "eth0") {
  ir::Evaluator evaluator(ruleset, {.layout = ruleset.marks, .foreign = [](net::Family, std::string_view) {
                                      return ir::ForeignChain::Returns;
                                    }});
  ir::Opening opening{.family = address(source).family,
                      .hook = hook,
                      .source = address(source),
                      .destination = address(destination),
                      .protocol = protocol,
                      .source_port = from,
                      .destination_port = to};
  (hook == ir::Hook::Output ? opening.out : opening.in) = evaluator.device(device);
  if (hook == ir::Hook::Forward) opening.out = evaluator.device("eth1");
  return evaluator.decide(opening).fate;
}

}  // namespace

TEST_CASE("the baseline admits what a machine cannot live without, and its management") {
  const ir::Ruleset ruleset =
      compile::baseline({*net::Prefix::parse("192.0.2.0/28"), *net::Prefix::parse("2001:db8::7/128")});
  CHECK(ir::verify(ruleset, ruleset.marks.mask()).empty());
  using enum net::Protocol;
  using ir::Fate;
  using ir::Hook;
  CHECK(fate_of(ruleset, Hook::Input, "192.0.2.7", "198.51.100.1", Tcp, 50000, 22) == Fate::Admitted);
  CHECK(fate_of(ruleset, Hook::Input, "2001:db8::7", "2001:db8::1", Tcp, 50000, 22) == Fate::Admitted);
  CHECK(fate_of(ruleset, Hook::Input, "192.0.2.16", "198.51.100.1", Tcp, 50000, 22) == Fate::Refused);
  CHECK(fate_of(ruleset, Hook::Input, "2001:db8::8", "2001:db8::1", Tcp, 50000, 22) == Fate::Refused);
  CHECK(fate_of(ruleset, Hook::Forward, "192.0.2.7", "198.51.100.1", Tcp, 50000, 22) == Fate::Refused);
  CHECK(fate_of(ruleset, Hook::Output, "198.51.100.1", "192.0.2.7", Tcp, 50000, 22) == Fate::Refused);
  CHECK(fate_of(ruleset, Hook::Output, "0.0.0.0", "255.255.255.255", Udp, 68, 67) == Fate::Admitted);
  CHECK(fate_of(ruleset, Hook::Input, "192.0.2.99", "255.255.255.255", Udp, 67, 68) == Fate::Admitted);
  CHECK(fate_of(ruleset, Hook::Output, "fe80::1", "ff02::1:2", Udp, 546, 547) == Fate::Admitted);
  CHECK(fate_of(ruleset, Hook::Input, "127.0.0.1", "127.0.0.1", Tcp, 50000, 25, "lo") == Fate::Admitted);
}
