// SPDX-License-Identifier: GPL-2.0-or-later
#include "section.h"

namespace vuurmuur::bench {

std::span<const Section> sections() {
  // One more: a row here, its function in section.h, its file in CMakeLists.txt and its part of doc/performance.md.
  static const Section kSections[] = {
      {"compile", "configuration to rules in memory, by step", {100, 1000, 10000, 100000}, run_compile},
      {"event", "a policy in which a host has another address", {100, 1000, 10000, 100000}, run_event},
      {"diff", "which packets are treated otherwise after ten edits", {100, 1000, 10000, 50000, 100000}, run_diff},
      {"reach", "which rules can match, for all packets at once", {100, 1000, 10000, 50000, 100000}, run_reach},
      {"assert", "statements about a policy, for all packets at once", {100, 1000, 10000, 50000}, run_assert},
      {"explain", "what becomes of packets, and by which rule", {100, 1000, 10000, 50000}, run_explain},
      {"saved", "rules as iptables-save writes them, read and checked", {100, 1000, 5000, 20000}, run_saved},
      {"deep", "all that rules held against each other tell", {100, 1000, 10000, 50000}, run_deep},
      {"prove", "that compiled rules are what the policy says", {100, 1000, 10000, 50000}, run_prove},
      {"load", "rules into the kernel, beside the kernel's own part of it", {100, 1000, 10000, 100000}, run_load},
      {"live", "configuration on disk to rules in force", {100, 1000, 10000, 100000}, run_live},
      {"host-pairs", "rules of one kind from host to host", {100, 1000, 10000, 100000}, run_host_pairs},
      {"queues", "a ruleset with many different queues", {1, 256, 4096, 65536}, run_queues},
      {"nft-batch", "rules into nf_tables, beside the kernel's own part of it", {100, 1000, 10000}, run_nft_batch},
      {"peers", "the same policy by the programs of others", {100, 1000, 10000}, run_peers},
      {"counters", "what every rule has taken, read from the kernel", {100, 1000, 10000, 100000}, run_counters},
      {"connections", "live connections held against a policy", {1000, 10000, 100000}, run_connections},
      {"connection-list", "live connections told by name", {10000, 100000, 250000, 1000000}, run_connection_list},
      {"names", "what addresses and services are called", {100, 10000, 100000}, run_names},
      {"packets", "processor time of a packet, by rules", {10, 1000, 10000, 100000}, run_packets},
      {"queue-packets",
       "processor time of a packet of an old connection, by queues",
       {1, 256, 4096, 65536},
       run_queue_packets},
      {"log", "what rules log, from the kernel into a file", {100'000, 1'000'000}, run_log},
      {"screen", "what a person at vuurmuur_conf waits for", {100, 10000}, run_screen},
  };
  return kSections;
}

}  // namespace vuurmuur::bench
