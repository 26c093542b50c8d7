// SPDX-License-Identifier: GPL-2.0-or-later
// From the field in a connection's mark to its queue, log group or packet mark, and out of its queue when the program
// there is done with it: a radix-4 tree over the bits of the
// number, so that 65,536 queues in use cost about 20 rules a packet more than one does (radix 4 has the fewest rules to
// try: (r+1)/2 * 16/log2 r). Levels on which all numbers agree are skipped; up to four numbers are tried one by one.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "compile/passes.h"
#include "compile/queue_target.h"

namespace vuurmuur::compile {
namespace {

constexpr unsigned kDigitBits = 2;
constexpr std::size_t kLinear = 4;

class DispatchTree {
 public:
  /// `leaf` gives the target for a number, `otherwise` is for connections whose number has no leaf; nothing: they come
  /// back.
  DispatchTree(Context& context, ir::Table& table, std::string root, std::vector<std::uint16_t> numbers,
               std::function<ir::Target(std::uint16_t)> leaf, std::optional<ir::Target> otherwise, ir::OriginId origin)
      : layout_(context.layout),
        table_(table),
        root_(std::move(root)),
        numbers_(std::move(numbers)),
        leaf_(std::move(leaf)),
        otherwise_(std::move(otherwise)),
        origin_(origin) {}

  void build() {
    // An odd width begins with one digit of the even width above it, whose upper bit is always 0.
    build_node(table_.chain_named(root_), 0, numbers_.size(), (layout_.number_bits() + 1) / kDigitBits * kDigitBits);
  }

 private:
  unsigned digit(std::uint16_t number, unsigned shift) const { return number >> shift & 3u; }

  void append(ir::ChainId chain, std::optional<ir::ConnmarkMatch> match, ir::Target target) {
    ir::Rule rule{.target = std::move(target), .origin = origin_, .commented = false};
    if (match) rule.matches.push_back(*match);
    table_.append(chain, std::move(rule));
  }

  /// The match for the whole number.
  ir::ConnmarkMatch exactly(std::uint16_t number) const {
    return {static_cast<std::uint32_t>(number) << layout_.number_shift(), layout_.number_mask()};
  }

  /// Fills the chain for numbers_[begin, end), which agree in all bits from `bits` up.
  void build_node(ir::ChainId chain, std::size_t begin, std::size_t end, unsigned bits) {
    // Four branches, or four numbers, and what is left.
    table_.chain(chain).rules.reserve(kLinear + 1);
    if (end - begin <= kLinear) {
      const bool complete = bits == kDigitBits && end - begin == 4;
      for (std::size_t i = begin; i < end; ++i) {
        // When the digit's other three values were tried, the fourth needs no test.
        const bool last_of_all = complete && i + 1 == end;
        append(chain, last_of_all ? std::nullopt : std::optional(exactly(numbers_[i])), leaf_(numbers_[i]));
      }
      if (!complete && otherwise_) append(chain, std::nullopt, *otherwise_);
      return;
    }
    unsigned shift = bits - kDigitBits;
    while (digit_count(begin, end, shift) == 1) shift -= kDigitBits;
    // Bits that are skipped must still be the ones all numbers have: they are part of the test of each branch.
    const unsigned tested = bits - shift;
    const std::uint32_t mask = ((1u << tested) - 1) << (shift + layout_.number_shift()) & layout_.number_mask();
    std::size_t branches = 0;
    for (std::size_t i = begin; i < end;) {
      const std::size_t next = branch_end(i, end, shift);
      const ir::ChainId child =
          table_.chain_named(fmt::format("{}-{:04x}-{}", root_, numbers_[i] >> shift << shift, shift));
      const bool last_of_all = tested == kDigitBits && branches == 3;
      const std::uint32_t value = static_cast<std::uint32_t>(numbers_[i]) << layout_.number_shift() & mask;
      append(chain, last_of_all ? std::nullopt : std::optional(ir::ConnmarkMatch{value, mask}), ir::GotoTarget{child});
      build_node(child, i, next, shift);
      ++branches;
      i = next;
    }
    if (otherwise_ && (tested != kDigitBits || branches != 4)) append(chain, std::nullopt, *otherwise_);
  }

  std::size_t branch_end(std::size_t begin, std::size_t end, unsigned shift) const {
    std::size_t at = begin;
    while (at < end && digit(numbers_[at], shift) == digit(numbers_[begin], shift)) ++at;
    return at;
  }

  std::size_t digit_count(std::size_t begin, std::size_t end, unsigned shift) const {
    return digit(numbers_[begin], shift) == digit(numbers_[end - 1], shift) ? 1 : 2;
  }

