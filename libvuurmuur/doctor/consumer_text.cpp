// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/consumer_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace vuurmuur::doctor {
namespace {

std::string start_options(std::span<const QueueNeed> needs) {
  std::string options;
  std::uint32_t next = 0;  // ranges may overlap: each queue is read once
  for (const QueueNeed& need : needs) {
    const std::uint32_t first = std::max<std::uint32_t>(need.range.first, next);
    if (first > need.range.last) continue;
    options +=
        first == need.range.last ? fmt::format(" -q {}", first) : fmt::format(" -q {}:{}", first, need.range.last);
    next = std::uint32_t{need.range.last} + 1;
  }
  return options;
}

/// A line about each need: "# queue 3: rule 1 (rules/rules.conf:1), dropped where nobody listens, released at 0x1/0x1".
std::string queue_lines(std::span<const QueueNeed> needs) {
  std::string text;
  for (const QueueNeed& need : needs) {
    text += fmt::format("#   {}: {} ({}); where nobody listens, packets {}", name_of(need.range), need.rule, need.place,
                        need.bypass ? "pass" : "are dropped");
    if (need.range.first != need.range.last) text += "; balanced by addresses, both directions into one";
    if (need.release) text += fmt::format("; released at the packet mark {}", name_of(*need.release));
    if (need.nfmark) text += fmt::format("; packets come with the packet mark {}", name_of(*need.nfmark));
    if (need.drop_urgent) text += "; without urgent segments";
    text += '\n';
  }
  return text;
}

/// The release of the first rule that has one, and whether all that have one agree.
struct Release {
  std::optional<model::PacketMark> mark;
  bool is_common = true;
};

Release release_of(std::span<const QueueNeed> needs) {
  Release release;
  for (const QueueNeed& need : needs) {
    if (!need.release) continue;
    if (!release.mark) release.mark = need.release;
    release.is_common &= *release.mark == *need.release;
  }
  return release;
}

std::string bypass_lines(const Release& release) {
  if (!release.mark)
    return "  # No rule has the option release, so a mark would do nothing. With release=\"0x1/0x1\" in the rules:\n"
           "  #bypass-mark: 0x1\n  #bypass-mask: 0x1\n";
  std::string text;
  if (!release.is_common)
    text +=
        "  # The rules release at different marks, and Suricata has one: this is that of the first. Give all rules the "
        "same.\n";
  return text + fmt::format(
                    "  # The option release of the rules: what Suricata has done with leaves the queue, and runs at "
                    "full speed.\n"
                    "  bypass-mark: {:#x}\n  bypass-mask: {:#x}\n",
                    release.mark->value, release.mark->mask);
}

}  // namespace

std::string suricata_include(std::span<const QueueNeed> needs, const ir::MarkLayout& layout) {
  if (needs.empty()) return "# No rule of the policy sends to a queue.\n";
  const Release release = release_of(needs);
  const bool all_bypass = std::ranges::all_of(needs, &QueueNeed::bypass);
  const bool drops_urgent = std::ranges::all_of(needs, &QueueNeed::drop_urgent);
  std::string text = fmt::format(
      "%YAML 1.1\n---\n"
      "# Suricata behind the queues of the policy, by vuurmuur doctor --write-suricata:\n{}"
      "#\n"
      "# Put it beside suricata.yaml, and at the very end of that:\n"
      "#   include: vuurmuur.yaml\n"
      "# A section here takes the place of the one before as a whole. Start it with:\n"
      "#   suricata -c /etc/suricata/suricata.yaml{}\n"
      "# and ask \"vuurmuur doctor\" whether all of it fits.\n\n",
      queue_lines(needs), start_options(needs));
  text +=
      "nfq:\n"
      "  # A verdict is final. With repeat the packet would meet the rules, and so the queue, again.\n"
      "  mode: accept\n";
  text += fmt::format("  # What finds the queue full: {}, as where nobody listens ({} bypass).\n  fail-open: {}\n",
                      all_bypass ? "passes" : "is dropped", all_bypass ? "the rules have" : "not all rules have",
                      all_bypass ? "yes" : "no");
  text += fmt::format(
      "  # Marks here are those of packets. The connection's, of which {:#010x} tells the queue, Suricata cannot "
      "touch.\n{}\n",
      layout.mask(), bypass_lines(release));
  text += fmt::format(
      "stream:\n"
      "  memcap: 64mb\n"
      "  checksum-validation: yes\n"
      "  # Connections that live when Suricata starts go on and are inspected from there; else its start ends all of "
      "them.\n"
      "  midstream: true\n"
      "  midstream-policy: ignore\n"
      "  # Data is inspected before the other end gets it.\n"
      "  inline: auto\n"
      "  # At the depth below, the rest of a connection is handed back{}.\n"
      "  bypass: {}\n"
      "  reassembly:\n"
      "    memcap: 256mb\n"
      "    depth: 1mb\n"
      "    toserver-chunk-size: 2560\n"
      "    toclient-chunk-size: 2560\n"
      "    randomize-chunk-size: yes\n",
      release.mark ? "" : ", which without release takes it out of nothing", release.mark ? "yes" : "no");
  text += drops_urgent ? "    # Urgent segments do not come here: the rules have dropurg.\n\n"
                       : "    # A byte sent as urgent data hides an attack, unless it is dropped (from 7.0.10 on; "
                         "else: dropurg in the rules).\n"
                         "    urgent:\n      policy: drop\n\n";
  text +=
      "# When memory or anything else ends: in a queue, auto drops the packet or its connection.\n"
      "exception-policy: auto\n\n"
      "# The kernel's queue is four times as long. Memory for it is taken at the start.\n"
      "max-pending-packets: 1024\n\n"
      "# A thread for each queue does everything for its packets. Suricata takes no large packets (GSO): the kernel "
      "cuts them before the\n"
      "# queue, which costs most of what long transfers cost here; the option release is the way round that.\n"
      "runmode: workers\n";
  return text;
}

