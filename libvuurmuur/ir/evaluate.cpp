// SPDX-License-Identifier: GPL-2.0-or-later
// One walk takes all ways that the unknown conditions leave open at once: it knows whether the packet surely, perhaps
// or surely not is still in a chain, and which bits of its mark are the same on every way. So it costs the rules it
// meets and not the number of ways.
#include "ir/evaluate.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.h"
#include "ir/device_names.h"
#include "ir/prepared_rule.h"
#include "ir/prepared_set.h"
#include "ir/tuple_index.h"

namespace vuurmuur::ir {
namespace {

/// A chain of so few rules is gone through faster than it is looked up in.
constexpr std::size_t kLinear = 12;

using Verdict = Decision::Verdict;

/// Rules by what they ask. Packets of an unknown device need one that leaves the devices out: it is made when first
/// needed.
class RuleIndex {
 public:
  explicit RuleIndex(std::vector<Tuple> tuples) : tuples_(std::move(tuples)) { fill(by_all_, tuples_); }

  void find(const TupleQuery& packet, bool devices_known, std::vector<std::uint32_t>& rules) {
    if (devices_known) return by_all_.find(packet, rules);
    if (!by_others_) {
      by_others_.emplace();
      for (Tuple& tuple : tuples_) tuple.in = tuple.out = std::nullopt;
      fill(*by_others_, tuples_);
    }
    by_others_->find(packet, rules);
  }

 private:
  static void fill(TupleIndex& index, const std::vector<Tuple>& tuples) {
    for (std::size_t i = 0; i < tuples.size(); ++i) index.add(static_cast<std::uint32_t>(i), tuples[i]);
    index.finish();
  }

  std::vector<Tuple> tuples_;
  TupleIndex by_all_;
  std::optional<TupleIndex> by_others_;
};

struct PreparedChain {
  std::vector<PreparedRule> rules;
  std::optional<RuleIndex> index;  ///< of a long one
  ForeignChain foreign = ForeignChain::Returns;
  bool policy_drop = false;
};

struct PreparedTable {
  std::vector<PreparedChain> chains;
  std::array<std::uint32_t, 5> builtin{};  ///< by hook
};

/// Every verdict that is possible, as one.
class Verdicts {
 public:
  void add(const Decision& possible) {
    if (!is_empty_ && possible.fate != decision_.fate) decision_.fate = Fate::Depends;
    if (is_empty_)
      decision_ = possible;
    else if (possible.field != decision_.field)
      decision_.field.reset();
    is_empty_ = false;
  }
  [[nodiscard]] Decision result() const {
    VM_ASSERT(!is_empty_);
    Decision result = decision_;
    if (result.fate != Fate::Admitted) result.field.reset();
    return result;
  }
  [[nodiscard]] bool is_open() const { return !is_empty_ && decision_.fate == Fate::Depends; }

 private:
  bool is_empty_ = true;
  Decision decision_;
};

}  // namespace

struct Evaluator::Prepared {
  MarkLayout layout;
  DeviceNames devices;
  PreparedSets sets;
  std::array<PreparedTable, 2> tables;  ///< by family
  std::vector<bool> is_of_policy;       ///< by origin: whether a line of the configuration is behind it
  std::vector<std::uint32_t> candidates;

  Prepared(const Ruleset& ruleset, const Options& options);
  void prepare_chain(const Chain& chain, net::Family family, const Options& options, PreparedChain& prepared);
};

namespace {

/// One packet's way through a table.
template <class Prepared>
class Walk {
 public:
  Walk(Prepared& prepared, PreparedTable& table, const Opening& opening)
      : prepared_(prepared),
        table_(table),
        packet_{opening,
                {.source = AddressBits::of(opening.source),
                 .destination = AddressBits::of(opening.destination),
                 .protocol = opening.protocol,
                 .destination_port = opening.destination_port,
                 .in = static_cast<std::uint16_t>(opening.in),
                 .out = static_cast<std::uint16_t>(opening.out)}} {}

