// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile/queue_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ir/match.h"

namespace vuurmuur::compile {
namespace {

std::uint32_t size_of(const ir::NfqueueTarget& queues) { return queues.last - queues.first + 1U; }

const ir::NfqueueTarget& longest_of(const std::vector<ir::NfqueueTarget>& pieces) {
  return *std::ranges::max_element(pieces, {}, size_of);
}

}  // namespace

std::vector<ir::NfqueueTarget> pieces_without(const ir::NfqueueTarget& queues,
                                              std::span<const std::uint16_t> left_out) {
  std::vector<ir::NfqueueTarget> pieces;
  std::uint32_t first = queues.first, living = 0;
  const auto add = [&](std::uint32_t end) {
    if (first >= end) return;
    ir::NfqueueTarget piece = queues;
    piece.first = static_cast<std::uint16_t>(first);
    piece.last = static_cast<std::uint16_t>(end - 1);
    living += size_of(piece);
    pieces.push_back(piece);
  };
  for (auto dead = std::ranges::lower_bound(left_out, queues.first); dead != left_out.end() && *dead <= queues.last;
       ++dead) {
    add(*dead);
    first = *dead + 1U;
  }
  add(queues.last + 1U);
  if (pieces.empty()) return {queues};
  if (pieces.size() > 1 && living > ir::ClusterMatch::kMostNodes) return {longest_of(pieces)};
  return pieces;
}

ir::Target queue_target(Context& context, ir::Table& filter, const ir::NfqueueTarget& queues) {
  const std::vector<ir::NfqueueTarget> pieces = pieces_without(queues, context.options.left_out_queues);
  if (pieces.size() == 1) return pieces.front();
  // Of IPv6 addresses xt_cluster of Linux 6.18 looks at the first 32 bits alone: clients of a site would all go to one
  // piece.
  if (context.family == net::Family::Ipv6) return longest_of(pieces);
  const std::string name = fmt::format("{}B{}", ir::kOwnPrefix, queues.first);
  if (const auto made = filter.find(name)) return ir::GotoTarget{*made};
  const ir::ChainId chain = filter.chain_named(name);
  const auto origin =
      context.ruleset.add_origin(fmt::format("queues {} to {} where somebody listens", queues.first, queues.last));
  ir::ClusterMatch share{.total = 0};
  for (const ir::NfqueueTarget& piece : pieces) share.total += size_of(piece);
  for (const ir::NfqueueTarget& piece : pieces) {
    share.last = share.first + size_of(piece) - 1;
    ir::Rule rule{.target = piece, .origin = origin, .commented = false};
    // What no other piece took is the last one's.
    if (share.last + 1 < share.total) rule.matches.push_back(share);
    filter.append(chain, std::move(rule));
    share.first = share.last + 1;
  }
  return ir::GotoTarget{chain};
}

}  // namespace vuurmuur::compile
