// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/netfilter/xt_NFQUEUE.h>

#include <cstring>
#include <map>
#include <set>

#include "apply/apply.h"
#include "apply/entry.h"

namespace vuurmuur::apply {
namespace {

constexpr std::string_view kTargetName = "NFQUEUE";
/// The revision that backend emits; nobody else writes into our chains.
constexpr std::uint8_t kRevision = 3;

std::optional<ir::NfqueueTarget> decode(net::Family family, const void* entry, std::string_view target_name) {
  if (target_name != kTargetName) return std::nullopt;
  const ExtensionView target = target_of(parts_of(family, entry));
  xt_NFQ_info_v3 info;
  if (target.revision != kRevision || target.data.size() < sizeof info) return std::nullopt;
  std::memcpy(&info, target.data.data(), sizeof info);
  return ir::NfqueueTarget{.first = info.queuenum,
                           .last = static_cast<std::uint16_t>(info.queuenum + info.queues_total - 1),
                           .bypass = (info.flags & NFQ_FLAG_BYPASS) != 0,
                           .cpu_fanout = (info.flags & NFQ_FLAG_CPU_FANOUT) != 0};
}

/// The queue targets in our own filter chains of both engines, by their first queue.
base::Result<std::map<std::uint16_t, ir::NfqueueTarget>> current_targets(Kernel& kernel) {
  std::map<std::uint16_t, ir::NfqueueTarget> targets;
  for (const net::Family family : net::kFamilies) {
    if (!kernel.has_family(family) || !kernel.may_have_table(family, ir::TableName::Filter)) continue;
    const auto table = VM_TRY(kernel.open_table(family, ir::TableName::Filter));
    for (const std::string& chain : table->chains()) {
      if (!is_own_chain(chain)) continue;
      for (const void* entry = table->first_rule(chain); entry != nullptr; entry = table->next_rule(entry))
        if (const auto target = decode(family, entry, table->target_of(entry)))
          targets.try_emplace(target->first, *target);
    }
  }
  for (const net::Family family : net::kFamilies)
    for (const ir::NfqueueTarget& target : VM_TRY(kernel.nft_queues(family))) targets.try_emplace(target.first, target);
  return targets;
}

}  // namespace

base::Result<std::vector<ir::NfqueueTarget>> live_queues(Kernel& kernel, const ir::MarkLayout& layout) {
  std::set<std::uint16_t> numbers;
  for (const std::uint32_t mark :
       VM_TRY(kernel.connection_marks(layout.encode(ir::MarkKind::Queued), layout.kind_mask())))
    numbers.insert(layout.decode(mark).number);
  std::vector<ir::NfqueueTarget> queues;
  if (numbers.empty()) return queues;
  const auto targets = VM_TRY(current_targets(kernel));
  for (const std::uint16_t number : numbers) {
    const auto found = targets.find(number);
    queues.push_back(found != targets.end() ? found->second : ir::NfqueueTarget{.first = number, .last = number});
  }
  return queues;
}

}  // namespace vuurmuur::apply
