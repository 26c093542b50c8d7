// SPDX-License-Identifier: GPL-2.0-or-later
// The text for nft, read by nft.
#include "backend/nft_text.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/unique_fd.h"
#include "lab/namespace.h"
#include "lab/run.h"
#include "queue_free.h"
#include "rulesets.h"
#include "support/catch.h"
#include "unit/backend/every_rule.h"

namespace vuurmuur::backend::nft {
namespace {

std::string text_of(const ir::Ruleset& ruleset, net::Family family) {
  return text(for_this_kernel(make_program(ruleset, family)));
}

void load(const std::string& text) {
  const auto finished = lab::run({"nft", "-f", "-"}, text);
  INFO(finished.output.substr(0, 2000));
  CHECK(finished.status == 0);
}

/// One packet from the machine to itself.
void send_to_itself() {
  const base::UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(9);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::sendto(socket.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 1);
}

}  // namespace

TEST_CASE("nft reads the text of every match and target, twice as well as once") {
  lab::enter_laboratory();
  for (const net::Family family : net::kFamilies) {
    const lab::NetNamespace space;
    const lab::Inside inside(space);
    const std::string text = text_of(backend_test::every_rule(family), family);
    load(text);
    const std::string once = lab::run_ok({"nft", "-n", "list", "ruleset"});
    CHECK(once.size() > 1000);
    load(text);
    CHECK(lab::run_ok({"nft", "-n", "list", "ruleset"}) == once);
  }
}

TEST_CASE("nft reads the text of every golden case") {
  lab::enter_laboratory();
  for (const std::string& name : golden_cases()) {
    INFO(name);
    const ir::Ruleset ruleset = compiled_golden(name);
    const lab::NetNamespace space;
    const lab::Inside inside(space);
    for (const net::Family family : net::kFamilies) load(text_of(ruleset, family));
  }
}

TEST_CASE("loading the text again keeps counters and what others put in their chains") {
  lab::enter_laboratory();
  const lab::NetNamespace space;
  const lab::Inside inside(space);
  const std::string text = text_of(compiled_golden("accept_to_firewall"), net::Family::Ipv4);
  load(text);
  lab::run_ok({"nft", "add", "rule", "ip", "vuurmuur", "filter_PRE-VRMR-INPUT", "iifname", "\"mine\"", "accept"});
  send_to_itself();
  const std::string before = lab::run_ok({"nft", "list", "ruleset"});
  load(text);
  CHECK(lab::run_ok({"nft", "list", "ruleset"}) == before);
  CHECK(before.find("iifname \"mine\" accept") != std::string::npos);
  // Sent and received; the answer that nobody listens is of a connection that is decided.
  const std::size_t loopback = before.find("comment \"loopback\"");
  REQUIRE(loopback != std::string::npos);
  CHECK(before.substr(before.find("packets", loopback), 18) == "packets 2 bytes 58");
}

}  // namespace vuurmuur::backend::nft