  Decision run() {
    const std::uint32_t start = table_.builtin[static_cast<std::size_t>(packet_.opening.hook)];
    // A new connection has no mark of ours; what others put beside it is not known.
    MarkState mark{.value = 0, .known = prepared_.layout.mask()};
    if (run_chain(start, mark, std::nullopt) != Known::No) {
      const bool drops = table_.chains[start].policy_drop;
      end(drops ? Verdict::Drop : Verdict::Accept, mark, std::nullopt);
    }
    return verdicts_.result();
  }

 private:
  /// How a chain is left at its end.
  struct Exit {
    bool is_possible = false, is_certain = true;
    MarkState mark;
    void add(const MarkState& at_end) {
      if (is_possible)
        mark.join(at_end);
      else
        mark = at_end;
      is_possible = true;
    }
    [[nodiscard]] Known result() const { return !is_possible ? Known::No : is_certain ? Known::Yes : Known::Maybe; }
  };

  void end(Verdict verdict, const MarkState& mark, std::optional<OriginId> origin) {
    const bool admits = verdict == Verdict::Accept || verdict == Verdict::Queue;
    Decision decision{
        .fate = admits ? Fate::Admitted : Fate::Refused, .verdict = verdict, .field = {}, .origin = origin};
    const std::uint32_t ours = prepared_.layout.mask();
    if (admits && (mark.known & ours) == ours) decision.field = mark.value & ours;
    verdicts_.add(decision);
  }

  [[nodiscard]] bool is_of_policy(OriginId origin) const {
    return prepared_.is_of_policy[static_cast<std::size_t>(origin)];
  }

  /// The origin to tell: the rule of the policy that led here is told rather than what the compiler put behind it.
  [[nodiscard]] OriginId told(OriginId of_rule, std::optional<OriginId> led_by) const {
    return is_of_policy(of_rule) ? of_rule : led_by.value_or(of_rule);
  }

  Known enter(const PreparedRule& rule, OriginId origin, MarkState& mark, std::optional<OriginId> led_by) {
    PreparedChain& chain = table_.chains[rule.effect.chain];
    if (chain.foreign != ForeignChain::Returns) return run_foreign(chain, mark, origin);
    return run_chain(rule.effect.chain, mark, is_of_policy(origin) ? origin : led_by);
  }

  /// Whether the packet comes back from the chain to its caller, with `mark` as it then is. Adds every verdict that it
  /// can get there.
  Known run_chain(std::uint32_t number, MarkState& mark, std::optional<OriginId> led_by) {
    PreparedChain& chain = table_.chains[number];
    Exit exit;
    Known here = Known::Yes;  // whether the packet is still in this chain
    const auto meet = [&](const PreparedRule& rule) { return meet_rule(rule, mark, led_by, here, exit); };
    if (chain.index) {
      std::vector<std::uint32_t>& all = prepared_.candidates;
      const std::size_t begin = all.size();
      chain.index->find(packet_.key, devices_known(), all);
      std::sort(all.begin() + static_cast<std::ptrdiff_t>(begin), all.end());
      const std::size_t end = all.size();
      for (std::size_t i = begin; i < end && meet(chain.rules[all[i]]); ++i) {
      }
      all.resize(begin);
    } else {
      for (const PreparedRule& rule : chain.rules)
        if (!meet(rule)) break;
    }
    if (here != Known::No) exit.add(mark);
    mark = exit.mark;
    return exit.result();
  }

