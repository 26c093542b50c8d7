// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/kernel_findings.h"

#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::doctor;

namespace {

Finding only(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) UNSCOPED_INFO(text_of(finding, false));
  REQUIRE(findings.size() == 1);
  return findings[0];
}

constexpr KernelNeeds kQueues{.has_queues = true};

}  // namespace

TEST_CASE("a kernel that can do all has no findings") {
  CHECK(kernel_findings({.connections = 10, .most_connections = 1000, .counts_connections = true},
                        {.has_queues = true, .is_in_force = true})
            .empty());
}

TEST_CASE("queues are a matter of policies that queue") {
  const KernelFacts none{.has_queue_target = false, .has_queue_socket = false};
  CHECK(kernel_findings(none, {}).empty());
  const auto found = kernel_findings(none, kQueues);
  REQUIRE(found.size() == 2);
  CHECK(found[0].id == "kernel-queue-target");
  CHECK(found[0].severity == Severity::Error);
  CHECK(found[0].changes == std::vector{Change{"/etc/modules-load.d/vuurmuur.conf", "", "xt_NFQUEUE"}});
  CHECK(found[1].id == "kernel-queue-socket");
  CHECK(found[1].changes == std::vector{Change{"/etc/modules-load.d/vuurmuur.conf", "", "nfnetlink_queue"}});
  CHECK(kernel_findings(none, {.has_queues = true, .is_in_nft = true})[0].changes[0].to == "nft_queue");
}

TEST_CASE("what could not be tried is not said to be missing") {
  const Finding finding = only(kernel_findings({.untried = "not permitted", .has_queue_target = false}, kQueues));
  CHECK(finding.id == "kernel-untried");
  CHECK(finding.severity == Severity::Advice);
}

TEST_CASE("a table of connections that is nearly full") {
  CHECK(kernel_findings({.connections = 749, .most_connections = 1000}, {}).empty());
  const Finding warned = only(kernel_findings({.connections = 750, .most_connections = 1000}, {}));
  CHECK(warned.id == "conntrack-full");
  CHECK(warned.severity == Severity::Warning);
  CHECK(warned.changes[0].to == "net.netfilter.nf_conntrack_max = 2000");
  CHECK(only(kernel_findings({.connections = 950, .most_connections = 1000}, {})).severity == Severity::Error);
  CHECK(kernel_findings({.connections = 5, .most_connections = 0}, {}).empty());
}

TEST_CASE("accounting that is off though it is wished, while our rules are in force") {
  const KernelFacts off{.counts_connections = false};
  CHECK(only(kernel_findings(off, {.is_in_force = true})).id == "conntrack-accounting");
  CHECK(kernel_findings(off, {.is_in_force = false}).empty());
  CHECK(kernel_findings(off, {.is_in_force = true, .accounting = false}).empty());
}

TEST_CASE("helpers by port alone") {
  CHECK(only(kernel_findings({.assigns_helpers = true}, {})).id == "conntrack-helper");
}

TEST_CASE("marks that collide, and the mask that does not") {
  const ir::MarkLayout layout;
  CHECK(mark_findings({}, layout, "config.conf", true).empty());
  const apply::ForeignMark mark{.place = "iptables mangle ts-mark", .program = "tailscale", .bits = 0xff0000};
  const auto marks = apply::diagnose_marks({mark, mark}, layout);
  const Finding finding = only(mark_findings(marks, layout, "config.conf", true));
  CHECK(finding.severity == Severity::Error);
  CHECK(finding.what ==
        "rules of others use bits of our connection mark field 0x3ffff000: iptables mangle ts-mark (tailscale)");
  CHECK(finding.changes ==
        std::vector{Change{"config.conf", "CONNMARK_MASK=\"0x3ffff000\"", "CONNMARK_MASK=\"0x0000ffff\""}});
  CHECK(only(mark_findings(marks, layout, "config.conf", false)).changes.empty());
}