  const ir::MarkLayout& layout_;
  ir::Table& table_;
  std::string root_;
  std::vector<std::uint16_t> numbers_;  ///< sorted, without doubles
  std::function<ir::Target(std::uint16_t)> leaf_;
  std::optional<ir::Target> otherwise_;
  ir::OriginId origin_;
};

ir::Rule mark_packet(const model::PacketMark& mark, ir::OriginId origin) {
  return ir::Rule{.target = ir::MarkTarget{mark.value, mark.mask}, .origin = origin};
}

/// `logged`: the origin of what logs, which all queues share.
ir::Rule drop_urgent(Context& context, ir::Table& filter, ir::OriginId origin, ir::OriginId logged) {
  ir::Rule rule{.protocol = net::Protocol::Tcp, .origin = origin};
  rule.matches.push_back(ir::TcpMatch{.flags = {ir::TcpFlags::kUrg, ir::TcpFlags::kUrg}});
  rule.target =
      drop_target(context, filter, "VRMR-D-urgent", context.settings().log_probes, {"vrmr: DROP urgent "}, logged);
  return rule;
}

void dispatch_queues(Context& context) {
  ir::Table& filter = context.table(ir::TableName::Filter);
  std::vector<ir::NfqueueTarget> queues;
  std::vector<std::uint16_t> numbers;
  for (const sema::QueueUse& use : context.policy.queues) {
    queues.push_back({use.range.first, use.range.last, use.bypass, use.fanout});
    numbers.push_back(use.range.first);
  }
  const std::size_t own = numbers.size();
  for (const ir::NfqueueTarget& live : context.options.live_queues) {
    if (!context.layout.fits(live.first) ||
        std::binary_search(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(own), live.first))
      continue;
    queues.push_back(live);
    numbers.push_back(live.first);
  }
  std::ranges::sort(queues, {}, &ir::NfqueueTarget::first);
  std::ranges::sort(numbers);
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());