  /// False when no later rule of the chain matters.
  bool meet_rule(const PreparedRule& rule, MarkState& mark, std::optional<OriginId> led_by, Known& here, Exit& exit) {
    OriginId own = rule.origin;
    const Known met = holds(rule, packet_, mark, prepared_.devices, prepared_.sets, own);
    if (met == Known::No) return true;
    const OriginId origin = told(own, led_by);
    switch (rule.effect.kind) {
      case Effect::Kind::Accept: end(Verdict::Accept, mark, origin); break;
      case Effect::Kind::Drop: end(Verdict::Drop, mark, origin); break;
      case Effect::Kind::Reject: end(Verdict::Reject, mark, origin); break;
      case Effect::Kind::Queue: end(Verdict::Queue, mark, origin); break;
      case Effect::Kind::SetMark: {
        MarkState changed = mark;
        changed.set(rule.effect.mark_value, rule.effect.mark_mask);
        if (met == Known::Maybe) changed.join(mark);
        mark = changed;
        return true;
      }
      case Effect::Kind::Jump: {
        MarkState after = mark;
        const Known back = enter(rule, origin, after, led_by);
        if (back != Known::Yes) exit.is_certain = false;
        if (met == Known::Yes) {
          if (back == Known::Maybe) here = Known::Maybe;
          if (back == Known::No) here = Known::No;
          mark = after;
        } else {
          if (back != Known::Yes) here = Known::Maybe;
          if (back != Known::No) mark.join(after);
        }
        return here != Known::No && !verdicts_.is_open();
      }
      case Effect::Kind::Goto: {
        MarkState after = mark;
        const Known back = enter(rule, origin, after, led_by);
        if (back != Known::Yes) exit.is_certain = false;
        if (back != Known::No) exit.add(after);
        here = met == Known::Yes ? Known::No : Known::Maybe;
        return here != Known::No && !verdicts_.is_open();
      }
    }
    // A verdict.
    exit.is_certain = false;
    here = met == Known::Yes ? Known::No : Known::Maybe;
    return here != Known::No && !verdicts_.is_open();
  }

  Known run_foreign(const PreparedChain& chain, MarkState& mark, OriginId led_by) {
    end(Verdict::Drop, mark, led_by);
    if (chain.foreign == ForeignChain::Anything) {
      // It may write any mark, too.
      mark.known = 0;
      end(Verdict::Accept, mark, led_by);
    }
    return Known::Maybe;
  }

  [[nodiscard]] bool devices_known() const {
    return packet_.opening.in != DeviceId::Unknown && packet_.opening.out != DeviceId::Unknown;
  }

  Prepared& prepared_;
  PreparedTable& table_;
  Packet packet_;
  Verdicts verdicts_;
};

}  // namespace

Evaluator::Prepared::Prepared(const Ruleset& ruleset, const Options& options) : layout(options.layout), sets(ruleset) {
  for (const Origin& origin : ruleset.origins) is_of_policy.push_back(!origin.place.empty());
  for (const net::Family family : net::kFamilies) {
    const Table& filter = ruleset.rules(family).table(TableName::Filter);
    PreparedTable& table = tables[static_cast<std::size_t>(family)];
    table.chains.resize(filter.chains().size());
    for (std::size_t i = 0; i < filter.chains().size(); ++i)
      prepare_chain(filter.chains()[i], family, options, table.chains[i]);
    for (const Hook hook : hooks_of(TableName::Filter))
      table.builtin[static_cast<std::size_t>(hook)] = static_cast<std::uint32_t>(filter.builtin(hook));
  }
}

void Evaluator::Prepared::prepare_chain(const Chain& chain, net::Family family, const Options& options,
                                        PreparedChain& prepared) {
  prepared.policy_drop = chain.policy_drop;
  if (chain.kind == ChainKind::Foreign)
    prepared.foreign = options.foreign ? options.foreign(family, chain.name) : ForeignChain::Anything;
  std::vector<Tuple> tuples;
  for (const Rule& rule : chain.rules) {
    auto one = prepare(rule, devices, sets);
    if (!one) continue;
    tuples.push_back(tuple_of(rule, *one));
    prepared.rules.push_back(std::move(*one));
  }
  if (prepared.rules.size() > kLinear) prepared.index.emplace(std::move(tuples));
}

Evaluator::Evaluator(const Ruleset& ruleset, const Options& options)
    : prepared_(std::make_unique<Prepared>(ruleset, options)) {}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;

DeviceId Evaluator::device(std::string_view name) { return prepared_->devices.number(name); }

Decision Evaluator::decide(const Opening& opening) {
  PreparedTable& table = prepared_->tables[static_cast<std::size_t>(opening.family)];
  return Walk<Prepared>(*prepared_, table, opening).run();
}

}  // namespace vuurmuur::ir
