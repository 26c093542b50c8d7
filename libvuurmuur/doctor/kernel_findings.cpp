// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/kernel_findings.h"

#include <fmt/format.h>

namespace vuurmuur::doctor {
namespace {

constexpr const char* kModules = "/etc/modules-load.d/vuurmuur.conf";
constexpr const char* kSysctl = "/etc/sysctl.d/60-vuurmuur.conf";

std::string whose(const apply::ForeignMark& mark) {
  return mark.program.empty() ? mark.place : fmt::format("{} ({})", mark.place, mark.program);
}

void find_queues(const KernelFacts& facts, const KernelNeeds& needs, std::vector<Finding>& findings) {
  if (!needs.has_queues) return;
  if (!facts.untried.empty()) {
    findings.push_back({.severity = Severity::Advice,
                        .id = "kernel-untried",
                        .what = "whether the kernel can queue could not be tried: " + facts.untried,
                        .why = "as root it can"});
    return;
  }
  if (!facts.has_queue_target)
    findings.push_back({.severity = Severity::Error,
                        .id = "kernel-queue-target",
                        .what = needs.is_in_nft ? "nf_tables of this kernel has no queue expression"
                                                : "this kernel has no target NFQUEUE",
                        .why = "rules that queue cannot be loaded",
                        .changes = {{.place = kModules, .to = needs.is_in_nft ? "nft_queue" : "xt_NFQUEUE"}}});
  if (!facts.has_queue_socket)
    findings.push_back({.severity = Severity::Error,
                        .id = "kernel-queue-socket",
                        .what = "no program can listen to queues: the kernel has no nfnetlink_queue",
                        .why = "each packet that is queued is dropped, or passes without inspection",
                        .changes = {{.place = kModules, .to = "nfnetlink_queue"}}});
}

void find_connections(const KernelFacts& facts, const KernelNeeds& needs, std::vector<Finding>& findings) {
  if (facts.connections && facts.most_connections && *facts.most_connections != 0) {
    const std::uint64_t most = *facts.most_connections, percent = *facts.connections * 100 / most;
    if (percent >= 75)
      findings.push_back(
          {.severity = percent >= 95 ? Severity::Error : Severity::Warning,
           .id = "conntrack-full",
           .what = fmt::format("{} of at most {} connections are tracked, {} %", *facts.connections, most, percent),
           .why = "when the table is full, packets of new connections are dropped",
           .changes = {{.place = kSysctl,
                        .from = fmt::format("net.netfilter.nf_conntrack_max = {}", most),
                        .to = fmt::format("net.netfilter.nf_conntrack_max = {}", most * 2)}}});
  }
  if (needs.is_in_force && needs.accounting && facts.counts_connections == false)
    findings.push_back({.severity = Severity::Warning,
                        .id = "conntrack-accounting",
                        .what = "connections are not counted, though CONNTRACK_ACCOUNTING says so",
                        .why = "somebody has switched it off; the lists and logs of connections tell no bytes",
                        .changes = {{.place = kSysctl,
                                     .from = "net.netfilter.nf_conntrack_acct = 0",
                                     .to = "net.netfilter.nf_conntrack_acct = 1"}}});
  if (facts.assigns_helpers)
    findings.push_back(
        {.severity = Severity::Warning,
         .id = "conntrack-helper",
         .what = "the kernel gives every connection to a helper by its port alone",
         .why = "who sends such a protocol from outside opens ports; rules with a helper do it for their own",
         .changes = {{.place = kSysctl,
                      .from = "net.netfilter.nf_conntrack_helper = 1",
                      .to = "net.netfilter.nf_conntrack_helper = 0"}}});
}

}  // namespace

std::vector<Finding> kernel_findings(const KernelFacts& facts, const KernelNeeds& needs) {
  std::vector<Finding> findings;
  find_queues(facts, needs, findings);
  find_connections(facts, needs, findings);
  return findings;
}

std::vector<Finding> mark_findings(const apply::MarkDiagnosis& marks, const ir::MarkLayout& layout,
                                   const std::string& place, bool fits) {
  if (marks.collisions.empty()) return {};
  std::string who;
  for (const apply::ForeignMark& mark : marks.collisions)
    if (who.find(whose(mark)) == std::string::npos) who += (who.empty() ? "" : ", ") + whose(mark);
  Finding finding{
      .severity = Severity::Error,
      .id = "marks-collide",
      .what = fmt::format("rules of others use bits of our connection mark field {:#010x}: {}", layout.mask(), who),
      .why = "connections get into another queue, or out of theirs"};
  if (marks.proposal && fits)
    finding.changes.push_back({.place = place,
                               .from = fmt::format("CONNMARK_MASK=\"{:#010x}\"", layout.mask()),
                               .to = fmt::format("CONNMARK_MASK=\"{:#010x}\"", marks.proposal->mask)});
  return {std::move(finding)};
}

}  // namespace vuurmuur::doctor