std::string consumer_contract(std::span<const QueueNeed> needs, const ir::MarkLayout& layout) {
  if (needs.empty()) return "# No rule of the policy sends to a queue.\n";
  const Release release = release_of(needs);
  const bool all_bypass = std::ranges::all_of(needs, &QueueNeed::bypass);
  std::string text = fmt::format(
      "# A program behind the queues of the policy, with libnetfilter_queue, by vuurmuur doctor --write-consumer:\n{}\n"
      "queues={}\n"
      "# Bind each of them (nfq_create_queue) in the network namespace of the firewall, with CAP_NET_ADMIN.\n\n"
      "copy_mode=NFQNL_COPY_PACKET\ncopy_range=65535\n"
      "# All bytes of a packet (nfq_set_mode). Without them there is nothing to inspect.\n\n"
      "flags=NFQA_CFG_F_GSO{}\n"
      "# (nfq_set_queue_flags.) GSO: large packets come whole, which is five times as fast as cut ones; the checksum "
      "of such is not\n"
      "# filled in, and a packet that is changed must not be. {}\n\n"
      "queue_maxlen=4096\n"
      "# (nfq_set_queue_maxlen; the kernel's default is 1024.) With it a receive buffer that holds as many: "
      "SO_RCVBUFFORCE. Switch\n"
      "# NETLINK_NO_ENOBUFS on, and count user_dropped of /proc/net/netfilter/nfnetlink_queue.\n\n",
      queue_lines(needs), start_options(needs).substr(1), all_bypass ? "|NFQA_CFG_F_FAIL_OPEN" : "",
      all_bypass ? "FAIL_OPEN: what finds the queue full passes, as where nobody listens."
                 : "No FAIL_OPEN: what finds the queue full is dropped, as where nobody listens.");
  text +=
      "verdicts=NF_ACCEPT NF_DROP\n"
      "# Never NF_REPEAT: the packet would meet the rules, and so the queue, again. NF_QUEUE only to a queue of your "
      "own.\n"
      "# Several at once (nfq_set_verdict_batch) cost less.\n\n";
  if (release.mark)
    text += fmt::format(
        "release_mark={:#x}\nrelease_mask={:#x}\n"
        "# To hand a connection back: accept a packet of it with (its mark & ~mask) | mark (nfq_set_verdict2). When "
        "that leaves the\n"
        "# machine, the connection is accepted without the queue for the rest of its life.{}\n\n",
        release.mark->value, release.mark->mask,
        release.is_common ? "" : " The rules release at different marks: see above which queue has which.");
  else
    text += "# No rule has the option release: a connection stays in its queue until it ends.\n\n";
  text += fmt::format(
      "# Leave all other bits of the packet mark as they came. The connection's mark, of which {:#010x} tells the "
      "queue, is not yours.\n"
      "# Resets that you send for a queued connection, in the name of either end, leave the machine and are not queued "
      "to you.\n"
      "# After a restart you meet connections in their middle: go on with them, or all of them end.\n",
      layout.mask());
  return text;
}

}  // namespace vuurmuur::doctor
