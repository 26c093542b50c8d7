// SPDX-License-Identifier: GPL-2.0-or-later
#include "probes.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace vuurmuur::bench {
namespace {

constexpr std::uint16_t kFirstPort = 20000;
constexpr const char* kProbeEnds = "from host0.net0.zone0 to host0.net1.zone1";

/// Rules of a policy in which each of the ports is a service, without limits on new connections, which would hide what
/// rules cost.
base::MemoryFileSystem probed_tree(const std::vector<std::string>& rules, const std::vector<std::uint16_t>& ports) {
  base::MemoryFileSystem tree = tree_of(rules);
  tree.files["/tree/config.conf"] += "USE_SYN_LIMIT=\"No\"\nUSE_UDP_LIMIT=\"No\"\n";
  for (const std::uint16_t port : ports)
    tree.files[fmt::format("/tree/services/probe{}", port)] =
        fmt::format("ACTIVE=\"Yes\"\nUDP=\"{}*1024:65535\"\n", port);
  return tree;
}

/// The positions of `probes` rules at even distances, the last one the last of `rules`.
std::vector<std::uint32_t> positions(std::uint32_t rules, std::uint32_t probes) {
  std::vector<std::uint32_t> where;
  for (std::uint64_t i = 1; i <= probes; ++i) where.push_back(static_cast<std::uint32_t>(i * rules / probes - 1));
  return where;
}

}  // namespace

ProbedPolicy walked_policy(std::uint32_t rules, const Mix& mix) {
  ProbedPolicy policy;
  std::vector<std::string> texts = generate_rules(rules, mix);
  std::uint16_t port = kFirstPort;
  for (const std::uint32_t position : positions(rules, std::clamp(rules / 2, 1u, 16u))) {
    texts[position] = fmt::format("drop service probe{} {}", port, kProbeEnds);
    policy.ports.push_back(port++);
  }
  policy.tree = probed_tree(texts, policy.ports);
  return policy;
}

ProbedPolicy queue_policy(std::uint32_t queues) {
  ProbedPolicy policy;
  policy.accepted_port = kFirstPort - 1;
  std::vector<std::string> texts = generate_rules(queues, {.queues = false, .nat = false});
  // An accept rule's service and ends, with another action.
  for (std::uint32_t queue = 0; queue < queues; ++queue) {
    const std::string& text = texts[queue];
    const std::size_t begin = text.find(" service "), end = text.find(" options ");
    std::string ends = text.substr(begin, end == std::string::npos ? end : end - begin);
    texts[queue] = fmt::format("nfqueue{} options nfqueuenum=\\\"{}\\\",bypass", ends, queue);
  }
  std::uint16_t port = kFirstPort;
  for (const std::uint32_t queue : positions(queues, std::min(queues, 64u))) {
    texts[queue] =
        fmt::format("nfqueue service probe{} {} options nfqueuenum=\\\"{}\\\",bypass", port, kProbeEnds, queue);
    policy.ports.push_back(port++);
  }
  texts.insert(texts.begin(), fmt::format("accept service probe{} {}", policy.accepted_port, kProbeEnds));
  std::vector<std::uint16_t> all = policy.ports;
  all.push_back(policy.accepted_port);
  policy.tree = probed_tree(texts, all);
  return policy;
}

}  // namespace vuurmuur::bench
