// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/queue_findings.h"

#include <fmt/format.h>

#include "doctor/queue_need.h"

namespace vuurmuur::doctor {
namespace {

constexpr std::size_t kMostOfAKind = 10;
/// NFQNL_COPY_PACKET of linux/netfilter/nfnetlink_queue.h: the program gets the bytes of packets.
constexpr std::uint8_t kCopiesPackets = 2;

class Kind {
 public:
  /// Adds one, or counts it when there are many already.
  void add(std::vector<Finding>& findings, Finding finding) {
    if (++count_ <= kMostOfAKind) return findings.push_back(std::move(finding));
    if (count_ == kMostOfAKind + 1) {
      place_ = findings.size();
      findings.push_back(std::move(finding));
    }
    findings[place_].what = fmt::format("the same of {} more", count_ - kMostOfAKind);
    findings[place_].changes.clear();
  }

 private:
  std::size_t count_ = 0, place_ = 0;
};

std::string queues_of(const control::QueueRow& row) { return name_of(model::QueueRange{row.first, row.last}); }

std::string start_option(const control::QueueRow& row) {
  return row.first == row.last ? fmt::format("-q {}", row.first) : fmt::format("-q {}:{}", row.first, row.last);
}

Finding unattended(const control::QueueRow& row, bool is_in_force) {
  const bool passes = row.passes_unattended();
  return {.severity = is_in_force ? Severity::Error : Severity::Warning,
          .id = "queue-unattended",
          .what = fmt::format("{}: nobody listens ({}, {})", queues_of(row), row.rules.front()->rule,
                              row.rules.front()->place),
          .why = fmt::format("what is sent there {}{}", is_in_force ? "" : "will be ",
                             passes ? (is_in_force ? "passes without inspection" : "let pass without inspection")
                                    : (is_in_force ? "is dropped" : "dropped")),
          .changes = {{.place = "the command that starts the inspector, with Suricata", .to = start_option(row)}}};
}

}  // namespace

std::vector<Finding> queue_findings(std::span<const control::QueueRow> rows, bool is_in_force) {
  std::vector<Finding> findings;
  Kind without, full, socket, blind, unused;
  for (const control::QueueRow& row : rows) {
    if (!row.consumer) {
      without.add(findings, unattended(row, is_in_force));
      continue;
    }
    const apply::QueueStatistics& queue = *row.consumer;
    const std::string name = queues_of(row);
    if (queue.dropped != 0)
      full.add(findings, {.severity = Severity::Warning,
                          .id = "queue-full",
                          .what = fmt::format("{}: {} packets found it full", name, queue.dropped),
                          .why = "the program behind it does not keep up, or bursts are longer than the queue",
                          .changes = {{.place = "suricata.yaml, if it is Suricata, whose queue is four times as long",
                                       .to = "max-pending-packets: 4096"}}});
    if (queue.user_dropped != 0)
      socket.add(
          findings,
          {.severity = Severity::Warning,
           .id = "queue-socket-full",
           .what = fmt::format("{}: {} packets found the program's socket full", name, queue.user_dropped),
           .why = "the kernel hands packets over faster than the program reads them, and drops what does not fit",
           .changes = {{.place = "the program, for its netlink socket", .to = "setsockopt(SO_RCVBUFFORCE)"}}});
    if (queue.copy_mode != kCopiesPackets && !row.rules.empty())
      blind.add(findings, {.severity = Severity::Advice,
                           .id = "queue-blind",
                           .what = fmt::format("{}: the program gets no bytes of packets", name),
                           .why = "it decides by what the kernel knows of them; an inspector would ask for the bytes "
                                  "(NFQNL_COPY_PACKET)"});
    if (row.rules.empty())
      unused.add(findings, {.severity = Severity::Advice,
                            .id = "queue-unused",
                            .what = fmt::format("{}: a program listens, and no rule sends there", name),
                            .why = "it waits for nothing, or for rules of somebody else"});
  }
  return findings;
}

}  // namespace vuurmuur::doctor