  std::map<std::uint16_t, ir::ChainId> chains;  // of queues to which there is more than the queue
  for (const sema::QueueUse& use : context.policy.queues) {
    if (!use.nfmark) continue;
    const auto origin =
        context.ruleset.add_origin(fmt::format("queue {} with packet mark {:#x}", use.range.first, use.nfmark->value));
    const ir::ChainId chain = filter.chain_named(fmt::format("VRMR-Q{}", use.range.first));
    chains.emplace(use.range.first, chain);
    filter.append(chain, mark_packet(*use.nfmark, origin));
    filter.append(chain, ir::Rule{.target = queue_target(context, filter,
                                                         {use.range.first, use.range.last, use.bypass, use.fanout}),
                                  .origin = origin});
  }
  std::optional<ir::OriginId> logged;
  for (const sema::QueueUse& use : context.policy.queues) {
    if (!use.drop_urgent) continue;
    if (!logged) logged = context.ruleset.add_origin("protection: urgent data");
    const auto origin = context.ruleset.add_origin(fmt::format("queue {} without urgent data", use.range.first));
    // Its own: what opens a connection has no URG (protections.cpp), and goes to the chain that marks.
    const ir::ChainId chain = filter.chain_named(fmt::format("VRMR-U{}", use.range.first));
    filter.append(chain, drop_urgent(context, filter, origin, *logged));
    ir::Target queue = queue_target(context, filter, {use.range.first, use.range.last, use.bypass, use.fanout});
    if (const auto marking = chains.find(use.range.first); marking != chains.end())
      queue = ir::GotoTarget{marking->second};
    filter.append(chain, ir::Rule{.target = std::move(queue), .origin = origin});
    chains.insert_or_assign(use.range.first, chain);
  }
  const auto leaf = [&](std::uint16_t number) -> ir::Target {
    if (const auto chain = chains.find(number); chain != chains.end()) return ir::GotoTarget{chain->second};
    return queue_target(context, filter, *std::ranges::lower_bound(queues, number, {}, &ir::NfqueueTarget::first));
  };
  const auto origin = context.ruleset.add_origin("queue of a connection");
  // A queued connection without a queue was meant to be inspected: it must not pass.
  ir::Target nowhere = drop_target(context, filter, "VRMR-D-no-queue", true, {"vrmr: DROP no queue "}, origin);
  DispatchTree(context, filter, "VRMR-QUEUE", std::move(numbers), leaf, std::move(nowhere), origin).build();
}

void dispatch_log_groups(Context& context) {
  if (context.policy.log_groups.empty()) return;
  ir::Table& filter = context.table(ir::TableName::Filter);
  std::vector<std::uint16_t> numbers;
  for (const sema::LogGroupUse& use : context.policy.log_groups) {
    const auto origin = context.ruleset.add_origin(fmt::format("log group {}", use.group));
    const ir::ChainId chain = filter.chain_named(fmt::format("VRMR-G{}", use.group));
    if (use.nfmark) filter.append(chain, mark_packet(*use.nfmark, origin));
    filter.append(chain, ir::Rule{.target = ir::NflogTarget{use.group, {}}, .origin = origin});
    filter.append(chain, ir::Rule{.target = ir::AcceptTarget{}, .origin = origin});
    numbers.push_back(use.group);
  }
  const auto leaf = [&](std::uint16_t number) -> ir::Target {
    return ir::GotoTarget{*filter.find(fmt::format("VRMR-G{}", number))};
  };
  DispatchTree(context, filter, "VRMR-LOGGED", std::move(numbers), leaf, ir::AcceptTarget{},
               context.ruleset.add_origin("log group of a connection"))
      .build();
}

void dispatch_packet_marks(Context& context) {
  if (context.policy.packet_marks.empty()) return;
  ir::Table& filter = context.table(ir::TableName::Filter);
  std::vector<std::uint16_t> numbers;
  for (const model::PacketMark& mark : context.policy.packet_marks) {
    const std::uint16_t number = ir::packet_mark_number(mark.value, mark.mask);
    const auto origin = context.ruleset.add_origin(fmt::format("packet mark {:#x}", mark.value));
    const ir::ChainId chain = filter.chain_named(fmt::format("VRMR-M{}", number));
    filter.append(chain, mark_packet(mark, origin));
    filter.append(chain, ir::Rule{.target = ir::AcceptTarget{}, .origin = origin});
    numbers.push_back(number);
  }
  std::ranges::sort(numbers);
  const auto leaf = [&](std::uint16_t number) -> ir::Target {
    return ir::GotoTarget{*filter.find(fmt::format("VRMR-M{}", number))};
  };
  DispatchTree(context, filter, "VRMR-MARKED", std::move(numbers), leaf, ir::AcceptTarget{},
               context.ruleset.add_origin("packet mark of a connection"))
      .build();
}

/// What a connection is that is given back: plain, or with the packet mark that its packets had in the queue.
ir::MarkField field_of_released(const sema::QueueUse& use) {
  if (!use.nfmark) return {};
  return {ir::MarkKind::Marked, ir::packet_mark_number(use.nfmark->value, use.nfmark->mask)};
}

/// Behind the queue, in table mangle: a packet that left it with the mark of release takes its connection out of it.
/// Those that come in for this machine meet no table behind filter; what goes the other way does.
void release_queued(Context& context) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<const sema::QueueUse*>> by_mark;
  for (const sema::QueueUse& use : context.policy.queues)
    if (use.release) by_mark[{use.release->value, use.release->mask}].push_back(&use);
  if (by_mark.empty()) return;
  ir::Table& mangle = context.table(ir::TableName::Mangle);
  const ir::ChainId behind = hook_chain(context, mangle, ir::Hook::Postrouting);
  const auto released = [&](const sema::QueueUse& use) -> ir::Target {
    return ir::ConnmarkTarget{context.layout.encode(field_of_released(use)), context.layout.mask()};
  };
  for (const auto& [mark, uses] : by_mark) {
    const auto& [value, mask] = mark;
    const auto origin = context.ruleset.add_origin(fmt::format("released with packet mark {:#x}/{:#x}", value, mask));
    ir::Rule rule{.matches = {ir::MarkMatch{value, mask}}, .origin = origin};
    if (uses.size() == 1) {
      const ir::MarkField queue{ir::MarkKind::Queued, uses.front()->range.first};
      rule.matches.push_back(ir::ConnmarkMatch{context.layout.encode(queue), context.layout.mask()});
      rule.target = released(*uses.front());
      mangle.append(behind, std::move(rule));
      continue;
    }
    const std::string root = fmt::format("VRMR-REL{:x}", ir::packet_mark_number(value, mask));
    rule.matches.push_back(ir::ConnmarkMatch{context.layout.encode(ir::MarkKind::Queued), context.layout.kind_mask()});
    rule.target = ir::JumpTarget{mangle.chain_named(root)};
    mangle.append(behind, std::move(rule));
    std::vector<std::uint16_t> numbers;
    for (const sema::QueueUse* use : uses) numbers.push_back(use->range.first);
    const auto leaf = [&](std::uint16_t number) -> ir::Target {
      const auto use = std::ranges::find(uses, number, [](const auto* each) { return each->range.first; });
      const ir::MarkField field = field_of_released(**use);
      const std::string name = fmt::format("VRMR-REL-{}-{}", static_cast<unsigned>(field.kind), field.number);
      if (const auto made = mangle.find(name)) return ir::GotoTarget{*made};
      const ir::ChainId chain = mangle.chain_named(name);
      mangle.append(chain, ir::Rule{.target = released(**use), .origin = origin, .commented = false});
      return ir::GotoTarget{chain};
    };
    DispatchTree(context, mangle, root, std::move(numbers), leaf, std::nullopt, origin).build();
  }
}

}  // namespace

void pass_mark_dispatch(Context& context) {
  dispatch_queues(context);
  dispatch_log_groups(context);
  dispatch_packet_marks(context);
  release_queued(context);
}

}  // namespace vuurmuur::compile
